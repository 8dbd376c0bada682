import ControlProtocols
import WireFormat

/// How commands other than offer and answer find the parties they are for (ng.md 1.4), as rtpengine does: `label` goes
/// before `address`, and that before `from-tag`.
extension Call {
    /// The one party that a selection names; nil if it names none and so means the whole call.
    ///
    /// - Parameter needsDirectional: true for commands that ignore a from-tag without the flag `directional`, because
    ///   controllers always add one.
    func party(
        chosenBy selection: PartySelection, needsDirectional: Bool
    ) throws(CallError) -> Party? {
        if let label = selection.label {
            guard let party = self.party(label: label) else {
                throw .unmatched(reason: NGReason.unknownLabel, detail: "no party has the label \(label)")
            }
            return party
        }
        if let address = selection.address {
            guard let party = self.party(at: address) else {
                throw .unmatched(
                    reason: NGReason.unknownAddress, detail: "no SDP of a party names \(address)")
            }
            return party
        }
        guard let tag = selection.selector.fromTag, !tag.isEmpty,
            selection.isDirectional || !needsDirectional
        else { return nil }
        guard let party = self.party(tag: tag) else {
            throw .unmatched(reason: NGReason.unknownFromTag, detail: "no party has the tag \(tag)")
        }
        return party
    }

    /// The parties whose media is to be copied, in the order in which they are wanted; unknown `from-tags` are left out.
    func sources(chosenBy selection: PartySelection) throws(CallError) -> [Party] {
        let senders = self.parties.filter { $0.subscription == nil }
        switch selection.everyone {
        case .all, .flows: return senders
        case .offerAnswer: return senders.filter { !$0.isPublisher }
        case .exceptOfferAnswer: return senders.filter(\.isPublisher)
        case nil: break
        }
        if let party = try self.party(chosenBy: selection, needsDirectional: false) { return [party] }
        var chosen: [Party] = []
        for tag in selection.fromTags {
            guard let party = self.party(tag: tag), !chosen.contains(where: { $0.id == party.id }) else {
                continue
            }
            chosen.append(party)
        }
        return chosen
    }

    func party(label: String) -> Party? { self.parties.first { $0.label == label } }

    private func party(at address: IPAddress) -> Party? {
        self.parties.first { party in party.media.contains { $0.signalledRTP?.address == address } }
    }
}
