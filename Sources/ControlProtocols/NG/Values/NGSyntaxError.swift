/// Why octets are not a value in bencode or JSON.
public struct NGSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Sendable, Hashable {
        /// The input ends within a value.
        case truncated
        /// An octet that cannot stand here.
        case unexpectedOctet(UInt8)
        /// A number that does not fit, or is no number.
        case invalidNumber
        /// A string escape that JSON does not know, or half of a surrogate pair.
        case invalidEscape
        /// JSON has to be UTF-8.
        case invalidUTF8
        /// Something follows the value.
        case trailingOctets
        /// More nesting than ``NGDecodingLimits/depth``.
        case tooDeep
        /// More values than ``NGDecodingLimits/values``.
        case tooManyValues
        /// More octets than ``NGDecodingLimits/octets``.
        case tooLong
    }

    /// What is wrong.
    public let reason: Reason
    /// Octets before the place, counted from the start of the payload.
    public let offset: Int

    /// An error at a place.
    public init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// For logs.
    public var description: String { "\(self.text) at octet \(self.offset)" }

    private var text: String {
        switch self.reason {
        case .truncated: "input ends too early"
        case .unexpectedOctet(let octet): "unexpected octet 0x\(String(octet, radix: 16))"
        case .invalidNumber: "invalid number"
        case .invalidEscape: "invalid escape"
        case .invalidUTF8: "not UTF-8"
        case .trailingOctets: "octets after the end"
        case .tooDeep: "nested too deeply"
        case .tooManyValues: "too many values"
        case .tooLong: "too long"
        }
    }
}

/// What a decoder accepts at most; everything beyond is an error.
public struct NGDecodingLimits: Sendable, Hashable {
    /// Containers within each other.
    public var depth: Int
    /// Values of all kinds together, dictionary keys not counted.
    public var values: Int
    /// Octets of one payload.
    public var octets: Int

    /// Room for what a UDP datagram can carry.
    public static let datagram = NGDecodingLimits(depth: 16, values: 8_192, octets: 65_536)

    /// For what was not read from anybody.
    static let unlimited = NGDecodingLimits(depth: 64, values: .max, octets: .max)

    /// Limits of the caller's choice.
    public init(depth: Int, values: Int, octets: Int) {
        self.depth = depth
        self.values = values
        self.octets = octets
    }
}
