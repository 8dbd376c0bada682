public import WireFormat

extension TransportAddress {
    /// True if media can be sent here: a concrete unicast address and a port.
    ///
    /// False for port 0 (RFC 3264, section 6: stream rejected), for the unspecified address (RFC 3264, section 8.4:
    /// hold), multicast and IPv4's limited broadcast, also when they are written as IPv4-mapped IPv6 addresses.
    /// Loopback and link-local addresses are allowed: tests and hosts with several daemons use them.
    @inlinable
    public var isUsableForMedia: Bool {
        guard self.port != 0 else { return false }
        let isIPv4 =
            self.address.family == .ipv4 || (self.address.high == 0 && self.address.low >> 32 == 0xFFFF)
        guard isIPv4 else { return !self.address.isUnspecified && !self.address.isMulticast }
        let bits = self.address.ipv4Bits
        return bits != 0 && bits >> 28 != 0xE && bits != .max
    }
}
