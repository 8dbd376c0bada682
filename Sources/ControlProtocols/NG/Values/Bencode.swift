/// The encoding of BitTorrent (BEP 3) as the NG protocol uses it: keys unsorted and in any order, numbers with leading
/// zeros, strings of arbitrary octets.
public enum Bencode {
    /// Encodes a value; dictionary keys keep their order.
    public static func encode(_ value: NGValue) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(512)
        self.append(value, to: &output)
        return output
    }

    /// Decodes the one value at the start of the input as rtpengine does it: what follows is not looked at, and lists
    /// and dictionaries that are still open at the end of the input end there.
    ///
    /// - Returns: the value, and how many octets it took.
    public static func decodePrefix(
        of octets: ArraySlice<UInt8>, limits: NGDecodingLimits = .datagram
    ) throws(NGSyntaxError) -> (value: NGValue, consumed: Int) {
        try self.decode(octets, limits: limits, closesAtEnd: true)
    }

    /// Decodes an input that is exactly one value.
    public static func decode(
        _ octets: ArraySlice<UInt8>, limits: NGDecodingLimits = .datagram
    ) throws(NGSyntaxError) -> NGValue {
        let (value, consumed) = try self.decode(octets, limits: limits, closesAtEnd: false)
        guard consumed == octets.count else {
            throw NGSyntaxError(reason: .trailingOctets, offset: consumed)
        }
        return value
    }

    private static func decode(
        _ octets: ArraySlice<UInt8>, limits: NGDecodingLimits, closesAtEnd: Bool
    ) throws(NGSyntaxError) -> (value: NGValue, consumed: Int) {
        var decoder = try BencodeDecoder(octets, limits: limits, closesAtEnd: closesAtEnd)
        let value = try decoder.value(depth: 0)
        return (value, decoder.offset)
    }

    static func append(_ value: NGValue, to output: inout [UInt8]) {
        switch value {
        case .string(let octets):
            self.appendString(octets, to: &output)
        case .integer(let number):
            output.append(UInt8(ascii: "i"))
            if number < 0 { output.append(UInt8(ascii: "-")) }
            output.appendDecimal(number.magnitude)
            output.append(UInt8(ascii: "e"))
        case .list(let members):
            output.append(UInt8(ascii: "l"))
            for member in members { self.append(member, to: &output) }
            output.append(UInt8(ascii: "e"))
        case .dictionary(let dictionary):
            output.append(UInt8(ascii: "d"))
            for entry in dictionary.entries {
                self.appendString(entry.key.utf8, to: &output)
                self.append(entry.value, to: &output)
            }
            output.append(UInt8(ascii: "e"))
        }
    }

    private static func appendString(_ octets: some Collection<UInt8>, to output: inout [UInt8]) {
        output.appendDecimal(UInt64(octets.count))
        output.append(UInt8(ascii: ":"))
        output.append(contentsOf: octets)
    }
}

/// One pass over one payload.
struct BencodeDecoder {
    private let input: ArraySlice<UInt8>
    private var position: Int
    private var remainingValues: Int
    private let maximumDepth: Int
    private let closesAtEnd: Bool

    init(
        _ input: ArraySlice<UInt8>, limits: NGDecodingLimits, closesAtEnd: Bool
    ) throws(NGSyntaxError) {
        self.input = input
        self.position = input.startIndex
        self.remainingValues = limits.values
        self.maximumDepth = limits.depth
        self.closesAtEnd = closesAtEnd
        guard input.count <= limits.octets else {
            throw NGSyntaxError(reason: .tooLong, offset: limits.octets)
        }
    }

    /// Octets read so far.
    var offset: Int { self.position - self.input.startIndex }

    mutating func value(depth: Int) throws(NGSyntaxError) -> NGValue {
        guard self.remainingValues > 0 else { throw self.error(.tooManyValues) }
        self.remainingValues -= 1
        switch try self.peek() {
        case UInt8(ascii: "d"):
            return .dictionary(try self.dictionary(depth: depth + 1))
        case UInt8(ascii: "l"):
            return .list(try self.list(depth: depth + 1))
        case UInt8(ascii: "i"):
            self.position += 1
            return .integer(try self.number(endingWith: UInt8(ascii: "e"), allowsSign: true))
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .string(Array(self.input[try self.string()]))
        case let octet:
            throw self.error(.unexpectedOctet(octet))
        }
    }

    private mutating func dictionary(depth: Int) throws(NGSyntaxError) -> NGDictionary {
        guard depth <= self.maximumDepth else { throw self.error(.tooDeep) }
        self.position += 1
        // Requests have about a dozen keys, what is in them one or two.
        var dictionary = NGDictionary(room: depth == 1 ? 12 : 0)
        while try !self.closeContainer() {
            let key = String(decoding: self.input[try self.string()], as: UTF8.self)
            dictionary[key] = try self.value(depth: depth)
        }
        return dictionary
    }

    private mutating func list(depth: Int) throws(NGSyntaxError) -> [NGValue] {
        guard depth <= self.maximumDepth else { throw self.error(.tooDeep) }
        self.position += 1
        var members: [NGValue] = []
        while try !self.closeContainer() {
            members.append(try self.value(depth: depth))
        }
        return members
    }

    /// True after the end of a list or dictionary, which is skipped.
    private mutating func closeContainer() throws(NGSyntaxError) -> Bool {
        if self.closesAtEnd, self.position >= self.input.endIndex { return true }
        guard try self.peek() == UInt8(ascii: "e") else { return false }
        self.position += 1
        return true
    }

    private mutating func string() throws(NGSyntaxError) -> Range<Int> {
        let length = try self.number(endingWith: UInt8(ascii: ":"), allowsSign: false)
        guard length <= self.input.endIndex - self.position else { throw self.error(.truncated) }
        let start = self.position
        self.position += Int(length)
        return start..<self.position
    }

    /// A decimal number and the octet behind it. Leading zeros are fine; a sign counts for integers only.
    private mutating func number(
        endingWith terminator: UInt8, allowsSign: Bool
    ) throws(NGSyntaxError) -> Int64 {
        let first = try self.peek()
        let isNegative = allowsSign && first == UInt8(ascii: "-")
        if isNegative { self.position += 1 }
        var magnitude: Int64 = 0
        var digits = 0
        while true {
            let octet = try self.peek()
            if octet == terminator, digits > 0 { break }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) else {
                throw self.error(.unexpectedOctet(octet))
            }
            let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            // Counting downwards reaches the smallest number, which has no positive counterpart.
            let (sum, overflowAgain) = tens.subtractingReportingOverflow(Int64(octet - UInt8(ascii: "0")))
            guard !overflow, !overflowAgain else { throw self.error(.invalidNumber) }
            magnitude = sum
            digits += 1
            self.position += 1
        }
        self.position += 1
        if isNegative { return magnitude }
        guard magnitude > Int64.min else { throw self.error(.invalidNumber) }
        return -magnitude
    }

    private func peek() throws(NGSyntaxError) -> UInt8 {
        guard self.position < self.input.endIndex else { throw self.error(.truncated) }
        return self.input[self.position]
    }

    private func error(_ reason: NGSyntaxError.Reason) -> NGSyntaxError {
        NGSyntaxError(reason: reason, offset: self.offset)
    }
}
