import CNetfilter
import WireFormat

/// nf_tables' registers as nft numbers them: the first of four octets each, or of sixteen.
enum Register: UInt32 {
    /// Where verdicts go.
    case verdict = 0
    /// The first 16 octets; keys start here.
    case one = 1
    /// The second 16 octets.
    case two = 2
    // 4-octet registers within and behind the first.
    case word1 = 9
    case word2 = 10
    case word3 = 11
    case word5 = 13
    case word9 = 17
}

/// One rule under construction; every method appends one expression of nft's virtual machine or one idiom of nft's.
struct RuleBuilder: ~Copyable {
    private let rule: OpaquePointer?

    init(table: String, chain: String) {
        self.rule = crosspoint_rule_create(table, chain)
    }

    /// Hands the finished rule over to the messages.
    consuming func append(to messages: inout NetlinkMessages) {
        let rule = self.rule
        messages.append { buffer in rule.map { crosspoint_put_rule(buffer, $0) } ?? 0 }
    }

    /// `meta nfproto ipv4` or `ipv6`.
    func family(is family: AddressFamily) {
        crosspoint_rule_meta(self.rule, NFT_META_NFPROTO.rawValue, Register.one.rawValue)
        self.compare(.one, with: [family == .ipv4 ? 2 : 10])
    }

    /// `meta l4proto udp`.
    func isUDP() {
        crosspoint_rule_meta(self.rule, NFT_META_L4PROTO.rawValue, Register.one.rawValue)
        self.compare(.one, with: [17])
    }

    /// `udp sport` (offset 0) or `udp dport` (offset 2) within a range.
    func port(at offset: UInt32, in range: ClosedRange<UInt16>) {
        self.loadTransport(offset: offset, length: 2, into: .one)
        guard range.count > 1 else { return self.compare(.one, with: Self.octets(range.lowerBound)) }
        self.compare(.one, NFT_CMP_GTE, with: Self.octets(range.lowerBound))
        self.compare(.one, NFT_CMP_LTE, with: Self.octets(range.upperBound))
    }

    /// RTP by its version bits (RFC 3550, section 5.1) but not RTCP by its packet type (RFC 5761, section 4).
    func isRTPNotRTCP() {
        let payload: UInt32 = 8
        self.loadTransport(offset: payload, length: 1, into: .one)
        crosspoint_rule_mask(self.rule, Register.one.rawValue, [0xC0], [0], 1)
        self.compare(.one, with: [0x80])
        self.loadTransport(offset: payload + 1, length: 1, into: .one)
        crosspoint_rule_range(self.rule, NFT_RANGE_NEQ.rawValue, Register.one.rawValue, [192], [223], 1)
    }

    /// Loads `saddr . sport . daddr . dport` of the packet as the key of our maps.
    func loadKey(_ family: AddressFamily) {
        self.loadSource(family)
        switch family {
        case .ipv4:
            self.loadNetwork(offset: 16, length: 4, into: .word2)
            self.loadTransport(offset: 2, length: 2, into: .word3)
        case .ipv6:
            self.loadNetwork(offset: 24, length: 16, into: .word5)
            self.loadTransport(offset: 2, length: 2, into: .word9)
        }
    }

    /// The same key in postrouting, where the destination has been translated already: its second half comes from
    /// the connection's original direction.
    func loadOriginalKey(_ family: AddressFamily) {
        self.loadSource(family)
        let original: UInt8 = 0
        switch family {
        case .ipv4:
            crosspoint_rule_conntrack(
                self.rule, NFT_CT_DST_IP.rawValue, original, Register.word2.rawValue)
            crosspoint_rule_conntrack(
                self.rule, NFT_CT_PROTO_DST.rawValue, original, Register.word3.rawValue)
        case .ipv6:
            crosspoint_rule_conntrack(
                self.rule, NFT_CT_DST_IP6.rawValue, original, Register.word5.rawValue)
            crosspoint_rule_conntrack(
                self.rule, NFT_CT_PROTO_DST.rawValue, original, Register.word9.rawValue)
        }
    }

