import ControlProtocols
import SDPGrammar
import WireFormat

/// The SDP that the receiver gets.
extension Exchange {
    /// Writes it and remembers what the receiver saw.
    mutating func writeDescription(
        _ map: SectionMap, selections: [Int: CodecSelection], sender: Int, receiver: Int
    ) -> [UInt8] {
        self.warnOfICE()
        var outgoing = self.session
        outgoing.media = []
        var rewrite = SessionRewrite(media: [])
        for slot in self.outgoingSlots(receiver: receiver, sender: sender) {
            if let section = map.section(of: slot) {
                var media = self.session.media[section]
                if let formats = selections[slot]?.formats { media.formats = formats }
                self.forgetGeneratedMID(of: &media, slot: slot, sender: sender, receiver: receiver)
                outgoing.media.append(media)
                rewrite.media.append(
                    self.rewriteSection(section, slot: slot, sender: sender, receiver: receiver))
            } else {
                outgoing.media.append(self.absentSection(slot: slot, receiver: receiver))
                rewrite.media.append(.rejected)
            }
        }
        self.options.headerExtensions.apply(to: &outgoing)
        rewrite.origin = self.origin(receiver: receiver)
        rewrite.sessionName = self.sessionName(receiver: receiver)
        if self.options.loopProtect, let id = self.settings.instanceID {
            rewrite.sessionAttributes = [LoopProtection.attribute(id)]
        }
        var editor = AttributeEditor(self.options.attributeEdits)
        let sdp = self.versioned(outgoing, rewrite, receiver: receiver, editor: &editor)
        self.warnings += editor.warnings
        return sdp
    }

    /// The codecs of each relayed section by slot, where anything is asked for (ng.md 2.1, `codec`). What is withheld from
    /// the receiver of an offer is remembered: its answer must not bring it back.
    mutating func selectCodecs(
        _ map: inout SectionMap, sender: Int, receiver: Int
    ) -> [Int: CodecSelection] {
        var selections: [Int: CodecSelection] = [:]
        for (section, slot) in map.pairs where !map.removed.contains(slot) {
            let selection = CodecSelection(
                self.session.media[section], options: self.options.codecs,
                neverOffered: self.isOffer ? nil : self.call.parties[sender].media[slot].withheldCodecs)
            if self.isOffer { self.call.parties[receiver].media[slot].withheldCodecs = selection.withheld }
            if selection.isEmptied { map.emptied.insert(slot) }
            selections[slot] = selection
        }
        return selections
    }

    /// A section that the SDP lacks and the receiver expects: refused, as far as possible in the receiver's words.
    private func absentSection(slot: Int, receiver: Int) -> MediaDescription {
        let media = self.call.parties[receiver].media
        let known = media.indices.contains(slot) ? media[slot] : nil
        let transport = known?.transportProtocol ?? ""
        return MediaDescription(
            refused: known?.kind ?? "audio", transportProtocol: transport.isEmpty ? "RTP/AVP" : transport,
            format: known?.firstFormat, mid: known?.mid)
    }

    /// An `a=mid` that we made up for one side is nothing the other side should see in an answer (RFC 5888, section 4).
    private func forgetGeneratedMID(
        of media: inout MediaDescription, slot: Int, sender: Int, receiver: Int
    ) {
        guard !self.isOffer, let generated = self.call.parties[sender].media[slot].generatedMID,
            self.call.parties[receiver].media[slot].mid == nil, media.mid == generated
        else { return }
        media.attributes.removeAll { $0.isNamed("mid") }
    }

    /// `a=mid` for a section that has none: its number, or the next that no section has (ng.md 2.1, `generate mid`).
    private mutating func generatedMID(section: Int, slot: Int, receiver: Int) -> String? {
        guard self.options.generatesMID, self.session.media[section].mid == nil else {
            if self.isOffer { self.call.parties[receiver].media[slot].generatedMID = nil }
            return nil
        }
        let taken = Set(self.session.media.compactMap(\.mid))
        var number = slot + 1
        while taken.contains(String(number)) { number += CallLimits.mediaSlots }
        let mid = String(number)
        if self.isOffer { self.call.parties[receiver].media[slot].generatedMID = mid }
        return mid
    }

    /// Says that nothing of ICE goes out where rtpengine would offer or answer it (ng.md 2.2, `ICE`).
    private mutating func warnOfICE() {
        let wish = self.options.ice ?? "default"
        let isForced = self.isOffer && ["force", "optional", "force-relay"].contains(wish)
        guard isForced || (self.session.usesICE && wish != "remove") else { return }
        self.warnings.append("ICE=\(wish): this relay has no ICE agent, the SDP goes out without ICE")
    }

