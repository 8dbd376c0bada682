import Yams

/// The configuration file: one YAML mapping whose keys are the long names of the options.
struct ConfigurationFile: Equatable {
    /// What it sets.
    private(set) var settings = OptionSettings()
    /// Keys that are not obeyed.
    private(set) var notes: [ConfigurationNote] = []

    /// Larger than any configuration; a larger file is another file.
    static let largestFileBytes = 1 << 20

    /// Reads the text of the file; `path` is for messages.
    init(_ text: String, path: String) throws(ConfigurationError) {
        guard let root = try Self.root(of: text, path: path) else { return }
        guard let mapping = root.mapping else {
            throw ConfigurationError("\(path): expected one \"name: value\" a line, e.g. \"table: 0\"")
        }
        for (key, value) in mapping {
            let place = "\(path), line \(key.mark?.line ?? 0)"
            guard let name = key.scalar?.string else {
                throw ConfigurationError("\(place): expected the name of an option before the colon")
            }
            guard let option = OptionName(rawValue: name) else {
                self.noteForeign(name, place: place)
                continue
            }
            for text in try Self.values(value, of: option, place: place) {
                self.settings.add(OptionSetting(text: text, origin: "\(name) in \(place)"), to: option)
            }
        }
    }

    private static func root(of text: String, path: String) throws(ConfigurationError) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch {
            let firstLine = text.split(whereSeparator: \.isNewline).first {
                !$0.trimmingSpaces.isEmpty && !$0.trimmingSpaces.hasPrefix("#")
                    && !$0.trimmingSpaces.hasPrefix(";")
            }
            if let firstLine, firstLine.trimmingSpaces.hasPrefix("[") {
                throw ConfigurationError(
                    "\(path): this looks like rtpengine's own file; expected YAML, e.g. \"table: 0\" for \"table = 0\""
                        + " and no [section]")
            }
            throw ConfigurationError("\(path): not YAML: \(error)")
        }
    }

    private static func values(
        _ node: Node, of option: OptionName, place: String
    ) throws(ConfigurationError) -> [String] {
        switch node {
        case .scalar(let scalar): return [scalar.string]
        case .sequence(let sequence) where option.arity == .list:
            let texts = sequence.compactMap(\.scalar?.string)
            if texts.count == sequence.count { return texts }
        default: break
        }
        let expected = option.arity == .list ? "a text, or a list of texts" : "one value"
        throw ConfigurationError("\(option.rawValue) in \(place): expected \(expected)")
    }

    private mutating func noteForeign(_ name: String, place: String) {
        if let option = RtpengineOptions.byName[name] {
            guard !option.isInherent else { return }
            self.notes.append(
                .warning(
                    "\(place): option \"\(name)\" of rtpengine is not supported and has no effect"
                        + RtpengineOptions.advice(for: name)))
        } else {
            self.notes.append(.warning("\(place): unknown option \"\(name)\" has no effect"))
        }
    }
}
