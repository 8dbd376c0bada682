/// Why a datagram is not an RTP packet.
public enum RTPHeaderError: UInt8, Error, Sendable, Hashable, CaseIterable {
    /// Shorter than the 12 octets of the fixed header.
    case shorterThanFixedHeader
    /// The version is not 2.
    case unknownVersion
    /// Ends within the list of contributing sources.
    case truncatedContributingSources
    /// Ends within the header extension.
    case truncatedExtension
    /// The padding is empty or longer than what follows the header.
    case invalidPadding
}

/// The header of an RTP packet as a plain value (RFC 3550, section 5.1), with the payload's place in the datagram.
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
/// |                           timestamp                           |
/// |                              SSRC                             |
/// |                     CSRC (CC words)                           |
/// |  defined by profile (X)       |  extension length in words    |
/// ```
public struct RTPHeader: Sendable, Hashable {
    /// Octets of the fixed header.
    @inlinable
    public static var fixedByteCount: Int { 12 }

    /// The first two octets, from which flags and payload type are read.
    @usableFromInline
    let flags: UInt16
    /// Counts packets; wraps at 16 bits.
    public let sequenceNumber: UInt16
    /// The sampling instant in units of the payload's clock rate.
    public let timestamp: UInt32
    /// The synchronization source.
    public let ssrc: UInt32
    /// Where the payload lies in the datagram: after CSRCs and extension, before padding.
    public let payloadRange: Range<Int>

    /// Reads and validates the header, its extension and the padding; the payload is not looked at.
    @inlinable
    public init(_ bytes: RawSpan) throws(RTPHeaderError) {
        guard bytes.byteCount >= 12 else { throw .shorterThanFixedHeader }
        let flags = bytes.uint16(at: 0)
        guard flags >> 14 == 2 else { throw .unknownVersion }
        var start = 12 &+ Int(flags >> 8 & 0x0F) &* 4
        guard start <= bytes.byteCount else { throw .truncatedContributingSources }
        if flags & 0x1000 != 0 {
            guard start &+ 4 <= bytes.byteCount else { throw .truncatedExtension }
            start = start &+ 4 &+ Int(bytes.uint16(at: start &+ 2)) &* 4
            guard start <= bytes.byteCount else { throw .truncatedExtension }
        }
        var end = bytes.byteCount
        if flags & 0x2000 != 0 {
            let padding = start < end ? Int(bytes.octet(at: end &- 1)) : 0
            guard padding > 0, padding <= end &- start else { throw .invalidPadding }
            end &-= padding
        }
        self.flags = flags
        self.sequenceNumber = bytes.uint16(at: 2)
        self.timestamp = bytes.uint32(at: 4)
        self.ssrc = bytes.uint32(at: 8)
        self.payloadRange = start..<end
    }

    /// Always 2: anything else is refused.
    @inlinable
    public var version: UInt8 { UInt8(truncatingIfNeeded: self.flags >> 14) }

    /// True if padding octets end the packet.
    @inlinable
    public var hasPadding: Bool { self.flags & 0x2000 != 0 }

    /// True if a header extension follows the CSRC list.
    @inlinable
    public var hasExtension: Bool { self.flags & 0x1000 != 0 }

    /// How many contributing sources are listed: 0 to 15.
    @inlinable
    public var contributingSourceCount: Int { Int(self.flags >> 8 & 0x0F) }

    /// The marker bit: with audio, the first packet after a silence.
    @inlinable
    public var marker: Bool { self.flags & 0x80 != 0 }

    /// The payload type: 0 to 127.
    @inlinable
    public var payloadType: UInt8 { UInt8(truncatingIfNeeded: self.flags & 0x7F) }

    /// The payload type of a packet of at least two octets, also where the rest of its header makes no sense.
    @inlinable
    public static func payloadType(of bytes: RawSpan) -> UInt8 { bytes.octet(at: 1) & 0x7F }
}
