extension MediaDescription {
    /// A section that stands in an SDP only because it has to: port 0, one format and nothing else (RFC 3264, section 6).
    ///
    /// - Parameters:
    ///   - kind: `audio`, `video`, …
    ///   - transportProtocol: `RTP/AVP`, …
    ///   - format: the format to name; nil lets the writer choose one.
    ///   - mid: the section's `a=mid`, if any.
    public init(refused kind: String, transportProtocol: String, format: String?, mid: String?) {
        self.init(
            kind: kind, port: 0, portCount: nil, transportProtocol: transportProtocol,
            formats: format.map { [$0] } ?? [], connections: [], otherLines: [],
            attributes: mid.map { [Attribute("mid", $0)] } ?? [])
    }
}
