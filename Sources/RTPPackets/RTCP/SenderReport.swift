/// What a sender tells about itself (RFC 3550, section 6.4.1).
public struct SenderReport: Sendable, Hashable {
    /// The sender.
    public let ssrc: UInt32
    /// Wall-clock time as the sender knows it: seconds since 1900 and their fraction, 32 bits each.
    public let ntpTimestamp: UInt64
    /// The same instant in units of the sender's RTP clock.
    public let rtpTimestamp: UInt32
    /// RTP packets sent so far.
    public let packetCount: UInt32
    /// Octets of RTP payload sent so far.
    public let octetCount: UInt32

    /// Reads 24 octets from the SSRC on; `offset` has been checked by the caller.
    init(_ bytes: RawSpan, at offset: Int) {
        self.ssrc = bytes.uint32(at: offset)
        self.ntpTimestamp = bytes.uint64(at: offset &+ 4)
        self.rtpTimestamp = bytes.uint32(at: offset &+ 12)
        self.packetCount = bytes.uint32(at: offset &+ 16)
        self.octetCount = bytes.uint32(at: offset &+ 20)
    }

    private init() {
        self.ssrc = 0
        self.ntpTimestamp = 0
        self.rtpTimestamp = 0
        self.packetCount = 0
        self.octetCount = 0
    }

    /// All zero, for places that are not in use yet.
    static var vacant: SenderReport { SenderReport() }

    /// The middle 32 bits of the NTP time, which report blocks name the report by.
    public var ntpMiddle: UInt32 { UInt32(truncatingIfNeeded: self.ntpTimestamp >> 16) }
}
