import CallControl
import ControlProtocols

/// Statistics of the whole daemon over NG.
extension Relay {
    /// `statistics`.
    func answerStatistics(_ answer: @escaping (NGReply) -> Void) {
        answer(NGReply(["statistics": self.daemonStatistics().tree.ngValue, "result": "ok"]))
    }

    /// `cli`.
    func answerCLI(_ line: String, _ answer: @escaping (NGReply) -> Void) {
        self.perform(commandLine: line, from: "NG") { text in
            answer(NGReply(["response": .text(text), "result": "ok"]))
        }
    }
}
