extension IPAddress {
    /// Reads dotted-quad IPv4 or any RFC 4291 section 2.2 form of IPv6 (without brackets or zone); nil if it is neither.
    ///
    /// IPv4 octets are decimal and at most three digits; names are not resolved.
    public init?(_ text: some StringProtocol) {
        // The longest form is an uncompressed IPv6 address that ends in dotted quad: 45 characters.
        let bytes = Array(text.utf8.prefix(46))
        guard bytes.count <= 45 else { return nil }
        if bytes.contains(UInt8(ascii: ":")) {
            guard let (high, low) = Self.parseIPv6(bytes[...]) else { return nil }
            self.init(ipv6High: high, low: low)
        } else {
            guard let bits = Self.parseIPv4(bytes[...]) else { return nil }
            self.init(ipv4: bits)
        }
    }

    static func parseIPv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        var bits: UInt32 = 0
        var octets = 0
        for part in bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard octets < 4, (1...3).contains(part.count) else { return nil }
            var value: UInt32 = 0
            for byte in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + UInt32(byte - UInt8(ascii: "0"))
            }
            guard value <= 255 else { return nil }
            bits = bits << 8 | value
            octets += 1
        }
        return octets == 4 ? bits : nil
    }

    static func parseIPv6(_ bytes: ArraySlice<UInt8>) -> (UInt64, UInt64)? {
        var head: [UInt16] = []
        var tail: [UInt16]?
        var rest = bytes
        let colon = UInt8(ascii: ":")
        if rest.starts(with: [colon, colon]) {
            tail = []
            rest = rest.dropFirst(2)
            if rest.isEmpty { return (0, 0) }
        }
        while true {
            let end = rest.firstIndex(of: colon) ?? rest.endIndex
            let part = rest[rest.startIndex..<end]
            guard var groups = parseGroups(part, isLast: end == rest.endIndex) else { return nil }
            if tail == nil { head += groups } else { tail?.append(contentsOf: groups) }
            groups.removeAll()
            guard end < rest.endIndex else { break }
            rest = rest[rest.index(after: end)...]
            if rest.first == colon {
                guard tail == nil else { return nil }
                tail = []
                rest = rest.dropFirst()
                if rest.isEmpty { break }
            }
        }
        let known = head.count + (tail?.count ?? 0)
        guard tail == nil ? known == 8 : known <= 7 else { return nil }
        let groups = head + Array(repeating: 0, count: 8 - known) + (tail ?? [])
        let high = groups[0..<4].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        let low = groups[4..<8].reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
        return (high, low)
    }

    /// One group of hexadecimal digits, or two when the last part is dotted quad.
    private static func parseGroups(_ part: ArraySlice<UInt8>, isLast: Bool) -> [UInt16]? {
        if isLast, part.contains(UInt8(ascii: ".")) {
            guard let bits = parseIPv4(part) else { return nil }
            return [UInt16(truncatingIfNeeded: bits >> 16), UInt16(truncatingIfNeeded: bits)]
        }
        guard (1...4).contains(part.count) else { return nil }
        var value: UInt16 = 0
        for byte in part {
            guard let digit = hexadecimalDigitValue(byte) else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return [value]
    }
}

/// The value of one hexadecimal digit in either case, nil for any other octet.
@inlinable
public func hexadecimalDigitValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted quad, or the canonical IPv6 text of RFC 5952.
    public var description: String {
        switch self.family {
        case .ipv4:
            let bits = self.ipv4Bits
            return "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
        case .ipv6:
            return self.ipv6Text
        }
    }

    private var ipv6Text: String {
        let groups = [self.high, self.low].flatMap { half in
            [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
        }
        if self.high == 0, self.low >> 32 == 0xFFFF {
            return "::ffff:\(IPAddress(ipv4: self.ipv4Bits))"
        }
        let zeros = Self.longestRunOfZeros(groups)
        let text = { (range: Range<Int>) in
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let zeros else { return text(0..<8) }
        return text(0..<zeros.lowerBound) + "::" + text(zeros.upperBound..<8)
    }

    /// The first longest run of at least two zero groups (RFC 5952, section 4.2).
    private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            guard groups[start] == 0 else {
                start += 1
                continue
            }
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > (best?.count ?? 0) { best = start..<end }
            start = end
        }
        return best
    }
}
