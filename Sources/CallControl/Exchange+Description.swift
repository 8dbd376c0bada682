import ControlProtocols
import SDPGrammar
import WireFormat

/// The SDP that the receiver gets.
extension Exchange {
    /// Writes it and remembers what the receiver saw.
    mutating func writeDescription(sender: Int, receiver: Int) -> [UInt8] {
        self.warnOfICE()
        var rewrite = SessionRewrite(media: [])
        for index in self.session.media.indices {
            rewrite.media.append(self.rewriteSection(index, sender: sender, receiver: receiver))
        }
        rewrite.origin = self.origin(receiver: receiver)
        rewrite.sessionName = self.sessionName(receiver: receiver)
        if self.options.loopProtect, let id = self.settings.instanceID {
            rewrite.sessionAttributes = [LoopProtection.attribute(id)]
        }
        return self.versioned(rewrite, receiver: receiver)
    }

    /// Says that nothing of ICE goes out where rtpengine would offer or answer it (ng.md 2.2, `ICE`).
    private mutating func warnOfICE() {
        let wish = self.options.ice ?? "default"
        let isForced = self.isOffer && ["force", "optional", "force-relay"].contains(wish)
        guard isForced || (self.session.usesICE && wish != "remove") else { return }
        self.warnings.append("ICE=\(wish): this relay has no ICE agent, the SDP goes out without ICE")
    }

    private mutating func rewriteSection(_ index: Int, sender: Int, receiver: Int) -> MediaRewrite {
        let from = self.call.parties[sender].media[index]
        let to = self.call.parties[receiver].media[index]
        guard !from.isRejected, let pair = to.ports, let facing = self.facingAddress(party: receiver) else {
            return .rejected
        }
        let shown = self.options.mediaAddress ?? facing.advertised
        let keepsZero = from.isOnZeroHold && !self.options.replacesZeroAddress
        let address = keepsZero ? IPAddress.unspecified(shown.family) : shown
        let transport = self.transportProtocol(index: index, from: from, to: to)
        self.call.parties[receiver].media[index].transportProtocol = transport
        return .relayed(
            RelayedMedia(
                address: address, port: pair.rtp.local.port, transportProtocol: transport,
                direction: self.direction(of: from, isRTP: from.isRTP),
                rtcp: self.rtcpLine(pair: pair, media: to), rtcpMux: self.showsMux(to),
                generatedMID: self.options.generatesMID ? String(index + 1) : nil))
    }

    private func direction(of media: PartyMedia, isRTP: Bool) -> MediaDirection? {
        self.options.keepsDirection || !isRTP ? nil : media.direction
    }

    private func showsMux(_ media: PartyMedia) -> Bool {
        self.isOffer ? media.wasOfferedMux : media.isMuxing
    }

    private func rtcpLine(pair: PortPair, media: PartyMedia) -> RelayedMedia.RTCPLine {
        let port = media.isMuxing ? pair.rtp.local.port : pair.rtcp?.local.port
        guard let port else { return .none }
        switch self.options.rtcpAttribute {
        case .none: return .none
        case .port: return .port(port)
        case .full: return .full(port)
        }
    }

    /// The protocol to write: asked for if we can do it, else what the receiver offered, else the sender's (ng.md 2.2,
    /// `transport protocol`; `accept` is the sender's in an answer).
    private mutating func transportProtocol(index: Int, from: PartyMedia, to: PartyMedia) -> String {
        let written = self.session.media[index].transportProtocol
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

    /// Raises the version if and only if the SDP to this party changed (`replace: sdp-version`).
    private mutating func versioned(_ rewrite: SessionRewrite, receiver: Int) -> [UInt8] {
        var rewrite = rewrite
        guard self.options.replacesSDPVersion || self.options.forcesSDPVersionIncrement,
            var origin = rewrite.origin
        else { return self.session.rewritten(as: rewrite) }
        let written = UInt64(origin.version) ?? 0
        origin.version = "0"
        rewrite.origin = origin
        let body = self.session.rewritten(as: rewrite)
        var handedOut = self.call.parties[receiver].handedOut
        let isUnchanged = handedOut.body == body && !self.options.forcesSDPVersionIncrement
        let version = handedOut.version.map { isUnchanged ? $0 : $0 &+ 1 } ?? written
        handedOut.body = body
        handedOut.version = version
        self.call.parties[receiver].handedOut = handedOut
        origin.version = String(version)
        rewrite.origin = origin
        return self.session.rewritten(as: rewrite)
    }
}

extension String {
    /// True for the SRTP profiles (RFC 3711, RFC 5124, RFC 5764).
    var isSecureTransportProtocol: Bool { self.contains("SAVP") }
}
