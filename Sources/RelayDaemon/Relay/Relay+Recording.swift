import CallControl
import ControlProtocols

/// Recording of calls.
extension Relay {
    /// `start recording`.
    func startRecording(_ request: RecordingRequest, at now: SignallingTime) -> NGReply {
        .error(NGError.unsupportedCommand("start recording"))
    }
    /// `pause recording`.
    func pauseRecording(_ request: RecordingRequest, at now: SignallingTime) -> NGReply {
        .error(NGError.unsupportedCommand("pause recording"))
    }
    /// `stop recording`.
    func stopRecording(_ request: RecordingRequest, at now: SignallingTime) -> NGReply {
        .error(NGError.unsupportedCommand("stop recording"))
    }
}
