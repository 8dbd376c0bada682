/// `a=rtcp:PORT [IN IP4 ADDRESS]` (RFC 3605, section 2.1).
public struct RTCPAttribute: Sendable, Hashable {
    /// Where RTCP is received.
    public var port: UInt16
    /// The address if it is not that of `c=`.
    public var connection: Connection?

    /// Reads the value of the attribute; nil if it is malformed.
    public init?(_ value: String) {
        let fields = value.fields
        guard let first = fields.first, let port: UInt16 = first.decimal() else { return nil }
        self.port = port
        guard fields.count > 1 else { return }
        guard let connection = try? Connection(fields: fields.dropFirst()) else { return nil }
        self.connection = connection
    }
}

extension MediaDescription {
    /// The section's `a=rtcp`, if there is a well-formed one.
    public var rtcp: RTCPAttribute? {
        self.values(ofAttribute: "rtcp").lazy.compactMap(RTCPAttribute.init).first
    }

    /// True if the party can receive RTP and RTCP on one port (RFC 5761, RFC 8858).
    public var hasRTCPMux: Bool {
        self.hasAttribute(named: "rtcp-mux") || self.hasAttribute(named: "rtcp-mux-only")
    }
}
