import ControlProtocols

/// A tree of statistics: NG carries its numbers with a fraction as text, `list jsonstats` as numbers.
enum StatisticsNode: Sendable, Equatable {
    case integer(Int64)
    case decimal(Double, digits: Int)
    case text(String)
    case list([StatisticsNode])
    case object([Member])

    /// One key and its value.
    struct Member: Sendable, Equatable {
        var key: String
        var value: StatisticsNode
    }

    /// A counter.
    static func count(_ value: UInt64) -> StatisticsNode { .integer(Int64(clamping: value)) }

    /// A number with six digits behind the point.
    static func decimal(_ value: Double) -> StatisticsNode { .decimal(value, digits: 6) }

    /// As it goes into a reply of NG.
    var ngValue: NGValue {
        switch self {
        case .integer(let number): return .integer(number)
        case .decimal(let number, let digits): return .text(DecimalText.fixed(number, digits: digits))
        case .text(let text): return .text(text)
        case .list(let members): return .list(members.map(\.ngValue))
        case .object(let members):
            var dictionary = NGDictionary()
            for member in members { dictionary[member.key] = member.value.ngValue }
            return .dictionary(dictionary)
        }
    }

    /// As JSON in one line.
    var json: String {
        var output: [UInt8] = []
        self.append(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func append(to output: inout [UInt8]) {
        switch self {
        case .integer(let number): output += Array(String(number).utf8)
        case .decimal(let number, let digits): output += Array(DecimalText.fixed(number, digits: digits).utf8)
        case .text(let text): output += JSON.encode(.text(text))
        case .list(let members):
            output.append(UInt8(ascii: "["))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                member.append(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                output += JSON.encode(.text(member.key))
                output.append(UInt8(ascii: ":"))
                member.value.append(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }
}

extension StatisticsNode: ExpressibleByDictionaryLiteral {
    /// An object; keys keep their order.
    init(dictionaryLiteral elements: (String, StatisticsNode)...) {
        self = .object(elements.map { Member(key: $0.0, value: $0.1) })
    }
}
