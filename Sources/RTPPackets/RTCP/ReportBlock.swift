/// What a receiver tells about one source it hears (RFC 3550, section 6.4.1).
public struct ReportBlock: Sendable, Hashable {
    /// Octets on the wire.
    static let byteCount = 24

    /// The source reported on.
    public let ssrc: UInt32
    /// The share lost since the previous report in units of 1/256.
    public let fractionLost: UInt8
    /// Packets lost since the beginning; negative if there were more duplicates than losses.
    public let cumulativeLost: Int32
    /// The highest sequence number, with the number of wraps in the upper half.
    public let highestExtended: UInt32
    /// Interarrival jitter in units of the source's clock.
    public let jitter: UInt32
    /// The middle 32 bits of the NTP time in the last sender report heard from the source; zero if none was.
    public let lastSenderReport: UInt32
    /// Time from that sender report to this report in units of 1/65536 s.
    public let delaySinceLastSenderReport: UInt32

    /// Reads 24 octets; `offset` has been checked by the caller.
    init(_ bytes: RawSpan, at offset: Int) {
        self.ssrc = bytes.uint32(at: offset)
        let loss = bytes.uint32(at: offset &+ 4)
        self.fractionLost = UInt8(truncatingIfNeeded: loss >> 24)
        self.cumulativeLost = Int32(bitPattern: loss << 8) >> 8
        self.highestExtended = bytes.uint32(at: offset &+ 8)
        self.jitter = bytes.uint32(at: offset &+ 12)
        self.lastSenderReport = bytes.uint32(at: offset &+ 16)
        self.delaySinceLastSenderReport = bytes.uint32(at: offset &+ 20)
    }

    private init() {
        self.ssrc = 0
        self.fractionLost = 0
        self.cumulativeLost = 0
        self.highestExtended = 0
        self.jitter = 0
        self.lastSenderReport = 0
        self.delaySinceLastSenderReport = 0
    }

    /// All zero, for places that are not in use yet.
    static var vacant: ReportBlock { ReportBlock() }
}
