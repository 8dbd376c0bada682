import ControlProtocols
import NATRules
public import RelayPlanning
import SDPGrammar
import WireFormat

/// What an offer or answer produced.
public struct ExchangeOutcome: Sendable {
    /// The SDP for the other party.
    public var sdp: [UInt8]
    /// What the forwarders have to do, in order.
    public var actions: [RelayAction]
    /// What was not obeyed, for the log and the reply's `warning`.
    public var warnings: [String]
}

/// What the forwarders have to do.
public enum RelayAction: Sendable, Hashable {
    /// Open a port with this plan, or change its plan.
    case configure(PortPlan)
    /// The RTP clock rates of what arrives on an open port, the first format's first; for jitter only.
    case setClockRates(RelayPortID, [PayloadClockRate])
    /// Close a port for good.
    case close(RelayPortID)
}

/// One offer or answer on its way through a call: reads the sender's SDP into the call and writes the receiver's.
struct Exchange<Ports: PortReserving> {
    let isOffer: Bool
    let dialogue: Dialogue
    let session: SessionDescription
    let message: OfferAnswer
    let settings: RelaySettings
    let now: SignallingTime
    let ports: Ports
    /// True for a port on which media arrived once, but not lately.
    let hasFallenSilent: (RelayPortID) -> Bool
    var call: Call
    /// Pairs reserved on the way, to be given back if the exchange fails.
    var reserved: [PortPair] = []
    var warnings: [String] = []

    var options: OfferAnswerOptions { self.message.options }

    /// Runs the exchange; on an error every pair it reserved is given back and the caller keeps its old call.
    mutating func run() throws(CallError) -> [UInt8] {
        do {
            return try self.exchangeDescriptions()
        } catch {
            for pair in self.reserved { self.ports.release(pair) }
            throw error
        }
    }

    private mutating func exchangeDescriptions() throws(CallError) -> [UInt8] {
        guard let sender = self.call.index(of: self.dialogue.sender),
            let receiver = self.call.index(of: self.dialogue.receiver), sender != receiver
        else { throw .invalidDialogue("from-tag and to-tag name the same party") }
        guard self.session.media.count <= CallLimits.mediaSections else {
            throw .tooLarge("more than \(CallLimits.mediaSections) media sections")
        }
        let facts = try self.readSections()
        var map = try self.mapSections(sender: sender, receiver: receiver)
        self.chooseInterfaces(sender: sender, receiver: receiver, facts: facts)
        for (section, slot) in map.pairs {
            self.update(sender: sender, receiver: receiver, mediaIndex: slot, from: facts[section])
        }
        let selections = self.selectCodecs(&map, sender: sender, receiver: receiver)
        self.noteSections(map, sender: sender, receiver: receiver)
        if let source = self.message.receivedFrom { self.call.parties[sender].receivedFrom = source }
        self.relearnSilent(party: sender)
        self.relearnSilent(party: receiver)
        for (_, slot) in map.pairs {
            try self.assignPorts(sender: sender, receiver: receiver, mediaIndex: slot)
        }
        if !self.isOffer { self.call.isAnswered = true }
        self.call.lastSignal = self.now
        return self.writeDescription(map, selections: selections, sender: sender, receiver: receiver)
    }

    // MARK: - Reading

    private func readSections() throws(CallError) -> [SectionFacts] {
        let source = self.believedSource
        var facts: [SectionFacts] = []
        for section in self.session.media {
            facts.append(try SectionFacts(section, of: self.session, sourceAddress: source))
        }
        return facts
    }

    /// The address to believe instead of the SDP's; never with ICE, whose candidates are the truth (ng.md 2.1).
    private var believedSource: IPAddress? {
        let trustsSource: Bool
        switch self.options.sourceOfTruth {
        case .sdp: trustsSource = false
        case .sipSource: trustsSource = true
        case nil: trustsSource = self.settings.trustsSIPSource
        }
        guard trustsSource, !self.session.usesICE else { return nil }
        return self.message.receivedFrom
    }

