/// A UDP transport address: IP address and port (RFC 8489, section 2).
public struct TransportAddress: Hashable, Sendable {
    /// The IP address.
    public var address: IPAddress
    /// The port in host order; zero where SDP says "no port".
    public var port: UInt16

    /// Joins an address and a port.
    @inlinable
    public init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// The family of the IP address.
    @inlinable
    public var family: AddressFamily { self.address.family }
}

extension TransportAddress: CustomStringConvertible {
    /// `192.0.2.1:5004` or `[2001:db8::1]:5004`.
    public var description: String {
        switch self.family {
        case .ipv4: "\(self.address):\(self.port)"
        case .ipv6: "[\(self.address)]:\(self.port)"
        }
    }

    /// Reads `192.0.2.1:5004` or `[2001:db8::1]:5004`; nil for anything else, a missing port included.
    public init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let portText = text[text.index(after: colon)...]
        guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(portText) else {
            return nil
        }
        var host = text[..<colon]
        let isBracketed = host.first == "[" && host.last == "]"
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(host), (address.family == .ipv6) == isBracketed else { return nil }
        self.init(address, port: port)
    }
}
