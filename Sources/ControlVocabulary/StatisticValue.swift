/// A statistic: a number, a text, or a group of statistics by name.
public indirect enum StatisticValue: Sendable, Equatable {
    case integer(Int64)
    case number(Double)
    case text(String)
    case group([String: StatisticValue])

    /// `path.to.value` and the value's text, for every leaf, sorted by path.
    public var lines: [(key: String, value: String)] {
        self.leaves(under: "").sorted { $0.key < $1.key }
    }

    private func leaves(under path: String) -> [(key: String, value: String)] {
        switch self {
        case .integer(let value): [(path, String(value))]
        case .number(let value): [(path, String(value))]
        case .text(let value): [(path, value)]
        case .group(let members):
            members.flatMap { name, member in
                member.leaves(under: path.isEmpty ? name : "\(path).\(name)")
            }
        }
    }
}

extension StatisticValue: Codable {
    /// Takes what JSON has: an integer if it is one, else a number, a text or an object.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else {
            self = .group(try value.decode([String: StatisticValue].self))
        }
    }

    /// Writes the bare value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .group(let members): try container.encode(members)
        }
    }
}
