public import WireFormat

/// A UDP datagram that is dressed up as the IP packet it came in: TTL 64, no options, not fragmented, with checksums
/// that are right (rtpengine leaves them zero).
public struct CapturedDatagram: ~Escapable {
    /// Who sent it.
    public let source: TransportAddress
    /// Who received it; of the same family.
    public let destination: TransportAddress
    /// What it carried.
    public let payload: RawSpan

    /// Joins addresses and payload.
    @_lifetime(copy payload)
    public init(source: TransportAddress, destination: TransportAddress, payload: RawSpan) {
        self.source = source
        self.destination = destination
        self.payload = payload
    }

    private var udpOctets: Int { 8 + self.payload.byteCount }

    /// Octets of the whole packet with its IP header.
    var packetOctets: Int { (self.source.family == .ipv4 ? 20 : 40) + self.udpOctets }

    func appendPacket(to bytes: inout [UInt8]) {
        switch self.source.family {
        case .ipv4: self.appendIPv4Header(to: &bytes)
        case .ipv6: self.appendIPv6Header(to: &bytes)
        }
        bytes.appendBig(self.source.port)
        bytes.appendBig(self.destination.port)
        bytes.appendBig(UInt16(truncatingIfNeeded: self.udpOctets))
        bytes.appendBig(self.udpChecksum)
        // A span gives out its octets all at once only to a closure, which must not keep them; append copies them.
        unsafe self.payload.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// RFC 791, section 3.1.
    private func appendIPv4Header(to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(0x45)
        bytes.append(0)
        bytes.appendBig(UInt16(truncatingIfNeeded: self.packetOctets))
        bytes.append(contentsOf: [0, 0, 0, 0, 64, 17, 0, 0])
        bytes.append(contentsOf: self.source.address.octets)
        bytes.append(contentsOf: self.destination.address.octets)
        var sum = InternetChecksum()
        sum.add(bytes[start...])
        let checksum = sum.value
        bytes[start + 10] = UInt8(truncatingIfNeeded: checksum >> 8)
        bytes[start + 11] = UInt8(truncatingIfNeeded: checksum)
    }

    /// RFC 8200, section 3.
    private func appendIPv6Header(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: [0x60, 0, 0, 0])
        bytes.appendBig(UInt16(truncatingIfNeeded: self.udpOctets))
        bytes.append(contentsOf: [17, 64])
        bytes.append(contentsOf: self.source.address.octets)
        bytes.append(contentsOf: self.destination.address.octets)
    }

    /// RFC 768 and RFC 8200, section 8.1: over addresses, protocol, length, header and payload.
    private var udpChecksum: UInt16 {
        var sum = InternetChecksum()
        sum.add(self.source.address.octets[...])
        sum.add(self.destination.address.octets[...])
        sum.add(17)
        sum.add(UInt16(truncatingIfNeeded: self.udpOctets))
        sum.add(self.source.port)
        sum.add(self.destination.port)
        sum.add(UInt16(truncatingIfNeeded: self.udpOctets))
        sum.add(self.payload)
        // Zero would say that there is none.
        return sum.value == 0 ? 0xFFFF : sum.value
    }
}

/// The ones' complement of the ones' complement sum of 16-bit words (RFC 1071).
struct InternetChecksum {
    private var sum: UInt64 = 0

    mutating func add(_ word: UInt16) { self.sum &+= UInt64(word) }

    /// Octets that begin at an even place; an odd last one counts as the upper half of a word.
    mutating func add(_ octets: ArraySlice<UInt8>) {
        var isUpper = true
        for octet in octets {
            self.sum &+= isUpper ? UInt64(octet) << 8 : UInt64(octet)
            isUpper.toggle()
        }
    }

    mutating func add(_ octets: RawSpan) {
        unsafe octets.withUnsafeBytes { octets in
            for index in octets.indices {
                let octet = unsafe UInt64(octets[index])
                self.sum &+= index & 1 == 0 ? octet << 8 : octet
            }
        }
    }

    var value: UInt16 {
        var folded = self.sum
        while folded >> 16 != 0 { folded = (folded & 0xFFFF) + folded >> 16 }
        return ~UInt16(truncatingIfNeeded: folded)
    }
}
