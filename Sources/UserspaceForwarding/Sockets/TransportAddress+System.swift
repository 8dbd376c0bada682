internal import CLinux
internal import WireFormat

extension TransportAddress {
    /// The address as CLinux takes it.
    @inline(__always)
    var system: crosspoint_address {
        crosspoint_address(
            high: self.address.high, low: self.address.low, port: self.port,
            family: self.address.family.rawValue)
    }

    /// Reads what CLinux gives; nil if it is no Internet address.
    @inline(__always)
    init?(_ system: crosspoint_address) {
        switch system.family {
        case 4:
            self.init(IPAddress(ipv4: UInt32(truncatingIfNeeded: system.low)), port: system.port)
        case 6:
            self.init(IPAddress(ipv6High: system.high, low: system.low), port: system.port)
        default:
            return nil
        }
    }
}
