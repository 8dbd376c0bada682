import ControlProtocols
import NATRules
import RelayPlanning
import SDPGrammar
import WireFormat

/// Names a party within its call.
struct PartyID: Hashable, Sendable, Comparable {
    var rawValue: Int
    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

/// One end of a dialogue: the tag, how it is reached, and its media sections.
struct Party: Sendable {
    /// Changes only when calls are joined.
    var id: PartyID
    /// The SIP tag; nil until the party answers.
    var tag: String?
    /// Tags this party used before: forked answers to one offer are one party (ng.md 2.1, `provisional`).
    var formerTags: [String] = []
    var viaBranch: String?
    var label: String?
    var metadata: String?
    let created: SignallingTime
    /// The logical interface that faces this party; nil until an offer chose one.
    var interface: String?
    /// The family of our addresses that face this party; nil until an offer chose one.
    var family: AddressFamily?
    /// The controller chose `family` (`address family`): it does not follow the party's SDPs.
    var isFamilyChosen = false
    /// Where its last message came from of which the controller said so.
    var receivedFrom: IPAddress?
    /// The party its media goes to; nil while nobody answered or another branch won.
    var peer: PartyID?
    /// Every party it has a dialogue with.
    var associates: Set<PartyID> = []
    /// Slots: those of the same number of two parties that talk to each other belong together.
    var media: [PartyMedia] = []
    /// The slots of the sections of this party's SDPs, in order; see `knownSections`.
    var sections: [Int] = []
    /// The slots of the sections of the offer that this party last got, in the offerer's order: what an answer has to have.
    var toAnswer: [Int] = []
    /// The last offer for this party began its dialogue: it may have reached several phones, and several may answer.
    var mayFork = false
    /// What was last handed to this party, for `sdp-version` and `origin-full`.
    var handedOut = HandedOutDescription()
    /// When a delayed delete takes it away.
    var deletionDue: MonotonicTime?
    /// What is thrown away of its media, besides what the call says.
    var blocks: MediaBlocks = []
    /// Parties that its media does not reach (`block media` with a to-tag).
    var blockedTowards: Set<PartyID> = []
    /// Its last SDP as it came, of which subscribers are offered copies.
    var lastSDP: [UInt8] = []
    /// It sends for others to subscribe to (`publish`).
    var isPublisher = false
    /// What it gets copies of; nil unless it is a subscriber, which is no side of a dialogue.
    var subscription: Subscription?

    init(id: PartyID, tag: String?, viaBranch: String?, created: SignallingTime) {
        self.id = id
        self.tag = tag
        self.viaBranch = viaBranch
        self.created = created
    }

    func media(at index: Int) -> PartyMedia? { index < self.media.count ? self.media[index] : nil }

    func answers(to tag: String) -> Bool { self.tag == tag || self.formerTags.contains(tag) }
}

/// What is remembered of the SDPs handed to one party.
struct HandedOutDescription: Sendable {
    /// The last SDP that we numbered.
    var sdp: [UInt8]?
    /// The version of the last SDP.
    var version: UInt64?
    /// The first origin and session name it saw.
    var origin: Origin?
    var sessionName: String?
}

/// One media section of one party: what its SDP said, and our ports that face it.
struct PartyMedia: Sendable {
    var kind: String
    var isRTP: Bool
    /// The protocol the party last wrote, or what we wrote to it if it has not spoken yet.
    var transportProtocol: String
    /// What the party last said it does.
    var direction: MediaDirection = .sendrecv
    /// True if the party's SDP has named this section.
    var isInitialized = false
    /// Port 0.
    var isRejected = false
    /// The controller left this section out of the last offer for the party, which does not know it, or knows it as refused.
    var isLeftOut = false
    /// The first format and the `a=mid` that the party last wrote, for sections that are answered here.
    var firstFormat: String?
    var mid: String?
    /// An `a=mid` that the last SDP for this party had and the other party's had not.
    var generatedMID: String?
    /// Codecs of the last offer that this party did not get to see.
    var withheldCodecs: [ListedCodec] = []
    /// `c=0.0.0.0`.
    var isOnZeroHold = false
    /// What the party's SDP (or received-from) says; the last usable one during a hold.
    var signalledRTP: TransportAddress?
    var signalledRTCP: TransportAddress?
    /// The party's SDP has `a=rtcp-mux`.
    var wantsMux = false
    /// We gave the party an SDP with `a=rtcp-mux`.
    var wasOfferedMux = false
    /// Both agreed: RTCP of this party uses the RTP port.
    var isMuxing = false
    /// What the controller said about multiplexing when this party offered.
    var muxOptions: Set<OfferAnswerOptions.RTCPMuxOption> = []
    var learning = LearningPolicy()
    var learningEpoch: UInt32 = 0
    var isUnidirectional = false
    /// Nothing is sent to the party before it was heard (`NAT wait`).
    var waitsForParty = false
    /// The party's NAT is pierced from here (`pierce NAT`).
    var piercesNAT = false
    var trafficClass: UInt8 = 0
    /// Our ports that face this party.
    var ports: PortPair?
    /// The endpoint of the *other* party for which `ports` were chosen; nil if it had none yet.
    var portsChosenFor: TransportAddress?
    /// Ports shown earlier: they still forward what arrives, and come back if their endpoint does.
    var retired: [(endpoint: TransportAddress?, pair: PortPair)] = []
    /// The party was shown `ports`.
    var isPublished = false
    var codec: String?
    var clockRates: [PayloadClockRate] = []
    /// Payload types of telephone events in the party's SDP (RFC 4733).
    var eventPayloadTypes: [UInt8] = []
    /// Its number in subscribers' SDPs; nil until one of those needed it.
    var label: Int?

    init(kind: String, isRTP: Bool, transportProtocol: String) {
        self.kind = kind
        self.isRTP = isRTP
        self.transportProtocol = transportProtocol
    }

    /// True if the party neither sends nor receives, or nothing can reach it.
    var isSilent: Bool { self.isRejected || self.direction == .inactive || self.isOnZeroHold }
}
