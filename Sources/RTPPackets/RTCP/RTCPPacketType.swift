/// The packet types of RTCP that are known by name here (IANA, RTCP Control Packet Types).
public enum RTCPPacketType: UInt8, Sendable, Hashable, CaseIterable {
    /// SR (RFC 3550, section 6.4.1).
    case senderReport = 200
    /// RR (RFC 3550, section 6.4.2).
    case receiverReport = 201
    /// SDES (RFC 3550, section 6.5).
    case sourceDescription = 202
    /// BYE (RFC 3550, section 6.6).
    case goodbye = 203
    /// APP (RFC 3550, section 6.7).
    case applicationDefined = 204
    /// RTPFB (RFC 4585, section 6.2).
    case transportFeedback = 205
    /// PSFB (RFC 4585, section 6.3).
    case payloadFeedback = 206
    /// XR (RFC 3611).
    case extendedReport = 207

    /// The fewest octets of a packet of this type whose header counts `count` items.
    func minimumByteCount(count: Int) -> Int {
        switch self {
        case .senderReport: 28 &+ count &* ReportBlock.byteCount
        case .receiverReport: 8 &+ count &* ReportBlock.byteCount
        case .sourceDescription: 4 &+ count &* 8
        case .goodbye: 4 &+ count &* 4
        case .applicationDefined, .transportFeedback, .payloadFeedback: 12
        case .extendedReport: 8
        }
    }

    /// True for the feedback that belongs to the AVPF profiles only (RFC 4585).
    public var isFeedback: Bool { self == .transportFeedback || self == .payloadFeedback }
}
