import CallRecording
import RelayPlanning

/// What the control side knows of the recordings that last.
struct RecordingDesk {
    /// One recording.
    struct Active {
        let id: RecordingID
        /// Where its capture is.
        var path: String
        /// What the controller last said of it.
        var metadata: String?
        var isPaused = false
        /// What the call's ports had lost when it began.
        var lostBefore: UInt64
        /// What was lost of it when the log last spoke of that.
        var reportedLost: UInt64 = 0
    }

    /// Nil if nothing is recorded at all.
    let recorder: CallRecorder?
    /// By call-id.
    var active: [String: Active] = [:]
    private var lastID: UInt32 = 0

    init(recorder: CallRecorder?) { self.recorder = recorder }

    /// A number that no recording had before.
    mutating func makeID() -> RecordingID {
        self.lastID &+= 1
        return RecordingID(rawValue: self.lastID)
    }

    /// The call that has a recording.
    func call(of id: RecordingID) -> String? { self.active.first { $0.value.id == id }?.key }
}
