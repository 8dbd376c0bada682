import CallControl
import ControlProtocols

/// Statistics of the whole daemon over NG.
extension Relay {
    /// `statistics`.
    func answerStatistics(_ answer: @escaping (NGReply) -> Void) {
        answer(.error(NGError.unsupportedCommand("statistics")))
    }

    /// `cli`.
    func answerCLI(_ line: String, _ answer: @escaping (NGReply) -> Void) {
        answer(.error(NGError.unsupportedCommand("cli")))
    }
}
