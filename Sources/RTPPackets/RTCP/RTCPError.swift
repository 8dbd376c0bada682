/// Why a datagram is not a compound RTCP packet.
public enum RTCPError: UInt8, Error, Sendable, Hashable, CaseIterable {
    /// Nothing, or fewer than the four octets of a header where a packet should begin.
    case truncatedHeader
    /// A version other than 2.
    case unknownVersion
    /// A packet type outside 192 to 223, the ones that can be told from RTP (RFC 5761, section 4).
    case unknownPacketType
    /// The length field points beyond the datagram.
    case lengthBeyondDatagram
    /// The packet is shorter than its type and count demand.
    case shorterThanItsContent
    /// Padding on a packet that is not the last one.
    case paddingBeforeLastPacket
    /// Padding that is empty, not a multiple of four octets, or longer than the packet.
    case invalidPadding
    /// The first packet is neither a sender nor a receiver report, and reduced-size RTCP was not allowed.
    case doesNotBeginWithReport
    /// More packets than ``RTCPCompound/maximumPackets``.
    case tooManyPackets
}
