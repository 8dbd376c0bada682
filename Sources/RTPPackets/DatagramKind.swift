/// What a datagram on a media port is, told by its first two octets (RFC 7983, section 7; RFC 5761, section 4).
///
/// | first octet | second octet | kind |
/// |---|---|---|
/// | 0–3 | any | STUN |
/// | 20–63 | any | DTLS |
/// | 128–191 | 192–223 | RTCP |
/// | 128–191 | anything else | RTP |
/// | anything else | | other (ZRTP, TURN channels, nothing known) |
public enum DatagramKind: UInt8, Sendable, Hashable, CaseIterable {
    case rtp
    case rtcp
    case stun
    case dtls
    case other

    /// Tells the kind; a datagram too short to tell is ``other``. Lengths and contents are not looked at.
    @inlinable
    public static func of(_ bytes: RawSpan) -> DatagramKind {
        guard bytes.byteCount >= 2 else { return .other }
        switch bytes.octet(at: 0) {
        case 128...191: return bytes.octet(at: 1) & 0xE0 == 0xC0 ? .rtcp : .rtp
        case 0...3: return .stun
        case 20...63: return .dtls
        default: return .other
        }
    }
}
