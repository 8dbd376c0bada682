import WireFormat

/// The tokens of JSON (RFC 8259, sections 2, 6 and 7) out of octets known to be UTF-8.
struct JSONScanner {
    private let input: ArraySlice<UInt8>
    private var position: Int

    init(_ input: ArraySlice<UInt8>) {
        self.input = input
        self.position = input.startIndex
    }

    var isAtEnd: Bool { self.position >= self.input.endIndex }

    func error(_ reason: NGSyntaxError.Reason) -> NGSyntaxError {
        NGSyntaxError(reason: reason, offset: self.position - self.input.startIndex)
    }

    func peek() throws(NGSyntaxError) -> UInt8 {
        guard !self.isAtEnd else { throw self.error(.truncated) }
        return self.input[self.position]
    }

    mutating func skipWhitespace() {
        while !self.isAtEnd {
            switch self.input[self.position] {
            case 0x20, 0x09, 0x0A, 0x0D: self.position += 1
            default: return
            }
        }
    }

    /// Skips whitespace, and then the octet if it is the next one.
    mutating func consumeIfPresent(_ octet: UInt8) -> Bool {
        self.skipWhitespace()
        guard !self.isAtEnd, self.input[self.position] == octet else { return false }
        self.position += 1
        return true
    }

    mutating func expect(_ literal: StaticString) throws(NGSyntaxError) {
        for expected in literal.description.utf8 {
            let octet = try self.peek()
            guard octet == expected else { throw self.error(.unexpectedOctet(octet)) }
            self.position += 1
        }
    }

    // MARK: Strings

    mutating func string() throws(NGSyntaxError) -> [UInt8] {
        try self.expect("\"")
        var octets: [UInt8] = []
        var runStart = self.position
        while true {
            let octet = try self.peek()
            switch octet {
            case UInt8(ascii: "\""):
                octets.append(contentsOf: self.input[runStart..<self.position])
                self.position += 1
                return octets
            case UInt8(ascii: "\\"):
                octets.append(contentsOf: self.input[runStart..<self.position])
                self.position += 1
                try self.appendEscaped(to: &octets)
                runStart = self.position
            case 0..<0x20:
                throw self.error(.unexpectedOctet(octet))
            default:
                self.position += 1
            }
        }
    }

    private mutating func appendEscaped(to octets: inout [UInt8]) throws(NGSyntaxError) {
        let octet = try self.peek()
        self.position += 1
        switch octet {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): octets.append(octet)
        case UInt8(ascii: "b"): octets.append(0x08)
        case UInt8(ascii: "f"): octets.append(0x0C)
        case UInt8(ascii: "n"): octets.append(0x0A)
        case UInt8(ascii: "r"): octets.append(0x0D)
        case UInt8(ascii: "t"): octets.append(0x09)
        case UInt8(ascii: "u"): octets.append(contentsOf: String(try self.escapedScalar()).utf8)
        default: throw self.error(.invalidEscape)
        }
    }

    /// What follows `\u`: four digits, or a surrogate pair of two escapes.
    private mutating func escapedScalar() throws(NGSyntaxError) -> Unicode.Scalar {
        let first = try self.fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800...0xDBFF).contains(first) else { throw self.error(.invalidEscape) }
        try self.expect("\\u")
        let second = try self.fourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw self.error(.invalidEscape) }
        return scalar
    }

    private mutating func fourDigits() throws(NGSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexadecimalDigitValue(try self.peek()) else { throw self.error(.invalidEscape) }
            value = value << 4 | UInt32(digit)
            self.position += 1
        }
        return value
    }

    // MARK: Numbers

    mutating func number() throws(NGSyntaxError) -> NGValue {
        let start = self.position
        if try self.peek() == UInt8(ascii: "-") { self.position += 1 }
        let integer = try self.digits()
        guard integer.first != UInt8(ascii: "0") || integer.count == 1 else {
            throw self.error(.invalidNumber)
        }
        var fraction: ArraySlice<UInt8> = []
        if self.consumeDirectly(UInt8(ascii: ".")) { fraction = try self.digits() }
        var exponent = 0
        if self.consumeDirectly(UInt8(ascii: "e")) || self.consumeDirectly(UInt8(ascii: "E")) {
            exponent = try self.exponent()
        }
        let octets = self.input[start..<self.position]
        let sign = octets.first == UInt8(ascii: "-") ? "-" : ""
        if let digits = Self.shift(integer: integer, fraction: fraction, by: exponent),
            let number = Int64(sign + String(decoding: digits, as: UTF8.self))
        {
            return .integer(number)
        }
        return .string(Array(octets))
    }

    /// The digits of a whole number after its decimal point has moved to the right; nil if it is not whole, or too far
    /// from anything that fits into an integer.
    private static func shift(
        integer: ArraySlice<UInt8>, fraction: ArraySlice<UInt8>, by exponent: Int
    ) -> [UInt8]? {
        var digits = Array(integer + fraction)
        let missing = exponent - fraction.count
        guard missing <= 19 else { return nil }
        if missing >= 0 { return digits + [UInt8](repeating: UInt8(ascii: "0"), count: missing) }
        for _ in 0..<min(-missing, digits.count) {
            guard digits.removeLast() == UInt8(ascii: "0") else { return nil }
        }
        return digits.isEmpty ? [UInt8(ascii: "0")] : digits
    }

    /// What follows the `e`; capped far beyond anything of use.
    private mutating func exponent() throws(NGSyntaxError) -> Int {
        let isNegative = self.consumeDirectly(UInt8(ascii: "-"))
        if !isNegative { _ = self.consumeDirectly(UInt8(ascii: "+")) }
        let digits = try self.digits()
        let magnitude = Int(String(decoding: digits, as: UTF8.self)).map { min($0, 100_000) } ?? 100_000
        return isNegative ? -magnitude : magnitude
    }

    private mutating func digits() throws(NGSyntaxError) -> ArraySlice<UInt8> {
        let start = self.position
        while !self.isAtEnd, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self.input[self.position]) {
            self.position += 1
        }
        guard self.position > start else {
            throw self.isAtEnd ? self.error(.truncated) : self.error(.invalidNumber)
        }
        return self.input[start..<self.position]
    }

    private mutating func consumeDirectly(_ octet: UInt8) -> Bool {
        guard !self.isAtEnd, self.input[self.position] == octet else { return false }
        self.position += 1
        return true
    }
}
