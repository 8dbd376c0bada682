internal import WireFormat

extension Connection {
    /// Reads `IN IP4 ADDRESS` from its three fields (RFC 8866, section 5.7).
    init(fields: some RandomAccessCollection<Substring>) throws(FieldError) {
        let fields = Array(fields)
        guard fields.count == 3 else { throw FieldError(reason: "not NETTYPE ADDRTYPE ADDRESS") }
        let family = try AddressFamily(networkType: fields[0], addressType: fields[1])
        let (base, suffix) = fields[2].cut(at: UInt8(ascii: "/")) ?? (fields[2], "1")
        let address = IPAddress(base)
        if let address {
            guard address.family == family else {
                throw FieldError(reason: "the address is not of the family \(family.sdpName)")
            }
        } else if !base.isHostName {
            throw FieldError(reason: "neither an address nor a host name")
        }
        // TTL and number of addresses of a multicast group.
        let numbers = suffix.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let areNumbers = numbers.allSatisfy { (Substring($0).decimal() as UInt32?) != nil }
        guard numbers.count <= 2, areNumbers else {
            throw FieldError(reason: "what follows the slash is not a TTL or a number of addresses")
        }
        self.init(family: family, host: String(fields[2]), address: address)
    }
}

extension Origin {
    /// Reads the value of an `o=` line from its end, because phones write user names that contain spaces.
    init(value: String) throws(FieldError) {
        let fields = value.fields
        guard fields.count >= 5 else {
            throw FieldError(reason: "o= is not USERNAME ID VERSION NETTYPE ADDRTYPE ADDRESS")
        }
        let tail = fields.suffix(5)
        let first = tail.startIndex
        let family: AddressFamily
        do {
            family = try AddressFamily(networkType: tail[first + 2], addressType: tail[first + 3])
        } catch {
            throw FieldError(reason: "o=: \(error.reason)")
        }
        self.init(
            username: first == 0 ? "" : String(value[fields[0].startIndex..<fields[first - 1].endIndex]),
            sessionID: String(tail[first]), version: String(tail[first + 1]), family: family,
            host: String(tail[first + 4]))
    }
}

extension AddressFamily {
    /// Reads `IN` and `IP4` or `IP6`.
    init(networkType: Substring, addressType: Substring) throws(FieldError) {
        guard networkType == "IN" else { throw FieldError(reason: "the network type is not IN") }
        switch addressType {
        case "IP4": self = .ipv4
        case "IP6": self = .ipv6
        default: throw FieldError(reason: "the address type is neither IP4 nor IP6")
        }
    }
}

extension Substring {
    /// True for letters, digits, dots, hyphens and underscores whose last label is not a number: 10.0.0.256 is a broken
    /// address, not a name (RFC 1123, section 2.1).
    var isHostName: Bool {
        var labelHasLetter = false
        for octet in self.utf8 {
            switch octet {
            case UInt8(ascii: "."): labelHasLetter = false
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): break
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                labelHasLetter = true
            default: return false
            }
        }
        return labelHasLetter
    }
}
