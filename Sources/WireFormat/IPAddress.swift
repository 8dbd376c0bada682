/// The two address families a media stream can use.
public enum AddressFamily: UInt8, Sendable, Hashable, CaseIterable {
    case ipv4 = 4
    case ipv6 = 6

    /// The name SDP and the NG protocol use (RFC 8866, section 9.2: `IP4`, `IP6`).
    public var sdpName: String {
        switch self {
        case .ipv4: "IP4"
        case .ipv6: "IP6"
        }
    }
}

/// An IPv4 or IPv6 address as a plain value: 16 octets and a family, no heap, cheap to compare and to hash.
///
/// IPv4 addresses live in the low 32 bits of ``low``; IPv4-mapped IPv6 addresses (RFC 4291, section 2.5.5.2) are
/// *not* folded into IPv4, that is the reader's decision.
public struct IPAddress: Hashable, Sendable {
    /// The family this address belongs to.
    public let family: AddressFamily
    /// The upper eight octets of an IPv6 address in host order; zero for IPv4.
    public let high: UInt64
    /// The lower eight octets in host order; an IPv4 address occupies the low four.
    public let low: UInt64

    /// An IPv4 address from its 32 bits in host order.
    @inlinable
    public init(ipv4 bits: UInt32) {
        self.family = .ipv4
        self.high = 0
        self.low = UInt64(bits)
    }

    /// An IPv6 address from its two halves in host order.
    @inlinable
    public init(ipv6High high: UInt64, low: UInt64) {
        self.family = .ipv6
        self.high = high
        self.low = low
    }

    /// The 32 bits of an IPv4 address in host order; meaningless for IPv6.
    @inlinable
    public var ipv4Bits: UInt32 { UInt32(truncatingIfNeeded: self.low) }

    /// True for `0.0.0.0` and `::`.
    @inlinable
    public var isUnspecified: Bool { self.high == 0 && self.low == 0 }

    /// True for `127.0.0.0/8` and `::1`.
    public var isLoopback: Bool {
        switch self.family {
        case .ipv4: self.ipv4Bits >> 24 == 127
        case .ipv6: self.high == 0 && self.low == 1
        }
    }

    /// True for `224.0.0.0/4` and `ff00::/8`.
    public var isMulticast: Bool {
        switch self.family {
        case .ipv4: self.ipv4Bits >> 28 == 0xE
        case .ipv6: self.high >> 56 == 0xFF
        }
    }

    /// True for `169.254.0.0/16` and `fe80::/10`.
    public var isLinkLocal: Bool {
        switch self.family {
        case .ipv4: self.ipv4Bits >> 16 == 0xA9FE
        case .ipv6: self.high >> 54 == 0x3FA
        }
    }

    /// The address of the family that stands for "any": `0.0.0.0` or `::`.
    public static func unspecified(_ family: AddressFamily) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(ipv4: 0)
        case .ipv6: IPAddress(ipv6High: 0, low: 0)
        }
    }

    /// The octets in network order: 4 or 16 of them.
    public var octets: [UInt8] {
        switch self.family {
        case .ipv4:
            let bits = self.ipv4Bits
            return [
                UInt8(truncatingIfNeeded: bits >> 24), UInt8(truncatingIfNeeded: bits >> 16),
                UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits),
            ]
        case .ipv6:
            var octets: [UInt8] = []
            octets.reserveCapacity(16)
            for shift in stride(from: 56, through: 0, by: -8) {
                octets.append(UInt8(truncatingIfNeeded: self.high >> UInt64(shift)))
            }
            for shift in stride(from: 56, through: 0, by: -8) {
                octets.append(UInt8(truncatingIfNeeded: self.low >> UInt64(shift)))
            }
            return octets
        }
    }
}
