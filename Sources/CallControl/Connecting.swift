public import ControlProtocols
public import RelayPlanning
import SDPGrammar

/// What a `connect` did.
public struct JoinedCall: Sendable {
    /// The call that both ids name now.
    public var callID: String
    /// The call that it took in, with the ports it had; nil if there was one call only.
    public var absorbed: (callID: String, ports: [RelayPortID])?
    /// What the forwarders have to do.
    public var actions: [RelayAction]
    /// What will not work between the two.
    public var warnings: [String]
}

/// `connect`: two parties of one call or of two exchange media from now on (ng.md 1.4).
extension CallTable {
    /// Joins two parties; two calls become one, which both ids name.
    ///
    /// Without `directional` both leave the dialogues they were in, and nobody else hears them any more.
    public mutating func connect(
        _ request: ConnectRequest, at now: SignallingTime
    ) throws(CallError) -> JoinedCall {
        let id = self.primaryID(of: request.selector.callID)
        guard var call = self.calls[id] else { throw .noCall }
        let from = try call.connectable(tag: request.selector.fromTag, NGReason.unknownFromTag)
        let otherID = request.toCallID.map { self.primaryID(of: $0) } ?? id
        guard let other = self.calls[otherID] else {
            throw .unmatched(
                reason: NGReason.unknownOtherCallID, detail: "no call \(request.toCallID ?? otherID)")
        }
        let to = try other.connectable(tag: request.selector.toTag, NGReason.toTagNotFound)
        var actions: [RelayAction] = []
        var partner = to.id
        if otherID != id {
            let offset = call.nextPartyID
            actions.append(try call.absorb(other))
            partner = PartyID(rawValue: to.id.rawValue + offset)
        }
        guard partner != from.id else {
            throw .unmatched(
                reason: NGReason.connectToSelf, detail: "from-tag and to-tag name the same party")
        }
        call.join(from.id, partner, isDirectional: request.isDirectional)
        let warnings = call.obstacles(between: from.id, and: partner)
        call.lastSignal = now
        actions += call.takePlanChanges()
        let absorbed = otherID == id ? nil : (callID: otherID, ports: Array(other.plans.keys))
        if absorbed != nil { self.drop(other, into: id) }
        self.calls[id] = call
        self.scheduleCheck(of: id, at: now.monotonic)
        return JoinedCall(callID: id, absorbed: absorbed, actions: actions, warnings: warnings)
    }

    /// From now on the ids of a call that was absorbed name the other one.
    private mutating func drop(_ absorbed: Call, into id: String) {
        self.calls[absorbed.id] = nil
        for name in [absorbed.id] + absorbed.otherIDs { self.aliases[name] = id }
    }

    /// The id under which a call is kept: the one it is given, unless that names a call that was joined to another.
    public func primaryID(of id: String) -> String {
        guard !self.aliases.isEmpty else { return id }
        return self.aliases[id] ?? id
    }

    /// Forgets the further names of a call that ends.
    mutating func forgetNames(of call: Call) {
        for name in call.otherIDs { self.aliases[name] = nil }
    }
}

extension Call {
    fileprivate func connectable(tag: String?, _ reason: String) throws(CallError) -> Party {
        guard let tag, let party = self.party(tag: tag) else {
            throw .unmatched(reason: reason, detail: "no party has the tag \(tag ?? "")")
        }
        guard party.subscription == nil else {
            throw .invalidDialogue("\(tag) is a subscriber and cannot be connected")
        }
        return party
    }

    /// Takes in another call's parties and ports.
    fileprivate mutating func absorb(_ other: Call) throws(CallError) -> RelayAction {
        let tags = Set(self.parties.compactMap(\.tag))
        guard tags.isDisjoint(with: other.parties.compactMap(\.tag)) else {
            throw .unmatched(reason: NGReason.failedMerge, detail: "a tag is in both calls")
        }
        guard self.parties.count + other.parties.count <= CallLimits.parties,
            self.subscriberCount + other.subscriberCount <= CallLimits.subscribers
        else { throw .tooLarge("the calls have more than \(CallLimits.parties) parties together") }
        guard self.otherIDs.count + other.otherIDs.count < CallLimits.otherIDs else {
            throw .tooLarge("the call was made of \(CallLimits.otherIDs) calls already")
        }
        let offset = self.nextPartyID
        for party in other.parties { self.parties.append(party.renumbered(by: offset)) }
        self.nextPartyID += other.nextPartyID
        self.nextLabel += other.nextLabel
        self.plans.merge(other.plans) { one, _ in one }
        self.clockRates.merge(other.clockRates) { one, _ in one }
        self.blocks.formUnion(other.blocks)
        self.isAnswered = self.isAnswered || other.isAnswered
        self.debug = self.debug || other.debug
        // Without a gap; whose files it goes on in is for who keeps them to say.
        self.recording = self.recording ?? other.recording
        self.deletionDue = nil
        self.otherIDs += [other.id] + other.otherIDs
        return .adopt(other.plans.keys.sorted(), by: self.id)
    }

    /// Makes media flow between two parties, or from the first to the second only.
    fileprivate mutating func join(_ from: PartyID, _ to: PartyID, isDirectional: Bool) {
        guard let fromIndex = self.index(of: from), let toIndex = self.index(of: to) else { return }
        if isDirectional {
            self.parties[fromIndex].peer = to
        } else {
            for index in self.parties.indices { self.parties[index].associates.subtract([from, to]) }
            for index in [fromIndex, toIndex] { self.parties[index].associates = [] }
            self.connect(from, to)
        }
        self.associate(from, to)
        for index in [fromIndex, toIndex] { self.parties[index].deletionDue = nil }
    }

    /// What keeps two parties from understanding each other; no codec is translated here.
    fileprivate func obstacles(between one: PartyID, and other: PartyID) -> [String] {
        guard let first = self.party(one), let second = self.party(other),
            let mine = try? SessionDescription(parsing: first.lastSDP),
            let theirs = try? SessionDescription(parsing: second.lastSDP)
        else { return [] }
        var warnings: [String] = []
        for (index, (left, right)) in zip(mine.media, theirs.media).enumerated() {
            let number = index + 1
            if left.transportProtocol.isSecureTransportProtocol
                != right.transportProtocol.isSecureTransportProtocol
            {
                warnings.append(
                    "connect: section \(number) is encrypted on one side only, nothing translates")
            } else if left.isRTP, right.isRTP, !left.rtpMaps.contains(where: { right.rtpMaps.contains($0) }) {
                warnings.append(
                    "connect: the parties share no codec in section \(number), nothing transcodes")
            }
        }
        return warnings
    }
}

extension Party {
    /// The same party in another call, where ids begin higher.
    fileprivate func renumbered(by offset: Int) -> Party {
        func moved(_ id: PartyID) -> PartyID { PartyID(rawValue: id.rawValue + offset) }
        var party = self
        party.id = moved(self.id)
        party.peer = self.peer.map(moved)
        party.associates = Set(self.associates.map(moved))
        party.blockedTowards = Set(self.blockedTowards.map(moved))
        let sources = self.subscription?.sources ?? []
        for (index, source) in sources.enumerated() {
            party.subscription?.sources[index]?.party = source.map { moved($0.party) } ?? self.id
        }
        return party
    }
}
