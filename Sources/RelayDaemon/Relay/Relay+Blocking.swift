import CallControl
import ControlProtocols
import Logging

/// Blocking of DTMF and media.
extension Relay {
    /// `block DTMF` and its like.
    func block(_ request: BlockRequest, at now: SignallingTime) -> NGReply {
        let selection = request.parties
        let name = NGCommand.block(request).name
        let call = selection.selector.callID
        do {
            let actions = try self.calls.block(request)
            self.logger(for: call).info("\(name)", metadata: selection.metadata)
            self.perform(actions, of: call)
            return .ok
        } catch {
            return self.refuse(name, error, call: call)
        }
    }

    /// Logs why a command was refused, and answers it.
    func refuse(_ name: String, _ error: CallError, call: String?) -> NGReply {
        self.requests.errors += 1
        self.logLimited(
            "\(name): \(error.reason)", call: call, "\(name) refused: \(error.reason) (\(error.detail))")
        return .error(error.reason)
    }
}

extension PartySelection {
    /// What was chosen, for a log line.
    var metadata: Logger.Metadata {
        var metadata = self.selector.metadata
        if let label = self.label { metadata["label"] = "\(label)" }
        if let address = self.address { metadata["address"] = "\(address)" }
        if !self.fromTags.isEmpty { metadata["from-tags"] = "\(self.fromTags.joined(separator: " "))" }
        if let everyone = self.everyone { metadata["all"] = "\(everyone.rawValue)" }
        return metadata
    }
}
