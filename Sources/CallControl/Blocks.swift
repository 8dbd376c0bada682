public import ControlProtocols
import RelayPlanning

/// What of the parties' media is thrown away (ng.md 1.4, `block DTMF`, `block media`; 2.1, `drop-traffic`).
extension CallTable {
    /// Blocks media or telephone events, or lets them pass again; returns what the forwarders have to do.
    public mutating func block(_ request: BlockRequest) throws(CallError) -> [RelayAction] {
        let id = self.primaryID(of: request.parties.selector.callID)
        guard var call = self.calls[id] else { throw .noCall }
        try call.block(request)
        let actions = call.takePlanChanges()
        self.calls[id] = call
        return actions
    }
}

extension BlockRequest.Kind {
    var blocks: MediaBlocks {
        switch self {
        case .dtmf: .events
        case .media: .media
        }
    }
}

extension Call {
    mutating func block(_ request: BlockRequest) throws(CallError) {
        try self.applyBlock(request)
        guard let label = request.newLabel else { return }
        // Nobody has to have the from-tag: controllers add that of whatever message they handle.
        guard let party = try? self.party(chosenBy: request.parties, needsDirectional: false),
            let index = self.index(of: party.id)
        else { return }
        self.parties[index].label = label
    }

    private mutating func applyBlock(_ request: BlockRequest) throws(CallError) {
        let kind = request.kind.blocks
        let selection = request.parties
        if selection.everyone != .all,
            let party = try self.party(chosenBy: selection, needsDirectional: true),
            let index = self.index(of: party.id)
        {
            if request.kind == .media, let receivers = try self.receivers(of: party, chosenBy: selection) {
                self.parties[index].blockedTowards.set(receivers, request.isBlocking)
            } else {
                self.parties[index].blocks.set(kind, request.isBlocking)
            }
            return
        }
        self.blocks.set(kind, request.isBlocking)
        guard selection.everyone == .all, !request.isBlocking else { return }
        for index in self.parties.indices {
            self.parties[index].blocks.remove(kind)
            if request.kind == .media { self.parties[index].blockedTowards = [] }
        }
    }

    /// The parties towards which a party's media is meant; nil if none are named, which means all of its media.
    private func receivers(
        of party: Party, chosenBy selection: PartySelection
    ) throws(CallError) -> Set<PartyID>? {
        if let tag = selection.selector.toTag {
            guard let receiver = self.party(tag: tag) else {
                throw .unmatched(reason: NGReason.flowWithoutToTag, detail: "no party has the tag \(tag)")
            }
            return [try self.checkFlow(from: party, to: receiver)]
        }
        if let label = selection.toLabel {
            guard let receiver = self.party(label: label) else {
                throw .unmatched(
                    reason: NGReason.flowWithoutToLabel, detail: "no party has the label \(label)")
            }
            return [try self.checkFlow(from: party, to: receiver)]
        }
        let peers = Set([party.peer].compactMap { $0 })
        let subscribers = Set(self.subscribers(of: party.id))
        let receivers: Set<PartyID>
        switch selection.everyone {
        case nil, .all: return nil
        case .offerAnswer: receivers = peers
        case .exceptOfferAnswer: receivers = subscribers
        case .flows: receivers = peers.union(subscribers)
        }
        guard !receivers.isEmpty else {
            throw .unmatched(reason: NGReason.noFlowOfKind, detail: "its media goes to nobody of that kind")
        }
        return receivers
    }

    private func checkFlow(from party: Party, to receiver: Party) throws(CallError) -> PartyID {
        guard party.peer == receiver.id || self.subscribers(of: party.id).contains(receiver.id) else {
            throw .unmatched(
                reason: NGReason.flowNotSubscribed,
                detail: "\(receiver.tag ?? "the party") gets nothing of \(party.tag ?? "the other")")
        }
        return receiver.id
    }

    /// Obeys `drop-traffic` and `block-dtmf` of an offer or answer.
    mutating func applyBlocks(of options: OfferAnswerOptions, sender: PartyID) {
        if let drops = options.dropsTraffic { self.blocks.set(.traffic, drops) }
        if options.blocksDTMF, let index = self.index(of: sender) {
            self.parties[index].blocks.insert(.events)
        }
    }

    /// What of a party's media is thrown away in all.
    func blocks(of party: Party) -> MediaBlocks {
        let blocks = self.blocks.union(party.blocks)
        guard let peer = party.peer, party.blockedTowards.contains(peer) else { return blocks }
        return blocks.union(.media)
    }
}

extension PortPlan {
    /// Notes what is thrown away of what arrives; RTCP goes on unless all traffic is meant.
    mutating func take(_ blocks: MediaBlocks, events: PayloadTypeSet) {
        self.blocks = self.component == .rtp ? blocks : blocks.intersection(.traffic)
        self.eventPayloadTypes = events
    }
}

extension PartyMedia {
    /// The payload types of telephone events the party may send: those of the other side's SDP and of its own.
    func eventPayloadTypes(towards other: PartyMedia?) -> PayloadTypeSet {
        guard self.isRTP else { return PayloadTypeSet() }
        return PayloadTypeSet(self.eventPayloadTypes + (other?.eventPayloadTypes ?? []))
    }
}

extension SetAlgebra {
    /// Puts members in or takes them out.
    fileprivate mutating func set(_ members: Self, _ isIn: Bool) {
        if isIn { self.formUnion(members) } else { self.subtract(members) }
    }
}
