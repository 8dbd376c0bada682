public import WireFormat

extension SessionDescription {
    /// The connection that holds for a section: its own first `c=`, else the session's (RFC 8866, section 5.7).
    public func applicableConnection(for section: MediaDescription) -> Connection? {
        section.connections.first ?? self.connection
    }

    /// Where the party wants the section's media: address and port of `m=`; nil without a usable address.
    ///
    /// The address may be unspecified (RFC 2543 hold) and the port zero (rejected).
    public func mediaDestination(of section: MediaDescription) -> TransportAddress? {
        guard let address = self.applicableConnection(for: section)?.address else { return nil }
        return TransportAddress(address, port: section.port)
    }
}
