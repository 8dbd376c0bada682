import ControlProtocols

/// Which party wrote an SDP and which one will read it.
struct Dialogue: Sendable, Hashable {
    var sender: PartyID
    var receiver: PartyID
}

/// How tags and branches of a command find, name or make the two parties of a dialogue.
extension Call {
    /// The parties of an offer: from-tag wrote it. A party that is not known yet is made.
    mutating func dialogue(
        ofOffer selector: CallSelector, fromTag: String, at now: SignallingTime
    ) throws(CallError)
        -> Dialogue
    {
        let sender = try self.offerer(tag: fromTag, toTag: selector.toTag, at: now)
        let receiver = try self.offeree(of: sender, selector: selector, at: now)
        self.associate(sender, receiver)
        if let index = self.index(of: sender), self.parties[index].peer == nil {
            self.parties[index].peer = receiver
        }
        if let index = self.index(of: receiver), self.parties[index].peer == nil {
            self.parties[index].peer = sender
        }
        return Dialogue(sender: sender, receiver: receiver)
    }

    /// The parties of an answer: the tags are the dialogue's, so to-tag wrote it.
    mutating func dialogue(
        ofAnswer selector: CallSelector, fromTag: String, toTag: String
    ) throws(CallError)
        -> Dialogue
    {
        guard let offerer = self.party(tag: fromTag) ?? self.onlyWaitingOfferer(renamed: fromTag) else {
            throw .invalidDialogue("no party of this call has the from-tag \(fromTag)")
        }
        guard let answerer = self.answerer(to: offerer, tag: toTag, viaBranch: selector.viaBranch) else {
            throw .invalidDialogue("the party \(fromTag) has made no offer that \(toTag) could answer")
        }
        self.associate(answerer, offerer.id)
        self.connect(answerer, offerer.id)
        return Dialogue(sender: answerer, receiver: offerer.id)
    }

    /// The one party that waits for its first answer, if a controller names it otherwise in the answer than in the offer
    /// (Kamailio with `from-tag=` in the flags of the offer only).
    private mutating func onlyWaitingOfferer(renamed tag: String) -> Party? {
        let waiting = self.parties.filter { party in
            party.tag != nil && self.associates(of: party).contains { $0.tag == nil }
        }
        guard waiting.count == 1, let index = waiting.first.flatMap({ self.index(of: $0.id) }),
            self.parties[index].formerTags.count < CallLimits.parties
        else { return nil }
        self.parties[index].formerTags.append(tag)
        return self.parties[index]
    }

    private mutating func offerer(
        tag: String, toTag: String?, at now: SignallingTime
    ) throws(CallError) -> PartyID {
        if let party = self.party(tag: tag) { return party.id }
        if let toTag, let other = self.party(tag: toTag),
            let untagged = self.associates(of: other).first(where: { $0.tag == nil })
        {
            self.setTag(tag, of: untagged.id)
            return untagged.id
        }
        return try self.makeParty(tag: tag, viaBranch: nil, at: now)
    }

    private mutating func offeree(
        of sender: PartyID, selector: CallSelector, at now: SignallingTime
    )
        throws(CallError) -> PartyID
    {
        guard let party = self.party(sender) else { return sender }
        let associates = self.associates(of: party)
        if let toTag = selector.toTag {
            if let known = self.party(tag: toTag), known.id != sender { return known.id }
            let untagged = associates.filter { $0.tag == nil }
            if let heir = untagged.first(where: { $0.viaBranch == selector.viaBranch }) ?? untagged.first {
                self.setTag(toTag, of: heir.id)
                return heir.id
            }
            return try self.makeParty(tag: toTag, viaBranch: selector.viaBranch, at: now)
        }
        if let branch = selector.viaBranch {
            if let known = associates.first(where: { $0.viaBranch == branch }) { return known.id }
            return try self.makeParty(tag: nil, viaBranch: branch, at: now)
        }
        if let peer = party.peer { return peer }
        if let first = associates.first { return first.id }
        return try self.makeParty(tag: nil, viaBranch: nil, at: now)
    }

    private mutating func answerer(to offerer: Party, tag: String, viaBranch: String?) -> PartyID? {
        if let known = self.party(tag: tag), known.id != offerer.id {
            self.setTag(tag, of: known.id)
            return known.id
        }
        let associates = self.associates(of: offerer)
        let branch = viaBranch.flatMap { branch in associates.first { $0.viaBranch == branch } }
        // A further to-tag of the same offer is a fork we cannot tell apart by port: the same party, by its new name.
        guard let heir = branch ?? associates.first(where: { $0.tag == nil }) ?? self.party(offerer.peer)
        else {
            return nil
        }
        self.setTag(tag, of: heir.id)
        return heir.id
    }

    private func associates(of party: Party) -> [Party] {
        self.parties.filter { party.associates.contains($0.id) }
    }

    /// Names a party; a name it had before stays valid for later commands.
    private mutating func setTag(_ tag: String, of party: PartyID) {
        guard let index = self.index(of: party), self.parties[index].tag != tag else { return }
        if let old = self.parties[index].tag, self.parties[index].formerTags.count < CallLimits.parties {
            self.parties[index].formerTags.append(old)
        }
        self.parties[index].formerTags.removeAll { $0 == tag }
        self.parties[index].tag = tag
    }

    mutating func makeParty(
        tag: String?, viaBranch: String?, at now: SignallingTime
    ) throws(CallError)
        -> PartyID
    {
        guard self.parties.count < CallLimits.parties else {
            throw .tooLarge("the call has \(CallLimits.parties) parties already")
        }
        let id = PartyID(rawValue: self.nextPartyID)
        self.nextPartyID += 1
        self.parties.append(Party(id: id, tag: tag, viaBranch: viaBranch, created: now))
        return id
    }

    mutating func associate(_ one: PartyID, _ other: PartyID) {
        if let index = self.index(of: one) { self.parties[index].associates.insert(other) }
        if let index = self.index(of: other) { self.parties[index].associates.insert(one) }
    }

    /// Makes two parties talk to each other and to nobody else: the answer that came last wins.
    mutating func connect(_ one: PartyID, _ other: PartyID) {
        for index in self.parties.indices {
            let id = self.parties[index].id
            if id == one {
                self.parties[index].peer = other
            } else if id == other {
                self.parties[index].peer = one
            } else if self.parties[index].peer == one || self.parties[index].peer == other {
                self.parties[index].peer = nil
            }
        }
    }
}
