import ControlProtocols
import SDPGrammar
import WireFormat

/// The SDP that a subscriber gets.
extension SubscriptionExchange {
    /// Writes it and remembers what the subscriber saw.
    ///
    /// Copies of one party come under that party's session; those of several under one of our own, as in rtpengine.
    mutating func writeOffer(_ index: Int) -> [UInt8] {
        let subscriber = self.call.parties[index]
        guard let facing = self.settings.address(facing: subscriber) else { return [] }
        let shown = self.request.options.mediaAddress ?? facing.advertised
        let isOfOne = self.call.sources(of: subscriber).count == 1
        var session: SessionDescription?
        var sections: [MediaDescription] = []
        var rewrite = SessionRewrite(media: [])
        for (section, source) in (subscriber.subscription?.sources ?? []).enumerated() {
            guard let source, let copied = self.call.copiedSection(source) else {
                sections.append(self.placeholder(of: subscriber.media[section]))
                rewrite.media.append(.rejected)
                continue
            }
            if session == nil { session = copied.session }
            var description = copied.section
            if !isOfOne { description.dropMID() }
            let codecs = CodecSelection(description, options: self.request.options.codecs, neverOffered: nil)
            description.formats = codecs.formats
            if self.request.isSIPREC { description.setLabel(String(self.label(of: source))) }
            sections.append(description)
            rewrite.media.append(self.relayed(description, section, of: index, address: shown))
        }
        guard var session else { return [] }
        session.media = sections
        if !isOfOne { session.makeOwn(number: subscriber.created.unixMicroseconds, address: shown) }
        let origin = subscriber.handedOut.origin ?? self.origin(of: session, address: shown)
        rewrite.origin = origin
        self.call.parties[index].handedOut.origin = origin
        self.warnOfSecrets(session)
        return self.call.parties[index].handedOut.write(
            session, as: rewrite, options: self.request.options, warnings: &self.warnings)
    }

    /// The first origin stays for as long as the subscriber does (RFC 3264, section 8).
    private func origin(of session: SessionDescription, address: IPAddress) -> Origin {
        let options = self.request.options
        var origin = session.origin
        guard options.replacesOrigin || options.replacesFullOrigin else { return origin }
        origin.family = address.family
        origin.host = address.description
        return origin
    }

    /// The number of a party's section in SDPs of subscribers; it stays the same as long as the call lives.
    private mutating func label(of source: MediaSource) -> Int {
        guard let index = self.call.index(of: source.party),
            self.call.parties[index].media.indices.contains(source.mediaIndex)
        else { return 0 }
        if let label = self.call.parties[index].media[source.mediaIndex].label { return label }
        let label = self.call.nextLabel
        self.call.nextLabel += 1
        self.call.parties[index].media[source.mediaIndex].label = label
        return label
    }

    private mutating func relayed(
        _ description: MediaDescription, _ section: Int, of index: Int, address: IPAddress
    ) -> MediaRewrite {
        let media = self.call.parties[index].media[section]
        guard let pair = media.ports else { return .rejected }
        let transport = self.transportProtocol(of: description)
        self.call.parties[index].media[section].transportProtocol = transport
        return .relayed(
            RelayedMedia(
                address: address, port: pair.rtp.local.port, transportProtocol: transport,
                direction: self.request.isInactive ? .inactive : .sendonly,
                rtcp: media.rtcpLine(self.request.options.rtcpAttribute), rtcpMux: media.wasOfferedMux,
                generatedMID: self.request.options.generatesMID ? String(section + 1) : nil))
    }

    private mutating func transportProtocol(of description: MediaDescription) -> String {
        let written = description.transportProtocol
        guard let wanted = self.request.options.transportProtocol, wanted != written, description.isRTP else {
            return written
        }
        guard wanted.isSecureTransportProtocol == written.isSecureTransportProtocol else {
            self.warnings.append(
                "transport-protocol \(wanted) needs SRTP to be ended here, which this relay does not do: \(written) stays"
            )
            return written
        }
        return wanted
    }

    /// A section that is gone but keeps its place.
    private func placeholder(of media: PartyMedia) -> MediaDescription {
        .unused(
            kind: media.kind, transportProtocol: media.transportProtocol, formats: media.isRTP ? ["0"] : ["*"]
        )
    }

    /// Keys of DTLS-SRTP are agreed on by handshake, so nobody but the two parties can read a copy (RFC 5764).
    private mutating func warnOfSecrets(_ session: SessionDescription) {
        let usesDTLS = session.media.contains { $0.transportProtocol.hasPrefix("UDP/TLS/") }
        if usesDTLS {
            self.warnings.append("copies of DTLS-SRTP media cannot be decrypted by the subscriber")
        }
    }
}