    /// `@map`, as a test for the loaded key; reading the value into a register makes no difference to the packet.
    func isElement(of map: StreamMap, readingValue: Bool) {
        let into: Register = readingValue ? .one : .verdict
        crosspoint_rule_lookup(self.rule, map.name, map.identifier, Register.one.rawValue, into.rawValue)
    }

    /// `dnat to … map @map` or `snat to … map @map` with the loaded key.
    func translate(_ type: nft_nat_types, by map: StreamMap) {
        let register = Register.one.rawValue
        crosspoint_rule_lookup(self.rule, map.name, map.identifier, register, register)
        switch map.family {
        case .ipv4: crosspoint_rule_nat(self.rule, type.rawValue, 2, register, Register.word1.rawValue)
        case .ipv6: crosspoint_rule_nat(self.rule, type.rawValue, 10, register, Register.two.rawValue)
        }
    }

    /// `ip dscp` or `ip6 dscp` of a traffic class.
    func hasDSCP(ofTrafficClass trafficClass: UInt8, _ family: AddressFamily) {
        let register = Register.one.rawValue
        switch family {
        case .ipv4:
            self.loadNetwork(offset: 1, length: 1, into: .one)
            crosspoint_rule_mask(self.rule, register, [0xFC], [0], 1)
            self.compare(.one, with: [trafficClass & 0xFC])
        case .ipv6:
            let dscp = UInt16(trafficClass & 0xFC) << 4
            self.loadNetwork(offset: 0, length: 2, into: .one)
            crosspoint_rule_mask(self.rule, register, Self.octets(0xFC0), [0, 0], 2)
            self.compare(.one, with: Self.octets(dscp))
        }
    }

    /// `ip dscp set` or `ip6 dscp set`; the sender's ECN bits stay (RFC 3168).
    func setDSCP(ofTrafficClass trafficClass: UInt8, _ family: AddressFamily) {
        let dscp = UInt16(trafficClass & 0xFC)
        // The first two octets: IPv4 has the class in the second, IPv6 across both.
        let shift: UInt16 = family == .ipv4 ? 0 : 4
        let mask = ~(UInt16(0xFC) << shift)
        self.loadNetwork(offset: 0, length: 2, into: .one)
        crosspoint_rule_mask(
            self.rule, Register.one.rawValue, Self.octets(mask), Self.octets(dscp << shift), 2)
        // Only IPv4 has a header checksum, at octet 10; no transport checksum covers these bits.
        let checksum = family == .ipv4 ? (NFT_PAYLOAD_CSUM_INET, 10) : (NFT_PAYLOAD_CSUM_NONE, 0)
        crosspoint_rule_payload_write(
            self.rule, NFT_PAYLOAD_NETWORK_HEADER.rawValue, 0, 2, Register.one.rawValue,
            checksum.0.rawValue, UInt32(checksum.1))
    }

    func untracked() {
        crosspoint_rule_notrack(self.rule)
    }

    func accept() {
        crosspoint_rule_verdict(self.rule, 1, nil)
    }

    private func loadSource(_ family: AddressFamily) {
        switch family {
        case .ipv4:
            self.loadNetwork(offset: 12, length: 4, into: .one)
            self.loadTransport(offset: 0, length: 2, into: .word1)
        case .ipv6:
            self.loadNetwork(offset: 8, length: 16, into: .one)
            self.loadTransport(offset: 0, length: 2, into: .two)
        }
    }

    private func loadNetwork(offset: UInt32, length: UInt32, into register: Register) {
        crosspoint_rule_payload(
            self.rule, NFT_PAYLOAD_NETWORK_HEADER.rawValue, offset, length, register.rawValue)
    }

    private func loadTransport(offset: UInt32, length: UInt32, into register: Register) {
        crosspoint_rule_payload(
            self.rule, NFT_PAYLOAD_TRANSPORT_HEADER.rawValue, offset, length, register.rawValue)
    }

    private func compare(
        _ register: Register, _ operation: nft_cmp_ops = NFT_CMP_EQ, with octets: [UInt8]
    ) {
        crosspoint_rule_compare(
            self.rule, operation.rawValue, register.rawValue, octets, UInt32(octets.count))
    }

    private static func octets(_ value: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
    }
}
