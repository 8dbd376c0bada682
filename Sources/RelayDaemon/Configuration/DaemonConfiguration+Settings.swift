import NATRules
import UserspaceForwarding
import WireFormat

extension DaemonConfiguration {
    /// Reads and validates what command line and file say; whatever they leave out keeps its default.
    init(_ settings: OptionSettings, defaultControlSocket: String) throws(ConfigurationError) {
        self.init()
        self.controlSocket = defaultControlSocket
        try self.readAddresses(settings)
        try self.readPorts(settings)
        try self.readTimeouts(settings)
        try self.readBehaviour(settings)
        try self.readLogging(settings)
    }

    private mutating func readAddresses(_ settings: OptionSettings) throws(ConfigurationError) {
        var names: Set<String> = []
        for setting in settings.list(of: .interface) {
            let interface: InterfaceSpecification
            do {
                interface = try InterfaceSpecification(setting.text)
            } catch {
                throw ConfigurationError(
                    setting,
                    expected:
                        "[NAME/]ADDRESS[!ADVERTISED], with an IP address, a network interface, a host name"
                        + " or \"any\" as ADDRESS, or ALIAS=NAME: \(error)")
            }
            names.formUnion(try Self.names(interface, after: names, setting: setting))
            self.interfaces.append(interface)
        }
        let listeners = try settings.listeners(.listenNG)
        if !listeners.isEmpty { self.listenNG = listeners }
        self.listenTCPNG = try settings.listeners(.listenTCPNG)
        self.listenHTTP = try settings.listeners(.listenHTTP)
        self.listenCLI = try settings.listeners(.listenCLI)
    }

    /// The names that an interface can be called by; an alias must come after what it stands for.
    private static func names(
        _ interface: InterfaceSpecification, after known: Set<String>, setting: OptionSetting
    ) throws(ConfigurationError) -> Set<String> {
        switch interface {
        case .addresses(let addresses):
            let base = addresses.name.prefix { $0 != ":" }
            return [addresses.name, String(base)]
        case .alias(let alias, let name):
            guard known.contains(name) else {
                throw ConfigurationError(
                    setting, expected: "an alias of an interface that was given before it")
            }
            guard !known.contains(alias) else {
                throw ConfigurationError(setting, expected: "an alias that no interface has yet")
            }
            return [alias]
        }
    }

    private mutating func readPorts(_ settings: OptionSettings) throws(ConfigurationError) {
        let low = try settings.integer(.portMin, in: 1...65535) ?? Int(self.mediaPorts.lowerBound)
        let high = try settings.integer(.portMax, in: 1...65535) ?? Int(self.mediaPorts.upperBound)
        let firstEven = low + low % 2
        guard firstEven + 1 <= high, let low = UInt16(exactly: low), let high = UInt16(exactly: high) else {
            throw ConfigurationError(
                "port-min \(low) and port-max \(high) leave no room for a stream;"
                    + " expected at least an even port and the odd one after it, e.g. 30000 and 40000")
        }
        self.mediaPorts = low...high
        self.trafficClass = try settings.integer(.tos, in: 0...255).map(UInt8.init) ?? self.trafficClass
    }

    private mutating func readTimeouts(_ settings: OptionSettings) throws(ConfigurationError) {
        // As in rtpengine, zero and below stand for the default, or for "never" where that is the default.
        self.timeout = try settings.positiveSeconds(.timeout) ?? self.timeout
        self.silentTimeout = try settings.positiveSeconds(.silentTimeout) ?? self.silentTimeout
        self.offerTimeout = try settings.positiveSeconds(.offerTimeout) ?? self.offerTimeout
        self.finalTimeout = try settings.positiveSeconds(.finalTimeout)
        self.deleteDelay =
            try settings.integer(.deleteDelay, in: 0...Limits.longestSeconds).map { .seconds($0) }
            ?? self.deleteDelay
    }

