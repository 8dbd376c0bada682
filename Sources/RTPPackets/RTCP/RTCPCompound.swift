/// A validated compound RTCP packet (RFC 3550, section 6.1 and appendix A.2), read packet by packet.
///
/// Everything is checked before the first packet is handed out: versions, that the lengths add up to the datagram,
/// padding on the last packet only, and that each packet is as long as its type and count demand. Contents of SDES,
/// BYE, APP, feedback (RFC 4585) and XR (RFC 3611) are left unread. SRTCP has to be decrypted first.
public struct RTCPCompound: ~Escapable {
    /// How many packets one datagram may hold.
    public static let maximumPackets = 64

    private let bytes: RawSpan
    private var offset = 0
    /// How many packets there are, at least one.
    public let packetCount: Int

    /// Validates a datagram.
    ///
    /// - Parameters:
    ///   - bytes: the UDP payload.
    ///   - allowingReducedSize: whether it may begin with something other than a report (RFC 5506), as feedback from
    ///     WebRTC endpoints does.
    /// - Throws: what is wrong with the first packet that is not as it should be.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, allowingReducedSize: Bool = true) throws(RTCPError) {
        self.bytes = bytes
        var offset = 0
        var packets = 0
        repeat {
            let length = try Self.validatedLength(bytes, at: offset)
            offset &+= length
            packets &+= 1
            guard packets <= Self.maximumPackets else { throw .tooManyPackets }
        } while offset < bytes.byteCount
        self.packetCount = packets
        guard allowingReducedSize || (200...201).contains(bytes.octet(at: 1)) else {
            throw .doesNotBeginWithReport
        }
    }

    /// The next packet; nil after the last one.
    @_lifetime(copy self)
    public mutating func nextPacket() -> RTCPPacket? {
        let start = self.offset
        guard start < self.bytes.byteCount else { return nil }
        let length = Self.length(self.bytes, at: start)
        self.offset = start &+ length
        var end = self.offset
        if self.bytes.octet(at: start) & 0x20 != 0 { end &-= Int(self.bytes.octet(at: end &- 1)) }
        return RTCPPacket(self.bytes.extracting(start..<end))
    }

    /// How many octets of a compound packet come before the feedback at its end, where RFC 4585, section 3.1, puts it: all
    /// if there is none or something else follows it, zero if there is nothing else (RFC 5506).
    ///
    /// - Throws: what is wrong with the datagram.
    public static func byteCountBeforeFeedback(_ bytes: RawSpan) throws(RTCPError) -> Int {
        _ = try RTCPCompound(bytes)
        var offset = 0
        var kept = 0
        while offset < bytes.byteCount {
            let isFeedback = RTCPPacketType(rawValue: bytes.octet(at: offset &+ 1))?.isFeedback == true
            let end = offset &+ self.length(bytes, at: offset)
            if !isFeedback {
                guard kept == offset else { return bytes.byteCount }
                kept = end
            }
            offset = end
        }
        return kept
    }

    private static func length(_ bytes: RawSpan, at offset: Int) -> Int {
        4 &+ Int(bytes.uint16(at: offset &+ 2)) &* 4
    }

    private static func validatedLength(_ bytes: RawSpan, at offset: Int) throws(RTCPError) -> Int {
        guard bytes.byteCount &- offset >= 4 else { throw .truncatedHeader }
        let first = bytes.octet(at: offset)
        guard first >> 6 == 2 else { throw .unknownVersion }
        let packetType = bytes.octet(at: offset &+ 1)
        guard (192...223).contains(packetType) else { throw .unknownPacketType }
        let length = self.length(bytes, at: offset)
        guard length <= bytes.byteCount &- offset else { throw .lengthBeyondDatagram }
        var content = length
        if first & 0x20 != 0 {
            guard offset &+ length == bytes.byteCount else { throw .paddingBeforeLastPacket }
            let padding = Int(bytes.octet(at: offset &+ length &- 1))
            guard padding > 0, padding % 4 == 0, padding <= length &- 4 else { throw .invalidPadding }
            content &-= padding
        }
        let minimum = RTCPPacketType(rawValue: packetType)?.minimumByteCount(count: Int(first & 0x1F)) ?? 4
        guard content >= minimum else { throw .shorterThanItsContent }
        return length
    }
}
