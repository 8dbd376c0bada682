import CallControl
import ControlProtocols
import Logging
import RelayPlanning
import UserspaceForwarding

/// Publishers, subscribers, and parties of different calls.
extension Relay {
    /// `publish`.
    func publish(_ request: PublishRequest, from peer: String, at now: SignallingTime) -> NGReply {
        let outcome: Publication
        do {
            outcome = try self.calls.publish(request, at: now, ports: self.ports, newName: Self.newName)
        } catch {
            let reply = self.refuse("publish", error, call: request.callID)
            guard error.isLoadLimit else { return reply }
            return .loadLimit(error.reason, isSupported: request.options.supportsLoadLimit)
        }
        let logger = self.logger(for: outcome.callID)
        logger.info("publish from \(peer)", metadata: ["from-tag": "\(outcome.fromTag)"])
        self.logDescriptions(logger, "publish", came: request.sdp, went: outcome.sdp)
        self.controllers[outcome.callID] = peer
        self.perform(outcome.actions, of: outcome.callID)
        let notRecorded = self.record(
            request.options, ofTag: outcome.fromTag, in: outcome.callID, as: "publish", sdp: outcome.sdp,
            at: now)
        let reply = NGReply.published(
            sdp: outcome.sdp, callID: outcome.callID, fromTag: outcome.fromTag)
        return self.tell(outcome.warnings, of: "publish", call: outcome.callID, in: reply)
            .adding(warnings: notRecorded)
    }

    /// `subscribe request`.
    func subscribe(_ request: SubscribeRequest, from peer: String, at now: SignallingTime) -> NGReply {
        let call = request.parties.selector.callID
        let offer: SubscriptionOffer
        do {
            offer = try self.calls.subscribe(request, at: now, ports: self.ports, newTag: Self.newName)
        } catch {
            return self.refuse("subscribe request", error, call: call)
        }
        let logger = self.logger(for: call, isDebugged: request.options.debug)
        logger.info("subscribe request from \(peer)", metadata: request.parties.metadata)
        logger.debug("subscribe request out:\n\(String(decoding: offer.sdp, as: UTF8.self))")
        self.perform(offer.actions, of: call)
        let notRecorded = self.record(
            request.options, ofTag: offer.toTag, in: call, as: "subscribe request", sdp: offer.sdp, at: now)
        let reply = NGReply.subscribed(
            sdp: offer.sdp, toTag: offer.toTag, sections: offer.sections, isSIPREC: request.isSIPREC)
        return self.tell(offer.warnings, of: "subscribe request", call: call, in: reply)
            .adding(warnings: notRecorded)
    }

    /// `subscribe answer`.
    func subscribeAnswer(_ request: OfferAnswer, from peer: String, at now: SignallingTime) -> NGReply {
        let call = request.selector.callID
        let logger = self.logger(for: call)
        logger.debug("subscribe answer in:\n\(String(decoding: request.sdp, as: UTF8.self))")
        return self.change("subscribe answer", of: call, request.selector.metadata) { () throws(CallError) in
            try self.calls.subscribeAnswer(request, at: now)
        }
    }

    /// `unsubscribe`.
    func unsubscribe(_ selection: PartySelection, at now: SignallingTime) -> NGReply {
        self.change("unsubscribe", of: selection.selector.callID, selection.metadata) {
            () throws(CallError) in
            try self.calls.unsubscribe(selection)
        }
    }

    /// `connect`.
    func connect(_ request: ConnectRequest, from peer: String, at now: SignallingTime) -> NGReply {
        let call = request.selector.callID
        do {
            let outcome = try self.calls.connect(request, at: now)
            var metadata = request.selector.metadata
            if let other = request.toCallID { metadata["to-call-id"] = "\(other)" }
            self.logger(for: call).info("connect", metadata: metadata)
            self.controllers[outcome.callID] = peer
            self.perform(outcome.actions, of: outcome.callID)
            if let absorbed = outcome.absorbed {
                self.controllers[absorbed.callID] = nil
                self.joinRecordings(of: absorbed.callID, ports: absorbed.ports, into: outcome.callID)
            }
            return self.tell(outcome.warnings, of: "connect", call: call, in: .ok)
        } catch {
            return self.refuse("connect", error, call: call)
        }
    }

    /// Ports of another call come to a call's worker, where ports that name each other have to be; flows of theirs leave
    /// the kernel before plans change.
    func adopt(_ ports: [RelayPortID], by call: String) {
        for port in ports { self.callOfPort[port] = call }
        do {
            try self.userspace.move(ports, toWorker: self.worker(for: call))
        } catch {
            self.logLimited(
                "ports not moved", as: .error, call: call,
                "\(ports.count) ports of a call that was joined stay with another worker: \(error)")
        }
    }

    private func change(
        _ name: String, of call: String, _ metadata: Logger.Metadata,
        _ perform: () throws(CallError) -> SubscriptionChange
    ) -> NGReply {
        do {
            let change = try perform()
            self.logger(for: call).info("\(name)", metadata: metadata)
            self.perform(change.actions, of: call)
            return self.tell(change.warnings, of: name, call: call, in: .ok)
        } catch {
            return self.refuse(name, error, call: call)
        }
    }

    /// Says in log and reply what was not obeyed.
    private func tell(_ warnings: [String], of name: String, call: String, in reply: NGReply) -> NGReply {
        guard !warnings.isEmpty else { return reply }
        for warning in warnings { self.logLimited("\(name) not obeyed", call: call, "\(name): \(warning)") }
        return reply.warning(warnings.joined(separator: "; "))
    }

    private func logDescriptions(_ logger: Logger, _ name: String, came: [UInt8], went: [UInt8]) {
        logger.debug("\(name) in:\n\(String(decoding: came, as: UTF8.self))")
        logger.debug("\(name) out:\n\(String(decoding: went, as: UTF8.self))")
    }

    /// 128 random bits in hexadecimal, for call-ids and tags nobody gave.
    private static func newName() -> String {
        (0..<4).map { _ in
            let digits = String(UInt32.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }
}
