import CallControl
import ControlProtocols

/// Commands that choose parties of a call.
extension PureRelay {
    func performOnParties(_ command: NGCommand) -> NGReply {
        do {
            switch command {
            case .block(let request): self.apply(try self.calls.block(request))
            case .publish(let request): return try self.publish(request)
            case .subscribeRequest(let request): return try self.subscribe(request)
            case .subscribeAnswer(let message):
                self.apply(try self.calls.subscribeAnswer(message, at: self.now).actions)
            case .unsubscribe(let selection): self.apply(try self.calls.unsubscribe(selection).actions)
            case .connect(let request): self.apply(try self.calls.connect(request, at: self.now).actions)
            default: return .error("not performed here")
            }
            return .ok
        } catch let error as CallError {
            return .error(error.reason)
        } catch {
            return .error("\(error)")
        }
    }

    private func publish(_ request: PublishRequest) throws -> NGReply {
        let outcome = try self.calls.publish(request, at: self.now, ports: self.ports) { "MADE" }
        self.apply(outcome.actions)
        return NGReply.published(sdp: outcome.sdp, callID: outcome.callID, fromTag: outcome.fromTag)
            .adding(warnings: outcome.warnings)
    }

    private func subscribe(_ request: SubscribeRequest) throws -> NGReply {
        let offer = try self.calls.subscribe(request, at: self.now, ports: self.ports) { "MADE" }
        self.apply(offer.actions)
        return NGReply.subscribed(
            sdp: offer.sdp, toTag: offer.toTag, sections: offer.sections, isSIPREC: request.isSIPREC
        ).adding(warnings: offer.warnings)
    }
}
