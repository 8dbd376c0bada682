extension MediaDescription {
    /// A section with nothing but its `m=` line and port 0: one that keeps its place and has no media (RFC 3264,
    /// section 8.2).
    public static func unused(kind: String, transportProtocol: String, formats: [String]) -> MediaDescription
    {
        MediaDescription(
            kind: kind, port: 0, portCount: nil, transportProtocol: transportProtocol, formats: formats,
            connections: [], otherLines: [], attributes: [])
    }
}
