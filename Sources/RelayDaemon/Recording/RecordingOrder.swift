import CallRecording
import RelayPlanning

/// What the control side asks of the writer.
enum RecordingOrder: Sendable {
    /// Make the files.
    case begin(RecordingID, RecordingStart)
    /// Add an SDP to the metadata.
    case describe(RecordingID, RecordingMetadata.Description)
    /// Add a line about a pause that begins or ends.
    case pause(RecordingID, isBeginning: Bool, unixMicroseconds: Int64)
    /// Finish the files; nothing more will come.
    case finish(RecordingID, RecordingEnd)

    /// True if nothing of the recording comes after it.
    var isEnd: Bool { if case .finish = self { true } else { false } }

    /// About how much memory it takes.
    var octets: Int {
        let own = 1024
        if case .describe(_, let description) = self { return own + description.sdp.count }
        return own
    }

    /// True if it adds to the metadata of a recording what happened up to a moment, in microseconds since 1970.
    func isNote(on recording: RecordingID, until moment: Int64) -> Bool {
        switch self {
        case .describe(let id, let description): id == recording && description.unixMicroseconds <= moment
        case .pause(let id, _, let time): id == recording && time <= moment
        case .begin, .finish: false
        }
    }
}

/// What a recording begins with.
struct RecordingStart: Sendable {
    /// The call-id.
    var call: String
    var place: RecordingPlace
    /// When the call began, in microseconds since 1970.
    var callCreated: Int64
}

/// What a recording ends with.
struct RecordingEnd: Sendable {
    /// The files are removed.
    var discards = false
    /// When the call ended, in microseconds since 1970; 0 if it goes on.
    var terminated: Int64 = 0
    /// What the controller said of it.
    var metadata: String?
    /// Packets that are not in the file because the writer was too slow.
    var lostPackets: UInt64 = 0
}

/// What the writer tells the control side.
enum RecordingNews: Sendable {
    /// The capture was made, under this path.
    case began(RecordingID, path: String)
    /// The recording is over because of something that the log says.
    case failed(RecordingID)
}

/// What was done since the start, for metrics.
struct RecordingTotals: Sendable, Equatable {
    /// Recordings whose files are open.
    var active = 0
    var started: UInt64 = 0
    var finished: UInt64 = 0
    var discarded: UInt64 = 0
    var failed: UInt64 = 0
    var packets: UInt64 = 0
    /// Octets written to captures.
    var octets: UInt64 = 0
}
