import ControlProtocols
import RelayPlanning
import SDPGrammar

/// One media section of one party.
struct MediaSource: Hashable, Sendable {
    var party: PartyID
    /// Counted from zero.
    var mediaIndex: Int
}

/// What makes a party a subscriber: it gets copies of what others send.
struct Subscription: Sendable {
    /// The source of each of its sections; nil for one that has none any more (offered with port 0).
    var sources: [MediaSource?] = []
    /// Offered inactive, to be switched on by another request.
    var isInactive = false
    /// RTCP of the subscriber goes to the sources (`RTCP-mirror`).
    var mirrorsRTCP = false
    /// Each section has an `a=label` (SIPREC).
    var isLabelled = false
}

extension Call {
    /// How many subscribers there are.
    var subscriberCount: Int { self.parties.count { $0.subscription != nil } }

    /// A subscriber by its tag.
    func subscriber(tag: String) -> Party? {
        self.parties.first { $0.subscription != nil && $0.tag == tag }
    }

    /// Who gets copies of a party's media, in the order of their coming.
    func subscribers(of source: PartyID) -> [PartyID] {
        self.parties.filter { party in
            party.subscription?.sources.contains { $0?.party == source } == true
        }.map(\.id)
    }

    /// Whose media a party gets copies of, each once, in the order of its sections.
    func sources(of subscriber: Party) -> [PartyID] {
        var ids: [PartyID] = []
        for case let source? in subscriber.subscription?.sources ?? [] where !ids.contains(source.party) {
            ids.append(source.party)
        }
        return ids
    }

    /// True while a party takes part in anything.
    func isAttached(_ party: Party) -> Bool {
        if let subscription = party.subscription { return subscription.sources.contains { $0 != nil } }
        return party.isPublisher || !party.associates.isEmpty
    }

    /// Takes a party out of what others get copies of, and subscribers that have nothing left.
    mutating func forgetSource(_ id: PartyID) {
        for index in self.parties.indices {
            guard let sources = self.parties[index].subscription?.sources else { continue }
            for (section, source) in sources.enumerated() where source?.party == id {
                self.parties[index].subscription?.sources[section] = nil
                self.parties[index].media[section].dropPorts()
            }
        }
    }

    /// Names the parties' copies in their plans: one list for each section that has subscribers, of their RTP ports.
    func linkCopies(in plans: inout [RelayPortID: PortPlan]) {
        var lists: [MediaSource: [RelayPortID]] = [:]
        for party in self.parties {
            guard let subscription = party.subscription else { continue }
            for (index, media) in party.media.enumerated() {
                guard let pair = media.ports, index < subscription.sources.count,
                    let source = subscription.sources[index], let sender = self.media(of: source)
                else { continue }
                self.mirror(pair, of: media, to: sender, subscription, in: &plans)
                let blocked = self.party(source.party)?.blockedTowards.contains(party.id) == true
                guard media.isInitialized, !media.isRejected, media.direction.receives, !blocked else {
                    continue
                }
                if !media.isMuxing { plans[pair.rtp.id]?.rtcpPort = pair.rtcp?.id }
                lists[source, default: []].append(pair.rtp.id)
            }
        }
        for (source, ports) in lists {
            for (port, next) in zip(ports, ports.dropFirst()) { plans[port]?.nextCopy = next }
            for pair in self.media(of: source)?.allPairs ?? [] {
                for port in pair.ports { plans[port.id]?.firstCopy = ports.first }
            }
        }
    }

    /// RTCP of a subscriber goes to whom it gets copies of, if that was asked for.
    private func mirror(
        _ pair: PortPair, of media: PartyMedia, to sender: PartyMedia, _ subscription: Subscription,
        in plans: inout [RelayPortID: PortPlan]
    ) {
        guard subscription.mirrorsRTCP, let target = sender.sendingPair else { return }
        let sink = sender.isMuxing ? target.rtp.id : target.rtcp?.id
        if media.isMuxing {
            plans[pair.rtp.id]?.rtcpSink = sink
        } else if let rtcp = pair.rtcp {
            plans[rtcp.id]?.sink = sink
        }
    }

    /// A section of a party.
    func media(of source: MediaSource) -> PartyMedia? {
        guard let party = self.party(source.party), party.media.indices.contains(source.mediaIndex) else {
            return nil
        }
        return party.media[source.mediaIndex]
    }

    /// Subscribers are no side of a dialogue: their tags belong to them alone.
    func checkDialogueTags(_ selector: CallSelector) throws(CallError) {
        for tag in [selector.fromTag, selector.toTag].compactMap({ $0 })
        where self.subscriber(tag: tag) != nil {
            throw .invalidDialogue("\(tag) is the tag of a subscriber")
        }
    }
}
