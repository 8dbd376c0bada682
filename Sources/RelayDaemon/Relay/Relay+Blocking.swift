import CallControl
import ControlProtocols

/// Blocking of DTMF and media.
extension Relay {
    /// `block DTMF` and its like.
    func block(_ request: BlockRequest, at now: SignallingTime) -> NGReply {
        .error(NGError.unsupportedCommand("block"))
    }
}
