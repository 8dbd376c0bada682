/// rtpengine's own configuration file, read as it is.
struct RtpengineFile: Equatable {
    /// What it sets.
    private(set) var settings = OptionSettings()
    /// Keys that are not obeyed.
    private(set) var notes: [ConfigurationNote] = []

    /// The section that is read if `--config-section` names no other.
    static let defaultSection = "rtpengine"

    /// Reads the text of the file.
    ///
    /// - Parameters:
    ///   - text: the whole file.
    ///   - path: for messages.
    ///   - section: `--config-section`.
    ///   - commandLine: options that were given there and name further sections.
    init(
        _ text: String, path: String, section name: String = Self.defaultSection,
        commandLine: OptionSettings = OptionSettings()
    ) throws(ConfigurationError) {
        let file = try IniFile(text, path: path)
        guard let section = file.section(name) else {
            let others = file.sections.map { "[\($0.name)]" }.joined(separator: ", ")
            throw ConfigurationError(
                "\(path): there is no section [\(name)]; expected one of \(others.isEmpty ? "none" : others),"
                    + " named by --config-section")
        }
        for entry in section.replaced {
            self.notes.append(
                .warning(
                    "\(path), line \(entry.line): \"\(entry.key)\" comes again further down, and that one counts;"
                        + " a list is written in one line with \";\" between"))
        }
        for entry in section.effective { self.read(entry, path: path) }
        let sections = commandLine.merged(over: self.settings)
        if let prefix = sections.value(of: .interfacesConfig) {
            try self.readInterfaces(file, prefix: prefix, path: path)
        }
        if let templates = sections.value(of: .templates) {
            guard let section = file.section(templates.text) else {
                throw ConfigurationError(templates, expected: "the name of a section of \(path)")
            }
            for entry in section.effective {
                self.settings.templates[entry.key] = OptionSetting(
                    text: entry.value, origin: "template \(entry.key) in \(path), line \(entry.line)")
            }
        }
    }

    private mutating func read(_ entry: IniFile.Entry, path: String) {
        let place = "\(path), line \(entry.line)"
        guard let option = OptionName(rawValue: entry.key) else {
            self.notes += RtpengineOptions.notes(on: entry.key, value: entry.value, place: place)
            return
        }
        self.settings.add(OptionSetting(text: entry.value, origin: "\(entry.key) in \(place)"), to: option)
    }

    /// `[PREFIX-NAME]` sections: one address, or an alias, each.
    private mutating func readInterfaces(
        _ file: IniFile, prefix: OptionSetting, path: String
    ) throws(ConfigurationError) {
        let head = prefix.text + "-"
        let sections = file.sections.filter { $0.name.hasPrefix(head) }
        guard !sections.isEmpty else {
            throw ConfigurationError(prefix, expected: "the beginning of sections [\(head)NAME] in \(path)")
        }
        for section in sections {
            var keys: [String: OptionSetting] = [:]
            for entry in section.effective {
                keys[entry.key] = OptionSetting(
                    text: entry.value, origin: "\(entry.key) in \(path), line \(entry.line)")
            }
            let place = "[\(section.name)] in \(path), line \(section.line)"
            let name = String(section.name.dropFirst(head.count))
            let read = try InterfaceSection(name: name, keys: keys, place: place)
            self.notes += read.notes
            self.settings.interfaceSections.append(
                InterfaceSetting(specification: read.specification, origin: place))
        }
    }
}

/// One interface that was written with names for its parts, and where.
struct InterfaceSetting: Equatable, Sendable {
    var specification: InterfaceSpecification
    var origin: String
}

/// One interface as a section of an ini file or a mapping of the YAML file describes it.
struct InterfaceSection: Equatable {
    private(set) var specification: InterfaceSpecification
    private(set) var notes: [ConfigurationNote] = []

    private static let advertisedKeys = [
        "advertised", "advertised address", "advertised-address", "advertised_address",
    ]
    private static let otherKeys: Set = ["address", "alias", "name", "port-min", "port-max", "exclude-ports"]

    /// Reads `address`, `advertised`, `port-min`, `port-max`, `exclude-ports` and `name`, or `alias`.
    init(name: String, keys: [String: OptionSetting], place: String) throws(ConfigurationError) {
        for key in keys.keys.sorted()
        where !Self.otherKeys.contains(key) && !Self.advertisedKeys.contains(key) {
            self.notes.append(.warning("\(place): unknown key \"\(key)\" of an interface has no effect"))
        }
        let name = keys["name"]?.text ?? name
        let text: String
        if let alias = keys["alias"] {
            text = "\(name)=\(alias.text)"
        } else {
            guard let address = keys["address"] else {
                throw ConfigurationError("\(place): an interface needs an address, or is an alias of another")
            }
            let advertised = Self.advertisedKeys.lazy.compactMap { keys[$0] }.first
            text = "\(name)/\(address.text)" + (advertised.map { "!\($0.text)" } ?? "")
        }
        let specification: InterfaceSpecification
        do {
            specification = try InterfaceSpecification(text)
        } catch {
            throw ConfigurationError("\(place): \(error)")
        }
        guard case .addresses(var addresses) = specification else {
            self.specification = specification
            return
        }
        addresses.firstPort = try keys["port-min"].map { setting throws(ConfigurationError) in
            try Self.port(setting)
        }
        addresses.lastPort = try keys["port-max"].map { setting throws(ConfigurationError) in
            try Self.port(setting)
        }
        if let excluded = keys["exclude-ports"] { addresses.excludedPorts = try Self.ports(excluded) }
        self.specification = .addresses(addresses)
    }

    private static func port(_ setting: OptionSetting) throws(ConfigurationError) -> UInt16 {
        guard let port = UInt16(setting.text), port > 0 else {
            throw ConfigurationError(setting, expected: "a port from 1 to 65535")
        }
        return port
    }

    /// Ports and ranges of ports with `;` or `,` between.
    private static func ports(_ setting: OptionSetting) throws(ConfigurationError) -> Set<UInt16> {
        var ports: Set<UInt16> = []
        for part in setting.text.split(whereSeparator: { $0 == ";" || $0 == "," }) {
            let text = part.trimmingSpaces
            guard !text.isEmpty else { continue }
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
                UInt16($0.trimmingSpaces) ?? 0
            }
            guard let first = ends.first, let last = ends.last, ends.count <= 2, first > 0, first <= last
            else {
                throw ConfigurationError(setting, expected: "ports such as \"5060;5062\" or \"20000-20010\"")
            }
            ports.formUnion(first...last)
        }
        return ports
    }
}
