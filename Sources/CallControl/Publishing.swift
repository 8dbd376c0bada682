public import ControlProtocols
import RelayPlanning
import SDPGrammar
import WireFormat

/// What a `publish` made.
public struct Publication: Sendable {
    /// The call and the publisher's tag, made up if the request had none.
    public var callID: String
    /// The publisher's tag.
    public var fromTag: String
    /// The answer for the publisher.
    public var sdp: [UInt8]
    /// What the forwarders have to do.
    public var actions: [RelayAction]
    /// What was not obeyed.
    public var warnings: [String]
}

/// `publish`: media from somebody who sends only, for others to subscribe to (ng.md 1.4).
extension CallTable {
    /// Takes a publisher's offer; makes the call if there is none.
    ///
    /// - Parameter newName: makes up a call-id or a tag.
    public mutating func publish(
        _ request: PublishRequest, at now: SignallingTime, ports: some PortReserving, newName: () -> String
    ) throws(CallError) -> Publication {
        let id = self.primaryID(of: request.callID ?? newName())
        let isNew = self.calls[id] == nil
        if isNew { try self.admitNewCall() }
        let session = try Self.parse(request.sdp)
        var exchange = PublishExchange(
            request: request, session: session, settings: self.settings, now: now,
            lease: PortLease(ports: ports), call: self.calls[id] ?? Call(id: id, at: now))
        let tag = request.fromTag ?? newName()
        let sdp = try exchange.run(tag: tag)
        let actions = exchange.call.takePlanChanges()
        self.calls[id] = exchange.call
        self.scheduleCheck(of: id, at: now.monotonic)
        if isNew { self.totals.created += 1 }
        return Publication(
            callID: id, fromTag: tag, sdp: sdp, actions: actions, warnings: exchange.warnings)
    }
}

/// One `publish` on its way through a call.
private struct PublishExchange<Ports: PortReserving> {
    let request: PublishRequest
    let session: SessionDescription
    let settings: RelaySettings
    let now: SignallingTime
    var lease: PortLease<Ports>
    var call: Call
    var warnings: [String] = []

    private var options: OfferAnswerOptions { self.request.options }

    mutating func run(tag: String) throws(CallError) -> [UInt8] {
        do {
            let facts = try self.readSections()
            let index = try self.publisher(tag: tag)
            try self.update(index, from: facts)
            self.call.parties[index].lastSDP = self.request.sdp
            self.call.applyBlocks(of: self.options, sender: self.call.parties[index].id)
            self.call.debug = self.call.debug || self.options.debug
            self.call.isAnswered = true
            self.call.deletionDue = nil
            self.call.lastSignal = self.now
            return self.writeAnswer(index)
        } catch {
            self.lease.giveBack()
            throw error
        }
    }

    private func readSections() throws(CallError) -> [SectionFacts] {
        guard self.session.media.count <= CallLimits.mediaSections else {
            throw .tooLarge("more than \(CallLimits.mediaSections) media sections")
        }
        let source = self.options.believedSource(
            self.request.receivedFrom, of: self.session, settings: self.settings)
        var facts: [SectionFacts] = []
        for section in self.session.media {
            facts.append(try SectionFacts(section, of: self.session, sourceAddress: source))
        }
        return facts
    }

    private mutating func publisher(tag: String) throws(CallError) -> Int {
        let index: Int
        if let party = self.call.party(tag: tag), let known = self.call.index(of: party.id) {
            guard party.subscription == nil, party.associates.isEmpty else {
                throw .invalidDialogue("\(tag) is a party of a dialogue or a subscriber and cannot publish")
            }
            index = known
        } else {
            _ = try self.call.makeParty(tag: tag, viaBranch: nil, at: self.now)
            index = self.call.parties.count - 1
        }
        self.call.parties[index].isPublisher = true
        self.call.parties[index].deletionDue = nil
        if let label = self.options.label { self.call.parties[index].label = label }
        if let metadata = self.options.metadata { self.call.parties[index].metadata = metadata }
        if let source = self.request.receivedFrom { self.call.parties[index].receivedFrom = source }
        return index
    }

    private mutating func update(_ index: Int, from facts: [SectionFacts]) throws(CallError) {
        let warning = self.call.parties[index].takeSide(
            self.options, family: facts.lazy.compactMap(\.family).first, callID: self.call.id,
            settings: self.settings)
        if let warning { self.warnings.append(warning) }
        guard let facing = self.settings.address(facing: self.call.parties[index]) else {
            throw .outOfPorts("no interface is configured")
        }
        var media = self.call.parties[index].media
        while media.count > facts.count { media.removeLast() }
        for (section, facts) in facts.enumerated() {
            if section >= media.count {
                media.append(
                    PartyMedia(
                        kind: facts.kind, isRTP: facts.isRTP, transportProtocol: facts.transportProtocol))
            }
            media[section].take(self.options, settings: self.settings)
            media[section].take(facts)
            if !self.request.isBidirectional {
                media[section].direction = MediaDirection(sends: facts.direction.sends, receives: false)
            }
            media[section].isMuxing =
                facts.wantsMux && facts.isRTP && !self.options.rtcpMux.contains(.reject)
            if facts.isRTP, facts.transportProtocol.isSecureTransportProtocol {
                self.warnings.append(
                    "publish of \(facts.transportProtocol) needs SRTP to be ended here, which this relay does not do: the section is refused"
                )
                media[section].isRejected = true
            }
            if media[section].isRejected {
                media[section].dropPorts()
            } else {
                try self.lease.provide(&media[section], on: facing)
            }
        }
        self.call.parties[index].media = media
    }

    /// The answer: what the publisher offered, with our ports, to be received here.
    private mutating func writeAnswer(_ index: Int) -> [UInt8] {
        let publisher = self.call.parties[index]
        guard let facing = self.settings.address(facing: publisher) else { return [] }
        let shown = self.options.mediaAddress ?? facing.advertised
        var session = self.session
        session.makeOwn(number: publisher.created.unixMicroseconds, address: shown)
        var rewrite = SessionRewrite(media: [])
        for section in session.media.indices {
            let codecs = CodecSelection(
                session.media[section], options: self.options.codecs, neverOffered: nil)
            session.media[section].formats = codecs.formats
            session.media[section].keepMediaAttributes()
            let media = publisher.media[section]
            guard let pair = media.ports else {
                rewrite.media.append(.rejected)
                continue
            }
            let offered = self.session.applicableDirection(for: self.session.media[section])
            let sends = self.request.isBidirectional && offered.receives
            rewrite.media.append(
                .relayed(
                    RelayedMedia(
                        address: shown, port: pair.rtp.local.port,
                        direction: MediaDirection(sends: sends, receives: offered.sends),
                        rtcp: media.rtcpLine(self.options.rtcpAttribute), rtcpMux: media.isMuxing,
                        generatedMID: self.options.generatesMID ? String(section + 1) : nil)))
        }
        if self.options.loopProtect, let id = self.settings.instanceID {
            rewrite.sessionAttributes = [LoopProtection.attribute(id)]
        }
        return self.call.parties[index].handedOut.write(
            session, as: rewrite, options: self.options, warnings: &self.warnings)
    }
}
