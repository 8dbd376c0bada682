import NATRules
public import RelayPlanning
public import SDPGrammar
import WireFormat

/// What the signalling says of one call; counters are added by whoever asks the forwarders.
public struct CallReport: Sendable {
    /// The call-id.
    public var id: String
    /// When its first offer came.
    public var created: SignallingTime
    /// When its last offer or answer came.
    public var lastSignal: SignallingTime
    /// True once any answer was processed.
    public var isAnswered: Bool
    /// True while a delayed delete is under way.
    public var isEnding: Bool
    /// The parties in the order in which they appeared.
    public var parties: [PartyReport]
}

/// One party of a call.
public struct PartyReport: Sendable {
    /// The SIP tag; nil until it answers.
    public var tag: String?
    /// The via-branch that tells it from other forks.
    public var viaBranch: String?
    /// `label`.
    public var label: String?
    /// `metadata`.
    public var metadata: String?
    /// When it appeared.
    public var created: SignallingTime
    /// The tags of those it has a dialogue with; nil stands for a party without tag.
    public var associates: [String?]
    /// It gets copies of what others send (`subscribe request`).
    public var isSubscriber: Bool
    /// It sends for others to subscribe to (`publish`).
    public var isPublisher: Bool
    /// The tags of those it gets copies of.
    public var sources: [String?]
    /// The tags of those that get copies of what it sends.
    public var copies: [String?]
    /// What is thrown away of its media.
    public var blocks: MediaBlocks
    /// Its media sections in the order of the SDP.
    public var media: [MediaReport]
}

/// One media section of one party.
public struct MediaReport: Sendable {
    /// `audio`, `video`, …
    public var kind: String
    /// `RTP/AVP`, …
    public var transportProtocol: String
    /// The first codec the party named.
    public var codec: String?
    /// True once an SDP of this party described the section.
    public var isInitialized: Bool
    /// What the party said it does.
    public var direction: MediaDirection
    /// RTP and RTCP share a port.
    public var isMuxing: Bool
    /// The party sends from elsewhere than it receives.
    public var isAsymmetric: Bool
    /// `strict source`.
    public var isStrict: Bool
    /// `media handover`.
    public var allowsHandover: Bool
    /// Our ports that face the party: the current pair, then those shown earlier.
    public var ports: [PortReport]
}

/// One relay port.
public struct PortReport: Sendable {
    /// The plan in force.
    public var plan: PortPlan
    /// False for a port that an earlier SDP showed and that only forwards what is still under way.
    public var isCurrent: Bool
}

extension CallReport {
    /// The traffic class octet of the first port's media; zero without ports.
    public var trafficClass: UInt8 {
        self.parties.lazy.flatMap(\.media).flatMap(\.ports).first?.plan.trafficClass ?? 0
    }
}

/// How many calls have media of which family.
public struct MediaFamilies: Sendable, Hashable {
    /// IPv4 only.
    public var ipv4 = 0
    /// IPv6 only.
    public var ipv6 = 0
    /// Both.
    public var mixed = 0

    /// No calls.
    public init() {}
}

/// A call in a line.
public struct CallOutline: Sendable, Hashable {
    /// The call-id.
    public var id: String
    /// When its first offer came.
    public var created: SignallingTime
    /// True while a delayed delete is under way.
    public var isEnding: Bool
}

extension CallTable {
    /// What the signalling says of a call.
    public func report(of id: String) -> CallReport? {
        self.calls[self.primaryID(of: id)].map { $0.report() }
    }

    /// What the signalling says of every call.
    public func reports() -> [CallReport] { self.calls.values.map { $0.report() } }

    /// The call, the party's tag and the section that a port belongs to, for logs and element comments.
    public func owner(of port: RelayPortID, in callID: String) -> (tag: String?, mediaIndex: Int)? {
        self.calls[self.primaryID(of: callID)]?.owner(of: port).map { ($0.party.tag, $0.mediaIndex) }
    }

    /// True if there is such a call.
    public func contains(_ id: String) -> Bool { self.calls[self.primaryID(of: id)] != nil }

    /// Switches debug logs of a call on or off.
    public mutating func setDebugged(_ id: String, _ isOn: Bool) {
        self.calls[self.primaryID(of: id)]?.debug = isOn
    }

    /// Answered calls by the address families of their ports.
    public var mediaFamilies: MediaFamilies {
        var families = MediaFamilies()
        for call in self.calls.values where call.isAnswered {
            let hasIPv4 = call.plans.values.contains { $0.local.family == .ipv4 }
            let hasIPv6 = call.plans.values.contains { $0.local.family == .ipv6 }
            switch (hasIPv4, hasIPv6) {
            case (true, false): families.ipv4 += 1
            case (false, true): families.ipv6 += 1
            case (true, true): families.mixed += 1
            case (false, false): break
            }
        }
        return families
    }

    /// Id, creation and state of every call.
    public var outlines: [CallOutline] {
        self.calls.values.map {
            CallOutline(id: $0.id, created: $0.created, isEnding: $0.deletionDue != nil)
        }
    }

    /// True if the controller asked for debug logs of this call.
    public func isDebugged(_ id: String) -> Bool { self.calls[self.primaryID(of: id)]?.debug == true }
}

extension CallReport {
    /// What `query` tells if it names a party: that one and those whose media it gets, as in rtpengine; to-tag goes before
    /// from-tag, and a tag that nobody has leaves no party. Without a tag, everything.
    public func narrowed(toTag: String?, fromTag: String?) -> CallReport {
        let tag = [toTag, fromTag].lazy.compactMap { $0 }.first { !$0.isEmpty }
        guard let tag else { return self }
        var report = self
        let heard = Set(self.parties.filter { $0.tag == tag }.flatMap { $0.associates + $0.sources })
        report.parties.removeAll { $0.tag != tag && !heard.contains($0.tag) }
        return report
    }
}

extension Call {
    func report() -> CallReport {
        CallReport(
            id: self.id, created: self.created, lastSignal: self.lastSignal, isAnswered: self.isAnswered,
            isEnding: self.deletionDue != nil,
            parties: self.parties.map { party in
                PartyReport(
                    tag: party.tag, viaBranch: party.viaBranch, label: party.label, metadata: party.metadata,
                    created: party.created,
                    associates: self.tags(of: party.associates.sorted()),
                    isSubscriber: party.subscription != nil, isPublisher: party.isPublisher,
                    sources: self.tags(of: self.sources(of: party)),
                    copies: self.tags(of: self.subscribers(of: party.id)), blocks: self.blocks(of: party),
                    media: party.media.map { self.report(of: $0) })
            })
    }

    private func tags(of ids: [PartyID]) -> [String?] { ids.compactMap { id in self.party(id).map(\.tag) } }

    private func report(of media: PartyMedia) -> MediaReport {
        MediaReport(
            kind: media.kind, transportProtocol: media.transportProtocol, codec: media.codec,
            isInitialized: media.isInitialized, direction: media.direction, isMuxing: media.isMuxing,
            isAsymmetric: media.learning.asymmetric, isStrict: media.learning.strictSource,
            allowsHandover: media.learning.mediaHandover,
            ports: media.allPairs.enumerated().flatMap { index, pair in
                pair.ports.compactMap { port in
                    self.plans[port.id].map {
                        PortReport(plan: $0, isCurrent: index == 0 && media.ports != nil)
                    }
                }
            })
    }
}
