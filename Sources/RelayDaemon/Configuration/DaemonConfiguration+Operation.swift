import CallControl
import ControlProtocols
import WireFormat

/// Limits, interfaces with names for their parts, and the log's details.
extension DaemonConfiguration {
    mutating func readInterfaceSections(_ settings: OptionSettings) throws(ConfigurationError) {
        var names: Set<String> = []
        for interface in self.interfaces {
            switch interface {
            case .addresses(let addresses):
                names.formUnion([addresses.name, String(addresses.name.prefix { $0 != ":" })])
            case .alias(let alias, _): names.insert(alias)
            }
        }
        // An alias may be described before what it stands for.
        let addresses = settings.interfaceSections.filter { !$0.specification.isAlias }
        let aliases = settings.interfaceSections.filter { $0.specification.isAlias }
        for section in addresses + aliases {
            let setting = OptionSetting(text: section.specification.name, origin: section.origin)
            names.formUnion(try Self.names(section.specification, after: names, setting: setting))
            if case .addresses(let addresses) = section.specification {
                let range = addresses.ports(within: self.mediaPorts)
                guard Self.holdsPair(range) else {
                    throw ConfigurationError(
                        "\(section.origin): ports \(range.lowerBound) to \(range.upperBound) leave no room for a"
                            + " stream; expected at least an even port and the odd one after it")
                }
            }
            self.interfaces.append(section.specification)
        }
    }

    private static func holdsPair(_ range: ClosedRange<UInt16>) -> Bool {
        let low = Int(range.lowerBound)
        return low + low % 2 + 1 <= Int(range.upperBound)
    }

    mutating func readTemplates(_ settings: OptionSettings) throws(ConfigurationError) {
        var templates = NGTemplates()
        for (name, setting) in settings.templates.sorted(by: { $0.key < $1.key }) {
            do {
                try templates.add(name: name, flags: setting.text)
            } catch {
                throw ConfigurationError("\(setting.origin): \(error.text)")
            }
            self.templates[name] = setting.text
        }
    }

    /// The templates as requests find them.
    var signallingTemplates: NGTemplates {
        var templates = NGTemplates()
        // Each was tried when the configuration was read.
        for (name, flags) in self.templates { try? templates.add(name: name, flags: flags) }
        return templates
    }

    mutating func readLimits(_ settings: OptionSettings) throws(ConfigurationError) {
        self.loadLimits.loadAverage = try settings.limit(.maxLoad, upTo: Limits.largestLoad)
        self.loadLimits.cpuPercent = try settings.limit(.maxCPU, upTo: 100)
        let bandwidth = try settings.integer(.maxBandwidth, in: 0...Int.max) ?? 0
        self.loadLimits.bytesPerSecond = bandwidth > 0 ? UInt64(bandwidth) : nil
        self.oneWayTimeout = try settings.positiveSeconds(.oneWayTimeout)
        self.drainTimeout = try settings.positiveSeconds(.drainTimeout)
    }

    mutating func readLogDetails(_ settings: OptionSettings) throws(ConfigurationError) {
        for (option, subsystem) in LogSubsystem.byOption {
            if let level = try settings.severity(option) { self.subsystemLevels[subsystem] = level }
        }
        self.cdrFacility = try settings.facility(.logFacilityCDR)
        if let setting = settings.value(of: .logFormat) {
            switch setting.text.lowercased() {
            case "default": self.callMark.isParsable = false
            case "parsable": self.callMark.isParsable = true
            default: throw ConfigurationError(setting, expected: "default or parsable")
            }
        }
        self.callMark.prefix = settings.value(of: .logMarkPrefix)?.text ?? ""
        self.callMark.suffix = settings.value(of: .logMarkSuffix)?.text ?? ""
    }
}

extension LogSubsystem {
    /// The subsystems that have an option for their level.
    static let byOption: [(OptionName, LogSubsystem)] = [
        (.logLevelCore, .core), (.logLevelControl, .control), (.logLevelHTTP, .http),
        (.logLevelInternals, .internals), (.logLevelCDR, .cdr),
    ]
}

extension InterfaceSpecification {
    /// The logical interface, or the alias.
    var name: String {
        switch self {
        case .addresses(let addresses): addresses.name
        case .alias(let alias, _): alias
        }
    }
}

extension InterfaceSpecification {
    /// True for a second name.
    fileprivate var isAlias: Bool { if case .alias = self { true } else { false } }
}

extension LocalAddressSpecification {
    /// The ports for media, as far as they are its own; one port if the ends are the wrong way round.
    func ports(within all: ClosedRange<UInt16>) -> ClosedRange<UInt16> {
        let low = self.firstPort ?? all.lowerBound
        let high = self.lastPort ?? all.upperBound
        return low <= high ? low...high : low...low
    }

    /// True if it says anything of ports.
    var hasOwnPorts: Bool { self.firstPort != nil || self.lastPort != nil || !self.excludedPorts.isEmpty }
}

extension OptionSettings {
    /// A limit; nil if the option is not set or zero, which both mean that there is none.
    func limit(_ name: OptionName, upTo most: Double) throws(ConfigurationError) -> Double? {
        guard let setting = self.value(of: name) else { return nil }
        guard let number = Double(setting.text), number >= 0, number <= most else {
            throw ConfigurationError(setting, expected: "a number from 0 to \(Int(most)), 0 for no limit")
        }
        return number > 0 ? number : nil
    }

    /// A severity by number or name; nil if the option is not set.
    func severity(_ name: OptionName) throws(ConfigurationError) -> SyslogSeverity? {
        guard let setting = self.value(of: name) else { return nil }
        guard let level = SyslogSeverity(setting.text) else {
            throw ConfigurationError(
                setting,
                expected: "a number from 0 (emergencies only) to 7 (debug), or one of "
                    + SyslogSeverity.allCases.map { $0.label.lowercased() }.joined(separator: ", "))
        }
        return level
    }

    /// A facility; nil if the option is not set.
    func facility(_ name: OptionName) throws(ConfigurationError) -> SyslogFacility? {
        guard let setting = self.value(of: name) else { return nil }
        guard let facility = SyslogFacility(rawValue: setting.text.lowercased()) else {
            throw ConfigurationError(
                setting, expected: DaemonConfiguration.choices(SyslogFacility.allCases.map(\.rawValue)))
        }
        return facility
    }
}
