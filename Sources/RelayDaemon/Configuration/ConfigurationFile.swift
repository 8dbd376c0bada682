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
                self.notes += RtpengineOptions.notes(on: name, value: value.scalar?.string, place: place)
                continue
            }
            if option == .interface, try self.readInterfaces(value, path: path) { continue }
            if option == .templates {
                try self.readTemplates(value, path: path, place: place)
                continue
            }
            if option == .interfacesConfig {
                self.notes.append(
                    .warning(
                        "\(place): \"interfaces-config\" is for files with sections and has no effect; here an"
                            + " interface may be a mapping with address, name, port-min and so on"))
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
            if IniFile.isLikely(text) {
                throw ConfigurationError(
                    "\(path): this looks like rtpengine's own file, but its name says YAML; rename it, e.g. to"
                        + " rtpengine.conf")
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

    /// Reads interfaces of which at least one is a mapping; false if none is.
    private mutating func readInterfaces(_ node: Node, path: String) throws(ConfigurationError) -> Bool {
        let items = node.sequence.map { Array($0) } ?? [node]
        guard items.contains(where: { $0.mapping != nil }) else { return false }
        for item in items {
            let place = "\(path), line \(item.mark?.line ?? 0)"
            if let text = item.scalar?.string {
                self.settings.add(OptionSetting(text: text, origin: "interface in \(place)"), to: .interface)
                continue
            }
            guard let mapping = item.mapping else {
                throw ConfigurationError(
                    "interface in \(place): expected a text or a mapping with an address")
            }
            var keys: [String: OptionSetting] = [:]
            for (key, value) in mapping {
                let name = key.scalar?.string ?? "?"
                let line = "\(path), line \(key.mark?.line ?? 0)"
                let texts = value.sequence.map { $0.compactMap(\.scalar?.string) }
                guard let text = value.scalar?.string ?? texts?.joined(separator: ";") else {
                    throw ConfigurationError("\(name) in \(line): expected one value")
                }
                keys[name] = OptionSetting(text: text, origin: "\(name) in \(line)")
            }
            let read = try InterfaceSection(
                name: InterfaceSpecification.defaultName, keys: keys, place: "interface in \(place)")
            self.notes += read.notes
            self.settings.interfaceSections.append(
                InterfaceSetting(specification: read.specification, origin: "interface in \(place)"))
        }
        return true
    }

    /// Reads signalling templates: a mapping of names to flags.
    private mutating func readTemplates(
        _ node: Node, path: String, place: String
    ) throws(ConfigurationError) {
        guard let mapping = node.mapping else {
            throw ConfigurationError("templates in \(place): expected \"name: flags\", one template a line")
        }
        for (key, value) in mapping {
            guard let name = key.scalar?.string, let flags = value.scalar?.string else {
                throw ConfigurationError(
                    "templates in \(path), line \(key.mark?.line ?? 0): expected \"name: flags\"")
            }
            self.settings.templates[name] = OptionSetting(
                text: flags, origin: "template \(name) in \(path), line \(key.mark?.line ?? 0)")
        }
    }
}
