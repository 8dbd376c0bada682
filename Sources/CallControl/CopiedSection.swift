import SDPGrammar

/// What a subscriber's SDP says of a section that is copied to it.
extension Call {
    /// The session and the section under which a party sends now; nil if it has described none.
    ///
    /// A party sends what the other side accepted, by the other side's numbers (RFC 3264, section 6.1); while nobody has
    /// answered, what it offered.
    func copiedSection(_ source: MediaSource) -> (session: SessionDescription, section: MediaDescription)? {
        guard let party = self.party(source.party),
            let session = try? SessionDescription(parsing: party.lastSDP),
            let number = party.section(of: source.mediaIndex), session.media.indices.contains(number)
        else { return nil }
        var section = session.media[number]
        if let accepted = self.acceptedSection(by: party.peer, source.mediaIndex) {
            section.narrow(to: accepted)
        }
        return (session, section)
    }

    private func acceptedSection(by peer: PartyID?, _ index: Int) -> MediaDescription? {
        guard let peer, let media = self.media(of: MediaSource(party: peer, mediaIndex: index)),
            media.isInitialized, !media.isRejected, let party = self.party(peer),
            let session = try? SessionDescription(parsing: party.lastSDP),
            let number = party.section(of: index), session.media.indices.contains(number)
        else { return nil }
        return session.media[number]
    }
}

extension Party {
    /// Which section of the party's SDPs a slot is, from zero; nil if it knows none for it.
    func section(of slot: Int) -> Int? { self.knownSections.firstIndex(of: slot) }
}

extension MediaDescription {
    private static var codecAttributes: Set<String> { ["rtpmap", "fmtp", "rtcp-fb"] }

    /// Leaves the codecs that the other side accepted, as it numbered them; all stay if it shares none.
    fileprivate mutating func narrow(to accepted: MediaDescription) {
        guard self.isRTP, accepted.isRTP else { return }
        let own = self.rtpMaps
        let common = accepted.rtpMaps.filter { map in own.contains { $0.isSameCodec(as: map) } }
        guard !common.isEmpty else { return }
        self.formats = common.map { String($0.payloadType) }
        self.attributes.removeAll { Self.codecAttributes.contains($0.name) }
        self.attributes += accepted.attributes.filter { Self.codecAttributes.contains($0.name) }
    }

    /// Leaves what describes the media itself, for an answer of our own.
    mutating func keepMediaAttributes() {
        let kept = Self.codecAttributes.union(["mid", "ptime", "maxptime", "extmap"])
        self.attributes.removeAll { !kept.contains($0.name) }
        self.otherLines = []
        self.connections = []
    }

    /// Puts another `a=label` in the place of the party's (RFC 4574).
    mutating func setLabel(_ label: String) {
        self.attributes.removeAll { $0.name == "label" }
        self.attributes.append(Attribute("label", label))
    }

    /// Takes `a=mid` out: tags of several parties would collide (RFC 5888, section 4).
    mutating func dropMID() { self.attributes.removeAll { $0.name == "mid" } }
}
