/// One value of one option, and where it was written, for messages.
struct OptionSetting: Equatable, Sendable {
    /// The value as written.
    let text: String
    /// `--port-min`, or `port-min in /etc/crosspoint/crosspoint.yaml, line 3`.
    let origin: String
}

/// What the command line and the file say, before anything is read as a number or an address.
struct OptionSettings: Equatable, Sendable {
    private var values: [OptionName: [OptionSetting]] = [:]
    /// Interfaces written with names for their parts; they come after those of `--interface`.
    var interfaceSections: [InterfaceSetting] = []
    /// Signalling templates: lists of flags by name.
    var templates: [String: OptionSetting] = [:]

    /// Adds a value; a second one for an option that takes one value replaces the first.
    mutating func add(_ setting: OptionSetting, to name: OptionName) {
        if name.arity == .list {
            self.values[name, default: []].append(setting)
        } else {
            self.values[name] = [setting]
        }
    }

    /// The value of an option that takes one.
    func value(of name: OptionName) -> OptionSetting? { self.values[name]?.last }

    /// The values of an option that takes several, each split at `;`.
    func list(of name: OptionName) -> [OptionSetting] {
        (self.values[name] ?? []).flatMap { setting in
            setting.text.split(separator: ";").compactMap { part in
                let text = part.trimmingSpaces
                return text.isEmpty ? nil : OptionSetting(text: String(text), origin: setting.origin)
            }
        }
    }

    /// These settings, and those of `other` for options that are not set here at all.
    func merged(over other: OptionSettings) -> OptionSettings {
        var result = self
        result.values.merge(other.values) { own, _ in own }
        result.interfaceSections += other.interfaceSections
        result.templates.merge(other.templates) { own, _ in own }
        return result
    }
}

extension StringProtocol {
    /// Without the spaces and tabs at either end.
    var trimmingSpaces: SubSequence {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let head = self.drop(while: isSpace)
        guard let last = head.lastIndex(where: { !isSpace($0) }) else { return head.prefix(0) }
        return head[...last]
    }
}
