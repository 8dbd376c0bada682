/// The text of an ini file, cut into sections and entries; what they mean is for others to say.
///
/// The syntax is that of rtpengine's file (GLib's key files): `[SECTION]`, `KEY = VALUE`, comments in lines of their
/// own that begin with `#` (`;` is taken as well). A section that comes twice is continued; of a key that comes twice
/// the last value counts.
struct IniFile: Equatable {
    /// One `KEY = VALUE`.
    struct Entry: Equatable {
        var key: String
        /// Without the spaces around it, with a pair of quotes around the whole of it taken off.
        var value: String
        /// Counted from 1.
        var line: Int
    }

    /// One `[SECTION]` with its entries in order.
    struct Section: Equatable {
        var name: String
        /// Where it is first named, counted from 1.
        var line: Int
        var entries: [Entry] = []

        /// The last value of a key.
        func entry(_ key: String) -> Entry? { self.entries.last { $0.key == key } }

        /// The entries that count, in the order of the file: of each key the last.
        var effective: [Entry] {
            var lastLine: [String: Int] = [:]
            for entry in self.entries { lastLine[entry.key] = entry.line }
            return self.entries.filter { lastLine[$0.key] == $0.line }
        }

        /// The entries that a later one of the same key replaces.
        var replaced: [Entry] {
            var lastLine: [String: Int] = [:]
            for entry in self.entries { lastLine[entry.key] = entry.line }
            return self.entries.filter { lastLine[$0.key] != $0.line }
        }
    }

    /// In the order of the file, each name once.
    private(set) var sections: [Section] = []

    /// More lines than any configuration has.
    static let mostLines = 20000

    /// Reads a text; `path` is for messages.
    init(_ text: String, path: String) throws(ConfigurationError) {
        var indexOfSection: [String: Int] = [:]
        var current: Int?
        var number = 0
        for content in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            guard number <= Self.mostLines else {
                throw ConfigurationError(
                    "\(path): more than \(Self.mostLines) lines; expected a configuration")
            }
            let line = content.trimmingSpaces
            guard let first = line.first, first != "#", first != ";" else { continue }
            let place = "\(path), line \(number)"
            if first == "[" {
                let name = try Self.sectionName(line, place: place)
                current = indexOfSection[name] ?? self.sections.count
                if indexOfSection.updateValue(current ?? 0, forKey: name) == nil {
                    self.sections.append(Section(name: name, line: number))
                }
                continue
            }
            guard let equals = line.firstIndex(of: "=") else {
                throw ConfigurationError(
                    "\(place): expected \"name = value\", a [section] or a comment that begins with #")
            }
            let key = line[..<equals].trimmingSpaces
            guard !key.isEmpty else {
                throw ConfigurationError("\(place): expected the name of an option before the \"=\"")
            }
            guard let current else {
                throw ConfigurationError(
                    "\(place): \"\(key)\" stands before any section; expected e.g. \"[rtpengine]\" first")
            }
            let value = Self.unquoted(line[line.index(after: equals)...].trimmingSpaces)
            self.sections[current].entries.append(Entry(key: String(key), value: value, line: number))
        }
    }

    /// The section of a name.
    func section(_ name: String) -> Section? { self.sections.first { $0.name == name } }

    /// True if the first line that says anything is a section's name, which no YAML file of ours begins with.
    static func isLikely(_ text: String) -> Bool {
        for content in text.split(whereSeparator: \.isNewline) {
            let line = content.trimmingSpaces
            guard let first = line.first, first != "#", first != ";" else { continue }
            return first == "[" && line.last == "]"
        }
        return false
    }

    private static func sectionName(_ line: Substring, place: String) throws(ConfigurationError) -> String {
        guard let close = line.firstIndex(of: "]"), line[line.index(after: close)...].trimmingSpaces.isEmpty
        else {
            throw ConfigurationError("\(place): expected a section's name between brackets, e.g. [rtpengine]")
        }
        let name = line[line.index(after: line.startIndex)..<close]
        guard !name.isEmpty, !name.contains("[") else {
            throw ConfigurationError("\(place): expected a section's name between the brackets")
        }
        return String(name)
    }

    /// A value without the quotes around the whole of it.
    private static func unquoted(_ text: Substring) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'", text.count > 1, text.last == quote,
            !text.dropFirst().dropLast().contains(quote)
        else { return String(text) }
        return String(text.dropFirst().dropLast())
    }
}
