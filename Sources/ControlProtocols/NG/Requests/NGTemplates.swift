/// Named sets of flags from the configuration (`templates`), which requests name by `template=NAME`.
///
/// Those called `default` and like a command (`offer`, `block DTMF`) belong to every request, or every request with that
/// command. Whatever a request says itself goes before its templates, and one named in it before those that belong to it
/// anyway.
public struct NGTemplates: Sendable {
    /// Why a template cannot be taken.
    public enum Failure: Error, Sendable, Hashable {
        /// More than ``NGTemplates/maximumCount``.
        case tooMany
        /// The flags have more than ``NGTemplates/maximumOctets`` octets.
        case tooLong
        /// There is no name.
        case noName

        /// For logs.
        public var text: String {
            switch self {
            case .tooMany: "more than \(NGTemplates.maximumCount) templates"
            case .tooLong: "longer than \(NGTemplates.maximumOctets) octets"
            case .noName: "it has no name"
            }
        }
    }

    /// Templates that are kept.
    public static let maximumCount = 256
    /// Octets of the flags of one template.
    public static let maximumOctets = 16_384

    private var words: [String: [NGFlagString.Word]] = [:]

    /// No templates.
    public init() {}

    /// True without any template.
    public var isEmpty: Bool { self.words.isEmpty }

    /// Adds a template, or replaces the one of that name; names are told apart without regard to case.
    ///
    /// - Parameter flags: what a script would write, as in `rtpp-flags`.
    public mutating func add(name: String, flags: String) throws(Failure) {
        guard !name.isEmpty else { throw .noName }
        guard flags.utf8.count <= Self.maximumOctets else { throw .tooLong }
        let key = NGVocabulary.fold(name)
        guard self.words[key] != nil || self.words.count < Self.maximumCount else { throw .tooMany }
        self.words[key] = NGFlagString.words(Array(flags.utf8))
    }

    /// The words of a template, nil if there is none of that name.
    subscript(name: String) -> [NGFlagString.Word]? {
        self.words.isEmpty ? nil : self.words[NGVocabulary.fold(name)]
    }

    /// The names of the templates that count for a request, in the order in which they are read.
    func names(for kind: NGCommandKind, in dictionary: NGDictionary) -> [String] {
        guard !self.isEmpty, kind.takesFlags else { return [] }
        var names = ["default", kind.rawValue].filter { self[$0] != nil }
        for entry in dictionary.entries {
            switch NGVocabulary.keys[entry.key] {
            case .obeyed(.template): self.append(entry.value, to: &names)
            case .obeyed(.flagString):
                for word in NGFlagString.words(entry.value.octets ?? []) where Self.isTemplate(word.name) {
                    self.append(word.value ?? "", to: &names)
                }
            case .obeyed(.flags):
                for flag in entry.value.list?.prefix(NGRequestLimits.listMembers).compactMap(\.text) ?? [] {
                    let parts = flag.split(separator: "=", maxSplits: 1)
                    guard parts.count == 2, Self.isTemplate(String(parts[0])) else { continue }
                    self.append(.text(parts[1]), to: &names)
                }
            default: break
            }
        }
        return names
    }

    private static func isTemplate(_ name: String) -> Bool { NGVocabulary.fold(name) == "template" }

    private func append(_ value: NGValue, to names: inout [String]) {
        guard let name = value.text, self[name] != nil, names.count < NGRequestLimits.templatesPerRequest,
            !names.contains(name)
        else { return }
        names.append(name)
    }
}
