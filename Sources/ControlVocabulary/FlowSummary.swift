/// Who forwards a flow.
public enum FlowPath: String, Codable, Sendable {
    case kernel
    case userspace
}

/// RTP or RTCP.
public enum FlowComponent: String, Codable, Sendable {
    case rtp = "RTP"
    case rtcp = "RTCP"
}

/// One direction of one stream as an operator sees it; addresses are `192.0.2.1:5004` or `[2001:db8::1]:5004`.
public struct FlowSummary: Codable, Sendable, Equatable {
    /// The SIP Call-ID.
    public var callID: String
    /// The number of the media section in the SDP, counted from 1.
    public var media: Int
    /// `audio`, `video`, … as in the SDP's `m=` line.
    public var kind: String
    /// RTP or RTCP.
    public var component: FlowComponent
    /// The SIP tag of the sending party.
    public var fromTag: String
    /// The sender's address, learnt or signalled; nil while neither is known.
    public var from: String?
    /// True once the sender's address was learnt for good.
    public var fromIsSettled: Bool
    /// Our address that the sender sends to.
    public var local: String
    /// Our address that the receiver sees as the sender; nil while there is no other party.
    public var relay: String?
    /// The receiver's address; nil while unknown.
    public var to: String?
    /// Who forwards it.
    public var path: FlowPath
    /// How the userspace path receives and sends, `io_uring` or `epoll`; nil on the kernel path.
    public var engine: String?
    /// Why it is not in the kernel; empty on the kernel path.
    public var reasons: [String]
    /// Packets forwarded on either path.
    public var packets: UInt64
    /// Octets forwarded on either path, UDP payload only.
    public var bytes: UInt64
    /// Packets lost on the way to us or as the receiver reported; nil if nothing is known.
    public var lost: Int64?
    /// Interarrival jitter in milliseconds; nil if nothing is known.
    public var jitterMilliseconds: Double?
    /// Seconds since the stream was set up.
    public var age: Double
    /// Seconds since the last packet; nil if there was none.
    public var idle: Double?

    /// A flow on the userspace path that has carried nothing yet.
    public init(
        callID: String, media: Int, kind: String, component: FlowComponent, fromTag: String, local: String
    ) {
        self.callID = callID
        self.media = media
        self.kind = kind
        self.component = component
        self.fromTag = fromTag
        self.fromIsSettled = false
        self.local = local
        self.path = .userspace
        self.reasons = []
        self.packets = 0
        self.bytes = 0
        self.age = 0
    }

    /// Writes every member, the unknown ones as `null`, so that scripts find the same keys in each row.
    public func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.encode(self.callID, forKey: .callID)
        try row.encode(self.media, forKey: .media)
        try row.encode(self.kind, forKey: .kind)
        try row.encode(self.component, forKey: .component)
        try row.encode(self.fromTag, forKey: .fromTag)
        try row.encode(self.from, forKey: .from)
        try row.encode(self.fromIsSettled, forKey: .fromIsSettled)
        try row.encode(self.local, forKey: .local)
        try row.encode(self.relay, forKey: .relay)
        try row.encode(self.to, forKey: .to)
        try row.encode(self.path, forKey: .path)
        try row.encode(self.engine, forKey: .engine)
        try row.encode(self.reasons, forKey: .reasons)
        try row.encode(self.packets, forKey: .packets)
        try row.encode(self.bytes, forKey: .bytes)
        try row.encode(self.lost, forKey: .lost)
        try row.encode(self.jitterMilliseconds, forKey: .jitterMilliseconds)
        try row.encode(self.age, forKey: .age)
        try row.encode(self.idle, forKey: .idle)
    }
}
