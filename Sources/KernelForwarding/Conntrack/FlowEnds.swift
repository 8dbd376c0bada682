import CNetfilter
import RelayPlanning
import WireFormat

/// Who sends to which of our ports: the key of a map element and the tuple of a conntrack entry.
struct FlowEnds: Hashable, Sendable {
    let remote: TransportAddress
    let local: TransportAddress
}

extension KernelFlow {
    /// The ends a packet of this flow arrives with.
    var ends: FlowEnds { FlowEnds(remote: self.source, local: self.local) }

    /// `10.1.0.2:20000 → 10.1.0.1:40000 … 10.2.0.1:40002 → 10.2.0.2:30000`.
    var words: String { "\(self.source) → \(self.local) … \(self.relay) → \(self.destination)" }

    /// The common family of all four ends, nil if they differ.
    var family: AddressFamily? {
        let family = self.source.family
        let agrees = [self.local, self.relay, self.destination].allSatisfy { $0.family == family }
        return agrees ? family : nil
    }
}

extension crosspoint_end {
    init(_ end: TransportAddress) {
        self.init()
        self.port = end.port.bigEndian
        withUnsafeMutableBytes(of: &self.address) { octets in
            switch end.family {
            case .ipv4:
                octets.storeBytes(of: end.address.ipv4Bits.bigEndian, as: UInt32.self)
            case .ipv6:
                octets.storeBytes(of: end.address.high.bigEndian, as: UInt64.self)
                octets.storeBytes(of: end.address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
        }
    }

    func transportAddress(isIPv6: Bool) -> TransportAddress {
        let address = withUnsafeBytes(of: self.address) { octets in
            isIPv6
                ? IPAddress(
                    ipv6High: UInt64(bigEndian: octets.loadUnaligned(as: UInt64.self)),
                    low: UInt64(bigEndian: octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
                : IPAddress(ipv4: UInt32(bigEndian: octets.loadUnaligned(as: UInt32.self)))
        }
        return TransportAddress(address, port: UInt16(bigEndian: self.port))
    }
}

extension crosspoint_flow {
    init(_ flow: KernelFlow) {
        self.init(
            source: crosspoint_end(flow.source), local: crosspoint_end(flow.local),
            relay: crosspoint_end(flow.relay), destination: crosspoint_end(flow.destination),
            is_ipv6: flow.source.family == .ipv6)
    }

    /// The key's ends of an element that was read.
    var ends: FlowEnds {
        FlowEnds(
            remote: self.source.transportAddress(isIPv6: self.is_ipv6),
            local: self.local.transportAddress(isIPv6: self.is_ipv6))
    }
}
