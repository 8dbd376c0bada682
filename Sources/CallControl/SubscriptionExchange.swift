import ControlProtocols
import SDPGrammar
import WireFormat

/// One `subscribe request` on its way through a call: chooses the sections, takes ports, writes the offer.
struct SubscriptionExchange<Ports: PortReserving> {
    let request: SubscribeRequest
    let settings: RelaySettings
    let now: SignallingTime
    var lease: PortLease<Ports>
    var call: Call
    var warnings: [String] = []

    private var options: OfferAnswerOptions { self.request.options }

    /// Runs it; on an error every port is given back and the caller keeps its old call.
    mutating func run(toTag: String) throws(CallError) -> SubscriptionOffer {
        do {
            let wanted = try self.wantedSections()
            let index = try self.subscriber(tag: toTag)
            try self.assign(wanted, to: index)
            try self.providePorts(index)
            self.call.lastSignal = self.now
            let sdp = self.writeOffer(index)
            return SubscriptionOffer(
                sdp: sdp, toTag: toTag, sections: self.sections(of: index), actions: [],
                warnings: self.warnings)
        } catch {
            self.lease.giveBack()
            throw error
        }
    }

    /// Every section of the chosen parties that has media.
    private func wantedSections() throws(CallError) -> [MediaSource] {
        var wanted: [MediaSource] = []
        for party in try self.call.sources(chosenBy: self.request.parties) where party.subscription == nil {
            for (index, media) in party.media.enumerated()
            where media.isInitialized && !media.isRejected && media.ports != nil {
                wanted.append(MediaSource(party: party.id, mediaIndex: index))
            }
        }
        guard !wanted.isEmpty else {
            throw .unmatched(reason: NGReason.noMedia, detail: "no chosen party has media to copy")
        }
        return wanted
    }

    /// The subscriber with that tag, made if it is new.
    private mutating func subscriber(tag: String) throws(CallError) -> Int {
        let index: Int
        if let party = self.call.party(tag: tag) {
            guard party.subscription != nil, let known = self.call.index(of: party.id) else {
                throw .unmatched(
                    reason: NGReason.failedSubscription,
                    detail: "\(tag) is a party of the call; a subscriber needs a tag of its own")
            }
            index = known
        } else {
            guard self.call.subscriberCount < CallLimits.subscribers else {
                throw .unmatched(
                    reason: NGReason.failedSubscription,
                    detail: "the call has \(CallLimits.subscribers) subscribers already")
            }
            _ = try self.call.makeParty(tag: tag, viaBranch: nil, at: self.now)
            index = self.call.parties.count - 1
            self.call.parties[index].subscription = Subscription()
        }
        if let label = self.options.label ?? self.request.parties.toLabel {
            self.call.parties[index].label = label
        }
        if let metadata = self.options.metadata { self.call.parties[index].metadata = metadata }
        self.call.parties[index].subscription?.isInactive = self.request.isInactive
        self.call.parties[index].subscription?.mirrorsRTCP = self.request.mirrorsRTCP
        self.call.parties[index].subscription?.isLabelled = self.request.isSIPREC
        return index
    }

    /// Gives each wanted section a place; what was offered before keeps its place, since sections of an SDP can neither
    /// move nor vanish (RFC 3264, section 8).
    private mutating func assign(_ wanted: [MediaSource], to index: Int) throws(CallError) {
        var sources = self.call.parties[index].subscription?.sources ?? []
        var media = self.call.parties[index].media
        for (section, source) in sources.enumerated() where source.map({ !wanted.contains($0) }) == true {
            sources[section] = nil
            media[section].dropPorts()
        }
        for source in wanted {
            guard let sender = self.call.media(of: source) else { continue }
            let place: Int
            if let known = sources.firstIndex(of: source) {
                place = known
            } else {
                var fresh = PartyMedia(
                    kind: sender.kind, isRTP: sender.isRTP, transportProtocol: sender.transportProtocol)
                fresh.direction = .recvonly
                let unused = sources.indices.first { sources[$0] == nil && media[$0].kind == sender.kind }
                place = unused ?? sources.count
                if unused == nil {
                    try self.checkSectionLimit(place)
                    sources.append(source)
                    media.append(fresh)
                } else {
                    sources[place] = source
                    media[place] = fresh
                }
            }
            self.describe(&media[place], like: sender)
        }
        self.call.parties[index].subscription?.sources = sources
        self.call.parties[index].media = media
    }

    private func checkSectionLimit(_ count: Int) throws(CallError) {
        guard count >= CallLimits.mediaSections else { return }
        throw .unmatched(
            reason: NGReason.failedSubscription,
            detail: "more than \(CallLimits.mediaSections) media sections for one subscriber")
    }

    private func describe(_ media: inout PartyMedia, like sender: PartyMedia) {
        media.kind = sender.kind
        media.isRTP = sender.isRTP
        media.isRejected = false
        media.take(self.options, settings: self.settings)
        let wishes = self.options.rtcpMux
        media.wasOfferedMux =
            media.isRTP
            && (wishes.contains(.offer) || wishes.contains(.require)
                || (sender.wantsMux && !wishes.contains(.demux) && !wishes.contains(.reject)))
        media.isMuxing = wishes.contains(.require) || (media.isMuxing && media.wasOfferedMux)
    }

    private mutating func providePorts(_ index: Int) throws(CallError) {
        let sources = self.call.parties[index].subscription?.sources ?? []
        let first = sources.lazy.compactMap { $0 }.first.flatMap { self.call.party($0.party) }
        let warning = self.call.parties[index].takeSide(
            self.options, family: first?.family, callID: self.call.id, settings: self.settings)
        if let warning { self.warnings.append(warning) }
        guard let facing = self.settings.address(facing: self.call.parties[index]) else {
            throw .outOfPorts("no interface is configured")
        }
        for (section, source) in sources.enumerated() where source != nil {
            try self.lease.provide(&self.call.parties[index].media[section], on: facing)
        }
    }

    private mutating func sections(of index: Int) -> [SubscribedSection] {
        guard let subscription = self.call.parties[index].subscription else { return [] }
        return subscription.sources.compactMap { source -> SubscribedSection? in
            guard let source, let party = self.call.party(source.party),
                let media = self.call.media(of: source)
            else { return nil }
            return SubscribedSection(
                tag: party.tag ?? "", label: party.label,
                index: (party.section(of: source.mediaIndex) ?? source.mediaIndex) + 1, type: media.kind,
                mediaLabel: subscription.isLabelled ? media.label.map { String($0) } ?? "" : "",
                mode: media.direction.rawValue)
        }
    }
}
