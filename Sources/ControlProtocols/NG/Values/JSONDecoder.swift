/// JSON (RFC 8259) as far as the NG protocol has use for it.
///
/// What NG values cannot express is folded: `true` and `false` become 1 and 0, `null` members are left out, numbers
/// with a fraction become integers if they are whole and keep their text as a string otherwise.
public enum JSON {
    /// Decodes an input that is exactly one JSON text in UTF-8. Of repeated names the last one counts.
    public static func decode(
        _ octets: ArraySlice<UInt8>, limits: NGDecodingLimits = .datagram
    ) throws(NGSyntaxError) -> NGValue {
        var decoder = try JSONDecoder(octets, limits: limits)
        return try decoder.document()
    }
}

/// One pass over one document.
struct JSONDecoder {
    private var scanner: JSONScanner
    private var remainingValues: Int
    private let maximumDepth: Int

    init(_ input: ArraySlice<UInt8>, limits: NGDecodingLimits) throws(NGSyntaxError) {
        self.scanner = JSONScanner(input)
        self.remainingValues = limits.values
        self.maximumDepth = limits.depth
        guard input.count <= limits.octets else {
            throw NGSyntaxError(reason: .tooLong, offset: limits.octets)
        }
        guard String(validating: input, as: UTF8.self) != nil else { throw self.scanner.error(.invalidUTF8) }
    }

    mutating func document() throws(NGSyntaxError) -> NGValue {
        let value = try self.value(depth: 0)
        self.scanner.skipWhitespace()
        guard self.scanner.isAtEnd else { throw self.scanner.error(.trailingOctets) }
        // A document of `null` alone has no value to give.
        guard let value else { throw self.scanner.error(.unexpectedOctet(UInt8(ascii: "n"))) }
        return value
    }

    /// The next value, nil for `null`.
    private mutating func value(depth: Int) throws(NGSyntaxError) -> NGValue? {
        guard self.remainingValues > 0 else { throw self.scanner.error(.tooManyValues) }
        self.remainingValues -= 1
        self.scanner.skipWhitespace()
        switch try self.scanner.peek() {
        case UInt8(ascii: "{"):
            return .dictionary(try self.object(depth: depth + 1))
        case UInt8(ascii: "["):
            return .list(try self.array(depth: depth + 1))
        case UInt8(ascii: "\""):
            return .string(try self.scanner.string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try self.scanner.number()
        case UInt8(ascii: "t"):
            try self.scanner.expect("true")
            return .integer(1)
        case UInt8(ascii: "f"):
            try self.scanner.expect("false")
            return .integer(0)
        case UInt8(ascii: "n"):
            try self.scanner.expect("null")
            return nil
        case let octet:
            throw self.scanner.error(.unexpectedOctet(octet))
        }
    }

    private mutating func object(depth: Int) throws(NGSyntaxError) -> NGDictionary {
        guard depth <= self.maximumDepth else { throw self.scanner.error(.tooDeep) }
        try self.scanner.expect("{")
        var dictionary = NGDictionary()
        if self.scanner.consumeIfPresent(UInt8(ascii: "}")) { return dictionary }
        while true {
            self.scanner.skipWhitespace()
            let key = String(decoding: try self.scanner.string(), as: UTF8.self)
            self.scanner.skipWhitespace()
            try self.scanner.expect(":")
            if let value = try self.value(depth: depth) { dictionary[key] = value }
            if self.scanner.consumeIfPresent(UInt8(ascii: "}")) { return dictionary }
            try self.scanner.expect(",")
        }
    }

    private mutating func array(depth: Int) throws(NGSyntaxError) -> [NGValue] {
        guard depth <= self.maximumDepth else { throw self.scanner.error(.tooDeep) }
        try self.scanner.expect("[")
        var members: [NGValue] = []
        if self.scanner.consumeIfPresent(UInt8(ascii: "]")) { return members }
        while true {
            if let value = try self.value(depth: depth) { members.append(value) }
            if self.scanner.consumeIfPresent(UInt8(ascii: "]")) { return members }
            try self.scanner.expect(",")
        }
    }
}
