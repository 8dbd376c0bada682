/// What the rewriter does with an attribute: each role has its own place in the output, or none.
enum AttributeRole: UInt8 {
    case mid
    case label
    /// `rtpmap`, `fmtp`, `rtcp-fb`: written codec by codec.
    case codecMapping
    case codecParameters
    case codecFeedback
    /// `extmap` and `extmap-allow-mixed` (RFC 8285).
    case headerExtension
    case direction
    /// `rtcp`: ours replaces it.
    case rtcp
    case rtcpMux
    case rtcpMuxOnly
    case crypto
    case setup
    case fingerprint
    case tlsID
    case packetTime
    case maximumPacketTime
    case group
    /// Dropped: the relay has no ICE agent, and its candidates are not the party's.
    case ice
    /// Dropped: names addresses that are not ours, or joins streams that have ports of their own here.
    case connectionBound
    /// Kept, in the original order.
    case other
}

extension AttributeRole {
    init(of attribute: Attribute) {
        if let role = Self.byName[attribute.name] {
            self = role
        } else if attribute.name.utf8.starts(with: "ice-".utf8) {
            self = .ice
        } else if attribute.name.utf8.last == 0x20, let role = Self.byName[String(attribute.name.trimmed)] {
            self = role
        } else {
            self = .other
        }
    }

    private static let byName: [String: AttributeRole] = [
        "mid": .mid,
        "label": .label,
        "rtpmap": .codecMapping,
        "fmtp": .codecParameters,
        "rtcp-fb": .codecFeedback,
        "extmap": .headerExtension,
        "extmap-allow-mixed": .headerExtension,
        "sendrecv": .direction,
        "sendonly": .direction,
        "recvonly": .direction,
        "inactive": .direction,
        "rtcp": .rtcp,
        "rtcp-mux": .rtcpMux,
        "rtcp-mux-only": .rtcpMuxOnly,
        "crypto": .crypto,
        "setup": .setup,
        "fingerprint": .fingerprint,
        "tls-id": .tlsID,
        "ptime": .packetTime,
        "maxptime": .maximumPacketTime,
        "group": .group,
        "candidate": .ice,
        "remote-candidates": .ice,
        "end-of-candidates": .ice,
        // RFC 4570, RFC 6947, RFC 7006, RFC 9143.
        "source-filter": .connectionBound,
        "altc": .connectionBound,
        "ccap": .connectionBound,
        "bundle-only": .connectionBound,
    ]
}