    private mutating func readBehaviour(_ settings: OptionSettings) throws(ConfigurationError) {
        self.table =
            try settings.integer(.table, in: -Limits.largestTable...Limits.largestTable) ?? self.table
        self.noFallback = try settings.flag(.noFallback) ?? false
        if let setting = settings.value(of: .endpointLearning) {
            guard let mode = LearningMode(rawValue: setting.text.lowercased()) else {
                throw ConfigurationError(
                    setting, expected: Self.choices(LearningMode.allCases.map(\.rawValue)))
            }
            self.endpointLearning = mode
        }
        self.usesSIPSourceAddress = try settings.flag(.sipSource) ?? false
        let sessions = try settings.integer(.maxSessions, in: -1...Limits.mostSessions)
        self.maxSessions = sessions.flatMap { $0 < 0 ? nil : $0 }
        self.workerThreads = try settings.integer(.numThreads, in: 1...Limits.mostThreads)
        if let setting = settings.value(of: .userspaceEngine) {
            guard let engine = EngineChoice(rawValue: setting.text.lowercased()) else {
                throw ConfigurationError(
                    setting, expected: Self.choices(EngineChoice.allCases.map(\.rawValue)))
            }
            self.userspaceEngine = engine
        }
        self.foreground = try settings.flag(.foreground) ?? false
        self.pidFile = try settings.path(.pidfile)
        if let socket = settings.value(of: .controlSocket) {
            self.insistsOnControlSocket = socket.text != "none"
            self.controlSocket = socket.text == "none" ? nil : try settings.path(.controlSocket)
        }
    }

    private mutating func readLogging(_ settings: OptionSettings) throws(ConfigurationError) {
        self.logsToStandardError = try settings.flag(.logStderr) ?? false
        if let setting = settings.value(of: .logLevel) {
            guard let level = SyslogSeverity(setting.text) else {
                throw ConfigurationError(
                    setting,
                    expected: "a number from 0 (emergencies only) to 7 (debug), or one of "
                        + SyslogSeverity.allCases.map { $0.label.lowercased() }.joined(separator: ", "))
            }
            self.logLevel = level
        }
        if let setting = settings.value(of: .logFacility) {
            guard let facility = SyslogFacility(rawValue: setting.text.lowercased()) else {
                throw ConfigurationError(
                    setting, expected: Self.choices(SyslogFacility.allCases.map(\.rawValue)))
            }
            self.logFacility = facility
        }
    }

    private static func choices(_ words: [String]) -> String {
        "one of " + words.joined(separator: ", ")
    }

    /// The largest values that make sense; beyond them a typing error is more likely.
    enum Limits {
        static let longestSeconds = 10 * 365 * 86400
        static let largestTable = 63
        static let mostSessions = 10_000_000
        static let mostThreads = 1024
    }
}

extension OptionSettings {
    /// Addresses to listen on; empty if the option is not set.
    fileprivate func listeners(_ name: OptionName) throws(ConfigurationError) -> [ListenSpecification] {
        var listeners: [ListenSpecification] = []
        for setting in self.list(of: name) {
            guard let listener = ListenSpecification(setting.text) else {
                throw ConfigurationError(
                    setting, expected: "PORT, IPV4:PORT, [IPV6]:PORT or HOST:PORT with a port from 1 to 65535"
                )
            }
            listeners.append(listener)
        }
        return listeners
    }

    /// A whole number within a range; nil if the option is not set.
    fileprivate func integer(
        _ name: OptionName, in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int? {
        guard let setting = self.value(of: name) else { return nil }
        guard let number = Int(setting.text), range.contains(number) else {
            throw ConfigurationError(
                setting, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Seconds; nil if the option is not set, zero or negative.
    fileprivate func positiveSeconds(_ name: OptionName) throws(ConfigurationError) -> Duration? {
        let limit = DaemonConfiguration.Limits.longestSeconds
        guard let seconds = try self.integer(name, in: -limit...limit), seconds > 0 else { return nil }
        return .seconds(seconds)
    }

    /// A switch; nil if the option is not set.
    fileprivate func flag(_ name: OptionName) throws(ConfigurationError) -> Bool? {
        guard let setting = self.value(of: name) else { return nil }
        switch setting.text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw ConfigurationError(setting, expected: "true or false")
        }
    }

    /// A path; nil if the option is not set.
    fileprivate func path(_ name: OptionName) throws(ConfigurationError) -> String? {
        guard let setting = self.value(of: name) else { return nil }
        guard !setting.text.isEmpty, !setting.text.utf8.contains(0) else {
            throw ConfigurationError(setting, expected: "the path of a file")
        }
        return setting.text
    }
}
