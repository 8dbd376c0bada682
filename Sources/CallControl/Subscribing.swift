public import ControlProtocols
import RelayPlanning
import SDPGrammar

/// The offer of copies to a subscriber.
public struct SubscriptionOffer: Sendable {
    /// The SDP for the subscriber.
    public var sdp: [UInt8]
    /// The subscriber's tag.
    public var toTag: String
    /// Where each section comes from, in their order; sections offered with port 0 are left out.
    public var sections: [SubscribedSection]
    /// What the forwarders have to do.
    public var actions: [RelayAction]
    /// What was not obeyed.
    public var warnings: [String]
}

/// What a command about publishers and subscribers changed.
public struct SubscriptionChange: Sendable {
    /// What the forwarders have to do.
    public var actions: [RelayAction]
    /// What was not obeyed.
    public var warnings: [String]
}

/// `subscribe request`, `subscribe answer` and `unsubscribe` (ng.md 1.4).
extension CallTable {
    /// Offers copies of what parties send.
    ///
    /// - Parameter newTag: makes up the subscriber's tag if the request names none.
    public mutating func subscribe(
        _ request: SubscribeRequest, at now: SignallingTime, ports: some PortReserving,
        newTag: () -> String
    ) throws(CallError) -> SubscriptionOffer {
        let id = self.primaryID(of: request.parties.selector.callID)
        guard let call = self.calls[id] else { throw .noCall }
        var exchange = SubscriptionExchange(
            request: request, settings: self.settings, now: now, lease: PortLease(ports: ports), call: call)
        var offer = try exchange.run(toTag: request.parties.selector.toTag ?? newTag())
        offer.actions = exchange.call.takePlanChanges()
        self.calls[id] = exchange.call
        return offer
    }

    /// Takes the subscriber's answer; what it does not want is not copied.
    public mutating func subscribeAnswer(
        _ message: OfferAnswer, at now: SignallingTime
    ) throws(CallError) -> SubscriptionChange {
        let id = self.primaryID(of: message.selector.callID)
        guard var call = self.calls[id] else { throw .noCall }
        let session = try Self.parse(message.sdp)
        guard let tag = message.selector.toTag, let subscriber = call.subscriber(tag: tag),
            let index = call.index(of: subscriber.id)
        else {
            throw .unmatched(
                reason: NGReason.toTagNotFound, detail: "there is no subscriber with that to-tag")
        }
        try call.takeAnswer(session, of: index, message: message, settings: self.settings)
        call.lastSignal = now
        let actions = call.takePlanChanges()
        self.calls[id] = call
        self.scheduleCheck(of: id, at: now.monotonic)
        return SubscriptionChange(actions: actions, warnings: [])
    }

    /// Ends a subscription, or with `directional` the part of it that comes from from-tag.
    public mutating func unsubscribe(_ selection: PartySelection) throws(CallError) -> SubscriptionChange {
        let id = self.primaryID(of: selection.selector.callID)
        guard var call = self.calls[id] else { throw .noCall }
        guard let tag = selection.selector.toTag, let subscriber = call.subscriber(tag: tag) else {
            throw .unmatched(
                reason: NGReason.toTagNotFound, detail: "there is no subscriber with that to-tag")
        }
        if selection.isDirectional, let fromTag = selection.selector.fromTag {
            guard let source = call.party(tag: fromTag) else {
                throw .unmatched(
                    reason: NGReason.fromTagNotFound, detail: "no party has the tag \(fromTag)")
            }
            call.unsubscribe(subscriber.id, from: source.id)
        } else {
            call.removeParty(subscriber.id)
        }
        let actions = call.takePlanChanges()
        self.calls[id] = call
        return SubscriptionChange(actions: actions, warnings: [])
    }
}

extension Call {
    fileprivate mutating func unsubscribe(_ subscriber: PartyID, from source: PartyID) {
        guard let index = self.index(of: subscriber) else { return }
        let sources = self.parties[index].subscription?.sources ?? []
        for (section, wanted) in sources.enumerated() where wanted?.party == source {
            self.parties[index].subscription?.sources[section] = nil
            self.parties[index].media[section].dropPorts()
        }
        if !self.isAttached(self.parties[index]) { self.removeParty(subscriber) }
    }

    /// Reads an answer into the subscriber's sections; those it leaves out stay without copies.
    fileprivate mutating func takeAnswer(
        _ session: SessionDescription, of index: Int, message: OfferAnswer, settings: RelaySettings
    ) throws(CallError) {
        guard session.media.count <= self.parties[index].media.count else {
            throw .unmatched(
                reason: NGReason.failedSubscriptionAnswer,
                detail: "\(session.media.count) sections answer \(self.parties[index].media.count)")
        }
        let source = message.options.believedSource(
            message.receivedFrom, of: session, settings: settings)
        var media = self.parties[index].media
        for (section, description) in session.media.enumerated() {
            let facts = try SectionFacts(description, of: session, sourceAddress: source)
            guard media[section].ports != nil else { continue }
            media[section].take(facts)
            let accepts = media[section].wantsMux && media[section].wasOfferedMux
            // Required multiplexing was in force before the answer, whatever it says.
            media[section].isMuxing = media[section].isRTP && (accepts || media[section].isMuxing)
            if facts.isRejected { media[section].dropPorts() }
        }
        self.parties[index].media = media
        self.parties[index].lastSDP = message.sdp
        if let source = message.receivedFrom { self.parties[index].receivedFrom = source }
    }
}
