public import NATRules
public import WireFormat

/// Names one relay port for as long as it is open; small and dense, so forwarders can index arrays with it.
public struct RelayPortID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The index; reused only after the port was closed everywhere.
    public let index: UInt32

    /// Wraps an index.
    @inlinable
    public init(_ index: UInt32) {
        self.index = index
    }

    /// Orders by index.
    @inlinable
    public static func < (one: Self, other: Self) -> Bool { one.index < other.index }

    /// `port#17`.
    public var description: String { "port#\(self.index)" }
}

/// What a media section's port carries (RFC 8445 calls these components 1 and 2).
public enum MediaComponent: UInt8, Sendable, Hashable {
    case rtp = 1
    case rtcp = 2
}

/// Whether the payload is RTP, whose first octets can be told apart from RTCP and STUN, or something opaque.
public enum PayloadKind: UInt8, Sendable, Hashable {
    /// `RTP/AVP` and its profiles.
    case rtp
    /// UDPTL, BFCP and whatever else is relayed unread.
    case opaque
}

/// Everything a forwarder needs to know of one relay port: the contract between calls and forwarders.
///
/// A relay port is one UDP port of ours that faces one party. What arrives on it leaves through the port named by
/// `sink`, towards that port's own party. CallControl computes plans and never touches a socket; forwarders obey
/// plans and never read an SDP.
public struct PortPlan: Sendable, Hashable {
    /// Names the port.
    public var id: RelayPortID
    /// Our concrete address and port that this party sends to.
    public var local: TransportAddress
    /// RTP or RTCP.
    public var component: MediaComponent
    /// Whether the payload is RTP at all.
    public var payload: PayloadKind
    /// Where the party's SDP (or received-from) says to send; nil while unknown. A hold with a zero address keeps the
    /// last usable one and sets `isMuted`.
    public var signalled: TransportAddress?
    /// The port that what arrives here leaves by; nil while there is no other party.
    public var sink: RelayPortID?
    /// Where RTCP leaves that arrives here because the party multiplexes (RFC 5761); equal to `sink` when the other
    /// party multiplexes too. Nil if this party does not multiplex.
    public var rtcpSink: RelayPortID?
    /// True once an SDP that names this port has been handed out; until then everything that arrives is dropped.
    public var isPublished: Bool
    /// True while nothing may leave by this port: the party is on hold with a zero address, or rejected the media.
    public var isMuted: Bool
    /// The party will never send, so the kernel may forward to its signalled address without having learnt it.
    public var isUnidirectional: Bool
    /// How sources are learnt and checked.
    public var learning: LearningPolicy
    /// Grows when learning has to start anew; an unchanged epoch keeps what was learnt.
    public var learningEpoch: UInt32
    /// The IP traffic class (DSCP and ECN octet) of what leaves by this port.
    public var trafficClass: UInt8
    /// Feedback (RFC 4585) is cut off RTCP that arrives here: the other party's profile has none.
    public var cutsFeedback: Bool
    /// What of the packets that arrive here is thrown away.
    public var blocks: MediaBlocks
    /// Payload types of telephone events (RFC 4733) that the party may send; for `blocks`.
    public var eventPayloadTypes: PayloadTypeSet
    /// Nothing leaves by this port before something of its party has arrived on it (`NAT wait`); learning that starts
    /// anew makes it wait anew.
    public var waitsForParty: Bool
    /// Datagrams without media leave by this port towards `signalled` until something of its party arrives on it
    /// (`pierce NAT`): at once when all is known, then every second, and not for ever.
    ///
    /// They are what rtpengine sends, a bare RTP header of payload type 127 and SSRC 0, also on RTCP ports; on ports
    /// with opaque payload they are empty.
    public var piercesNAT: Bool
    /// The first of the ports by which copies of what arrives here leave besides `sink` (subscriptions): a list of RTP
    /// ports, linked by their `nextCopy`. All of them are ports of the same call, or of calls on the same worker.
    ///
    /// The publisher's RTP and RTCP ports name the same list. RTP leaves by the ports themselves, RTCP by each one's
    /// `rtcpPort`. A copy that cannot leave, for any reason for which a sink is none, does not keep the others, and
    /// what arrives counts as relayed if anything left. Ports beyond ``maximumCopies`` are not looked at, and a port
    /// that is not open ends the list.
    public var firstCopy: RelayPortID?
    /// The next port of the one list in which this one stands because another port's packets are copied to it.
    public var nextCopy: RelayPortID?
    /// The port by which copies of RTCP reach the party of this RTP port; nil if that is this port itself, because the
    /// party multiplexes (RFC 5761).
    public var rtcpPort: RelayPortID?
    /// The recording that gets a copy of everything that arrives here and is accepted; nil if there is none.
    public var recording: RecordingID?
    /// What keeps packets that arrive here in userspace, besides what is not yet learnt.
    public var userspaceReasons: UserspaceReasons

    /// The longest list of copies that is followed for one packet, so that a broken list cannot loop.
    public static let maximumCopies = 64

    /// A plan with nothing known but the port itself.
    public init(
        id: RelayPortID, local: TransportAddress, component: MediaComponent, payload: PayloadKind = .rtp
    ) {
        self.id = id
        self.local = local
        self.component = component
        self.payload = payload
        self.isPublished = false
        self.isMuted = false
        self.isUnidirectional = false
        self.learning = LearningPolicy()
        self.learningEpoch = 0
        self.trafficClass = 0
        self.cutsFeedback = false
        self.blocks = []
        self.eventPayloadTypes = PayloadTypeSet()
        self.waitsForParty = false
        self.piercesNAT = false
        self.userspaceReasons = []
    }
}