    private mutating func rewriteSection(
        _ section: Int, slot: Int, sender: Int, receiver: Int
    ) -> MediaRewrite {
        let from = self.call.parties[sender].media[slot]
        let to = self.call.parties[receiver].media[slot]
        guard !self.isRefused(slot: slot, sender: sender, receiver: receiver), let pair = to.ports,
            let facing = self.facingAddress(party: receiver)
        else { return .rejected }
        let shown = self.options.mediaAddress ?? facing.advertised
        let keepsZero = from.isOnZeroHold && !self.options.replacesZeroAddress
        let address = keepsZero ? IPAddress.unspecified(shown.family) : shown
        let transport = self.transportProtocol(section: section, from: from, to: to)
        self.call.parties[receiver].media[slot].transportProtocol = transport
        return .relayed(
            RelayedMedia(
                address: address, port: pair.rtp.local.port, transportProtocol: transport,
                direction: self.direction(of: from, isRTP: from.isRTP),
                rtcp: self.rtcpLine(pair: pair, media: to), rtcpMux: self.showsMux(to),
                generatedMID: self.generatedMID(section: section, slot: slot, receiver: receiver)))
    }

    private func direction(of media: PartyMedia, isRTP: Bool) -> MediaDirection? {
        self.options.keepsDirection || !isRTP ? nil : media.direction
    }

    private func showsMux(_ media: PartyMedia) -> Bool {
        self.isOffer ? media.wasOfferedMux : media.isMuxing
    }

    private func rtcpLine(pair: PortPair, media: PartyMedia) -> RelayedMedia.RTCPLine {
        // After `reset` an offer takes nothing for granted that the receiver accepted before, unless it is required.
        let forgets = self.isOffer && self.options.resets && !self.options.rtcpMux.contains(.require)
        let port = media.isMuxing && !forgets ? pair.rtp.local.port : pair.rtcp?.local.port
        guard let port else { return .none }
        switch self.options.rtcpAttribute {
        case .none: return .none
        case .port: return .port(port)
        case .full: return .full(port)
        }
    }

    /// The protocol to write: asked for if we can do it, else what the receiver offered, else the sender's (ng.md 2.2,
    /// `transport protocol`; `accept` is the sender's in an answer).
    private mutating func transportProtocol(section: Int, from: PartyMedia, to: PartyMedia) -> String {
        let written = self.session.media[section].transportProtocol
        let wanted: String?
        if self.isOffer {
            wanted = self.options.transportProtocol
        } else if self.options.acceptsTransportProtocol {
            wanted = nil
        } else {
            wanted =
                self.options.transportProtocol ?? (to.transportProtocol.isEmpty ? nil : to.transportProtocol)
        }
        guard let wanted, wanted != written, from.isRTP else { return written }
        guard wanted.isSecureTransportProtocol == written.isSecureTransportProtocol else {
            self.warnings.append(
                "transport-protocol \(wanted) needs SRTP to be ended here, which this relay does not do: \(written) stays"
            )
            return written
        }
        return wanted
    }

    // MARK: - o= and s=

    private mutating func origin(receiver: Int) -> Origin? {
        var origin = self.session.origin
        let options = self.options
        if options.replacesFullOrigin, let first = self.call.parties[receiver].handedOut.origin {
            origin = first
        }
        if options.replacesOrigin || options.replacesFullOrigin,
            let facing = self.facingAddress(party: receiver)
        {
            let shown = options.mediaAddress ?? facing.advertised
            origin.family = shown.family
            origin.host = shown.description
        }
        if options.replacesUsername, let first = self.call.parties[receiver].handedOut.origin {
            origin.username = first.username
        }
        if self.call.parties[receiver].handedOut.origin == nil {
            self.call.parties[receiver].handedOut.origin = origin
        }
        return origin
    }

    private mutating func sessionName(receiver: Int) -> String? {
        let first = self.call.parties[receiver].handedOut.sessionName
        if first == nil { self.call.parties[receiver].handedOut.sessionName = self.session.sessionName }
        return self.options.replacesSessionName ? first : nil
    }

    /// Raises the version if and only if the SDP to this party changed (`replace: sdp-version`, `origin-full`), or anyway
    /// (`force-increment-sdp-ver`). The numbers a party sees are its own: they never fall, whichever branch an SDP is from.
    private mutating func versioned(
        _ outgoing: SessionDescription, _ rewrite: SessionRewrite, receiver: Int,
        editor: inout AttributeEditor
    ) -> [UInt8] {
        var rewrite = rewrite
        var handedOut = self.call.parties[receiver].handedOut
        let written = UInt64(self.session.origin.version) ?? 0
        let isManaged =
            self.options.replacesSDPVersion || self.options.forcesSDPVersionIncrement
            || self.options.replacesFullOrigin
        guard isManaged, var origin = rewrite.origin else {
            handedOut.version = written
            handedOut.sdp = nil
            self.call.parties[receiver].handedOut = handedOut
            return editor.edited(outgoing.rewritten(as: rewrite))
        }
        let mustGrow = self.options.forcesSDPVersionIncrement
        // What went out before without our numbering has to be reached once, too.
        if handedOut.sdp == nil, !mustGrow, let last = handedOut.version, written >= last {
            handedOut.version = nil
        }
        let sdp = handedOut.number(first: written, mustGrow: mustGrow) { version in
            origin.version = String(version)
            rewrite.origin = origin
            return editor.edited(outgoing.rewritten(as: rewrite))
        }
        self.call.parties[receiver].handedOut = handedOut
        return sdp
    }
}

extension String {
    /// True for the SRTP profiles (RFC 3711, RFC 5124, RFC 5764).
    var isSecureTransportProtocol: Bool { self.contains("SAVP") }
}