    private mutating func update(sender: Int, receiver: Int, mediaIndex: Int, from facts: SectionFacts) {
        self.ensureMedia(party: sender, index: mediaIndex, like: facts)
        self.ensureMedia(party: receiver, index: mediaIndex, like: facts)
        let moved =
            self.message.receivedFrom != nil && self.call.parties[sender].receivedFrom != nil
            && self.message.receivedFrom != self.call.parties[sender].receivedFrom
        var media = self.call.parties[sender].media[mediaIndex]
        media.kind = facts.kind
        media.isRTP = facts.isRTP
        media.direction = facts.direction
        media.isRejected = facts.isRejected
        media.isOnZeroHold = facts.isOnZeroHold
        media.isInitialized = true
        media.wantsMux = facts.wantsMux
        media.codec = facts.codec
        media.clockRates = facts.clockRates
        if self.isOffer || media.transportProtocol.isEmpty {
            media.transportProtocol = facts.transportProtocol
        }
        if let rtp = facts.rtp {
            // Learning starts anew only if the party moved: a re-offer that changes nothing must not interrupt media.
            if rtp != media.signalledRTP || facts.rtcp != media.signalledRTCP || moved {
                media.learningEpoch &+= 1
            }
            media.signalledRTP = rtp
            media.signalledRTCP = facts.rtcp
        }
        if media.learning.asymmetric != self.options.isAsymmetric {
            media.learning.asymmetric = self.options.isAsymmetric
            media.learningEpoch &+= 1
        }
        media.isUnidirectional = self.options.isUnidirectional
        self.call.parties[sender].media[mediaIndex] = media
        self.applyPolicy(party: sender, mediaIndex: mediaIndex)
        self.applyPolicy(party: receiver, mediaIndex: mediaIndex)
        self.negotiateMux(sender: sender, receiver: receiver, mediaIndex: mediaIndex)
        self.call.parties[receiver].media[mediaIndex].isRTP = facts.isRTP
        self.call.parties[receiver].media[mediaIndex].kind = facts.kind
    }

    private mutating func ensureMedia(party: Int, index: Int, like facts: SectionFacts) {
        while self.call.parties[party].media.count <= index {
            self.call.parties[party].media.append(
                PartyMedia(kind: facts.kind, isRTP: facts.isRTP, transportProtocol: ""))
        }
    }

    /// A party that fell silent (a hold) may come back through another NAT binding: signalling is the moment to let it.
    /// One whose media flows keeps its lock, so that a re-offer neither interrupts media nor opens a window for others.
    private mutating func relearnSilent(party: Int) {
        for index in self.call.parties[party].media.indices {
            let media = self.call.parties[party].media[index]
            guard let port = media.ports?.rtp.id, self.call.plans[port]?.learningEpoch == media.learningEpoch,
                self.hasFallenSilent(port)
            else { continue }
            self.call.parties[party].media[index].learningEpoch &+= 1
        }
    }

    /// Per-call flags: an offer sets them for both parties, an answer only adds to them.
    private mutating func applyPolicy(party: Int, mediaIndex: Int) {
        let options = self.options
        var media = self.call.parties[party].media[mediaIndex]
        var learning = media.learning
        if self.isOffer {
            learning.strictSource = options.strictSource
            learning.mediaHandover = options.mediaHandover
            learning.mode = options.endpointLearning ?? self.settings.learningMode
            media.trafficClass = options.trafficClass ?? self.settings.trafficClass
        } else {
            learning.strictSource = learning.strictSource || options.strictSource
            learning.mediaHandover = learning.mediaHandover || options.mediaHandover
            learning.mode = options.endpointLearning ?? learning.mode
            media.trafficClass = options.trafficClass ?? media.trafficClass
        }
        if learning.mode != media.learning.mode, media.isInitialized { media.learningEpoch &+= 1 }
        media.learning = learning
        self.call.parties[party].media[mediaIndex] = media
    }

    /// RFC 5761, section 5.1.1, with the controller's wishes (ng.md 2.2, `rtcp-mux`).
    private mutating func negotiateMux(sender: Int, receiver: Int, mediaIndex: Int) {
        let wishes = self.options.rtcpMux
        var from = self.call.parties[sender].media[mediaIndex]
        var to = self.call.parties[receiver].media[mediaIndex]
        if self.isOffer {
            from.muxOptions = wishes
            to.wasOfferedMux =
                from.isRTP
                && (wishes.contains(.offer) || wishes.contains(.require)
                    || (from.wantsMux && !wishes.contains(.demux)))
            to.isMuxing = wishes.contains(.require) || (to.isMuxing && to.wasOfferedMux)
            if !from.wantsMux { from.isMuxing = false }
        } else {
            let isAccepted = from.wantsMux && from.wasOfferedMux
            // Required multiplexing was in force before the answer, whatever it says.
            from.isMuxing = isAccepted || (from.isMuxing && from.wasOfferedMux)
            let accepts = to.muxOptions.contains(.demux) || to.muxOptions.contains(.accept)
            let follows = isAccepted && !to.muxOptions.contains(.reject)
            to.isMuxing = to.wantsMux && (accepts || follows)
        }
        self.call.parties[sender].media[mediaIndex] = from
        self.call.parties[receiver].media[mediaIndex] = to
    }
}
