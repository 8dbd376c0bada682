/// What a message of the NG protocol is made of: the common ground of bencode and JSON.
///
/// Strings are octets: SDP bodies and tags are passed on as they came. Both encodings mix up integers and strings
/// freely, so readers go through the accessors instead of matching cases.
public enum NGValue: Sendable, Equatable {
    /// Octets, usually text.
    case string([UInt8])
    /// A signed integer.
    case integer(Int64)
    /// Values in order.
    case list([NGValue])
    /// Keys and values in the order in which they were written.
    case dictionary(NGDictionary)

    /// Text as its UTF-8 octets.
    public static func text(_ text: some StringProtocol) -> NGValue { .string(Array(text.utf8)) }

    /// The octets of a string, or the decimal digits of an integer; nil for containers.
    public var octets: [UInt8]? {
        switch self {
        case .string(let octets): octets
        case .integer(let number): Array(String(number).utf8)
        case .list, .dictionary: nil
        }
    }

    /// A string that is valid UTF-8, or the decimal digits of an integer; nil for anything else.
    public var text: String? {
        switch self {
        case .string(let octets): Self.text(octets)
        case .integer(let number): String(number)
        case .list, .dictionary: nil
        }
    }

    /// Nearly all texts are ASCII, which takes no validation.
    private static func text(_ octets: [UInt8]) -> String? {
        var union: UInt8 = 0
        for octet in octets { union |= octet }
        return union < 0x80
            ? String(decoding: octets, as: UTF8.self) : String(validating: octets, as: UTF8.self)
    }

    /// An integer, or a string that consists of a decimal number and nothing else; nil for anything else.
    public var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .string(let octets): octets.count <= 20 ? self.text.flatMap { Int64($0) } : nil
        case .list, .dictionary: nil
        }
    }

    /// The members of a list; nil for anything else.
    public var list: [NGValue]? {
        guard case .list(let members) = self else { return nil }
        return members
    }

    /// The dictionary; nil for anything else.
    public var dictionary: NGDictionary? {
        guard case .dictionary(let dictionary) = self else { return nil }
        return dictionary
    }
}

extension NGValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByDictionaryLiteral {
    /// A string.
    public init(stringLiteral value: String) { self = .text(value) }

    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }

    /// A dictionary; of repeated keys the last one counts.
    public init(dictionaryLiteral elements: (String, NGValue)...) {
        var dictionary = NGDictionary()
        for (key, value) in elements { dictionary[key] = value }
        self = .dictionary(dictionary)
    }
}
