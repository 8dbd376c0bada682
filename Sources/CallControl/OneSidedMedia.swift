import ControlProtocols
import NATRules
import SDPGrammar
import WireFormat

/// What commands with one party (publish, subscribe) share.
extension PartyMedia {
    /// Takes what the party's SDP says of the section; learning starts anew if the party moved.
    mutating func take(_ facts: SectionFacts) {
        self.kind = facts.kind
        self.isRTP = facts.isRTP
        self.transportProtocol = facts.transportProtocol
        self.direction = facts.direction
        self.isRejected = facts.isRejected
        self.isOnZeroHold = facts.isOnZeroHold
        self.isInitialized = true
        self.wantsMux = facts.wantsMux
        self.codec = facts.codec
        self.clockRates = facts.clockRates
        self.eventPayloadTypes = facts.eventPayloadTypes
        guard let rtp = facts.rtp else { return }
        if rtp != self.signalledRTP || facts.rtcp != self.signalledRTCP { self.learningEpoch &+= 1 }
        self.signalledRTP = rtp
        self.signalledRTCP = facts.rtcp
    }

    /// Takes what a command says of how sources are learnt and packets marked.
    mutating func take(_ options: OfferAnswerOptions, settings: RelaySettings) {
        var learning = self.learning
        learning.asymmetric = options.isAsymmetric
        learning.strictSource = options.strictSource
        learning.mediaHandover = options.mediaHandover
        learning.mode = options.endpointLearning ?? settings.learningMode
        if learning.mode != self.learning.mode, self.isInitialized { self.learningEpoch &+= 1 }
        self.learning = learning
        self.trafficClass = options.trafficClass ?? settings.trafficClass
        self.isUnidirectional = options.isUnidirectional
        self.waitsForParty = options.waitsForNAT
        self.piercesNAT = options.piercesNAT
        self.muxOptions = options.rtcpMux
    }

    /// The line about RTCP that the party is shown.
    func rtcpLine(_ attribute: OfferAnswerOptions.RTCPAttribute) -> RelayedMedia.RTCPLine {
        let port = self.isMuxing ? self.ports?.rtp.local.port : self.ports?.rtcp?.local.port
        guard let port else { return .none }
        switch attribute {
        case .none: return .none
        case .port: return .port(port)
        case .full: return .full(port)
        }
    }
}

extension Party {
    /// Takes the interface and the family that a command with one party names; returns what is to be warned of.
    mutating func takeSide(
        _ options: OfferAnswerOptions, family: AddressFamily?, callID: String, settings: RelaySettings
    ) -> String? {
        let warning = self.chooseInterface(
            named: options.interface ?? options.direction.first, callID: callID, settings: settings)
        if let wanted = options.addressFamily {
            self.family = wanted
            self.isFamilyChosen = true
        } else if self.family == nil {
            self.family = family
        }
        return warning
    }
}

/// Relay ports taken for a command, to be given back if it fails.
struct PortLease<Ports: PortReserving> {
    let ports: Ports
    private var pairs: [PortPair] = []

    init(ports: Ports) { self.ports = ports }

    /// Ports for a section on an address; those it has stay if they are fit.
    mutating func provide(_ media: inout PartyMedia, on address: InterfaceAddress) throws(CallError) {
        if let current = media.ports {
            if address.holds(current.rtp.local), (current.rtcp != nil) == media.isRTP { return }
            media.dropPorts()
        }
        do {
            let pair = try self.ports.reserve(
                on: address, withRTCP: media.isRTP, trafficClass: media.trafficClass)
            self.pairs.append(pair)
            media.ports = pair
            media.isPublished = true
        } catch {
            throw .outOfPorts(error.reason)
        }
    }

    /// Gives all of them back.
    func giveBack() { for pair in self.pairs { self.ports.release(pair) } }
}

extension HandedOutDescription {
    /// Writes an SDP with a version that is one higher than the last time if anything else changed (RFC 3264, section 8).
    ///
    /// - Parameter warnings: gets what of `sdp-attr` is not obeyed.
    mutating func write(
        _ session: SessionDescription, as rewrite: SessionRewrite, options: OfferAnswerOptions,
        warnings: inout [String]
    ) -> [UInt8] {
        var session = session
        options.headerExtensions.apply(to: &session)
        var editor = AttributeEditor(options.attributeEdits)
        defer { warnings += editor.warnings }
        var rewrite = rewrite
        var origin = rewrite.origin ?? session.origin
        let first = UInt64(origin.version) ?? 0
        return self.number(first: first) { version in
            origin.version = String(version)
            rewrite.origin = origin
            return editor.edited(session.rewritten(as: rewrite))
        }
    }

    /// Keeps an SDP whose version is one higher than that of the last one if anything else changed, or if it has to be.
    ///
    /// Most SDPs are the first or the same as before: each is written with the version it then has, and only one that turns
    /// out to differ is written again.
    ///
    /// - Parameters:
    ///   - first: the version if there was none.
    ///   - mustGrow: an unchanged SDP gets another version, too.
    ///   - write: makes the SDP with a version.
    mutating func number(first: UInt64, mustGrow: Bool = false, write: (UInt64) -> [UInt8]) -> [UInt8] {
        var version = self.version ?? first
        if let last = self.version {
            if let known = self.sdp, !mustGrow, write(last) == known { return known }
            version = last == .max ? last : last + 1
        }
        let sdp = write(version)
        self.sdp = sdp
        self.version = version
        return sdp
    }
}

extension SessionDescription {
    /// The description as one of our own: nothing of the party's session but its sections.
    mutating func makeOwn(number: Int64, address: IPAddress) {
        self.origin = Origin(
            username: "-", sessionID: String(number), version: "1", family: address.family,
            host: address.description)
        self.sessionName = "crosspoint"
        self.connection = nil
        self.otherLines = []
        self.attributes = []
    }
}

extension OfferAnswerOptions {
    /// The address to believe instead of the SDP's; never with ICE, whose candidates are the truth (ng.md 2.1).
    func believedSource(
        _ receivedFrom: IPAddress?, of session: SessionDescription, settings: RelaySettings
    ) -> IPAddress? {
        let trustsSource: Bool
        switch self.sourceOfTruth {
        case .sdp: trustsSource = false
        case .sipSource: trustsSource = true
        case nil: trustsSource = settings.trustsSIPSource
        }
        guard trustsSource, !session.usesICE else { return nil }
        return receivedFrom
    }
}
