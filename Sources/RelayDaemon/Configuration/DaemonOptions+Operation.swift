import ArgumentParser

/// Options about when new calls are refused.
struct LimitOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "No new calls while the 1-minute load average is this high. Default: 0, no limit.",
            valueName: "LOAD"))
    var maxLoad: String?

    @Option(
        name: .customLong("max-cpu"), parsing: .unconditional,
        help: ArgumentHelp(
            "No new calls while the CPUs of this host, or those a container may use, are this busy. Default: 0, no limit.",
            valueName: "PERCENT"))
    var maxCPU: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "No new calls while this much media arrives, in octets a second, both paths taken together. Default: 0, no limit.",
            valueName: "OCTETS"))
    var maxBandwidth: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "End a call of which one direction has been silent for this long while another was not. Default: 0, never.",
            valueName: "SECONDS"))
    var oneWayTimeout: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "After SIGTERM take no new calls and wait for the others to end, but no longer than this. Default: 0, end at once.",
            valueName: "SECONDS"))
    var drainTimeout: String?

    func add(to settings: inout OptionSettings) {
        settings.add(self.maxLoad, from: .maxLoad)
        settings.add(self.maxCPU, from: .maxCPU)
        settings.add(self.maxBandwidth, from: .maxBandwidth)
        settings.add(self.oneWayTimeout, from: .oneWayTimeout)
        settings.add(self.drainTimeout, from: .drainTimeout)
    }
}

/// Options about what the log looks like, and about sections of rtpengine's file.
struct LogDetailOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Section to read of a file in rtpengine's format. Default: \(RtpengineFile.defaultSection).",
            valueName: "NAME"))
    var configSection: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Beginning of the names of sections that describe interfaces: [PREFIX-NAME].", valueName: "PREFIX"
        ))
    var interfacesConfig: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Section with signalling templates: lists of flags that a request names by template=.",
            valueName: "NAME"))
    var templates: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Log level of what belongs to none of the following.", valueName: "LEVEL"))
    var logLevelCore: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Log level of control protocols, SDPs included.", valueName: "LEVEL"))
    var logLevelControl: String?

    @Option(
        name: .customLong("log-level-http"), parsing: .unconditional,
        help: ArgumentHelp("Log level of HTTP and WebSocket.", valueName: "LEVEL"))
    var logLevelHTTP: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Log level of learning and of flows that change their path.", valueName: "LEVEL"))
    var logLevelInternals: String?

    @Option(
        name: .customLong("log-level-cdr"), parsing: .unconditional,
        help: ArgumentHelp(
            "Log level of the line at the end of a call: 5 or less for none.", valueName: "LEVEL"))
    var logLevelCDR: String?

    @Option(
        name: .customLong("log-facility-cdr"), parsing: .unconditional,
        help: ArgumentHelp(
            "Facility for the lines at the ends of calls. Default: that of all.", valueName: "FACILITY"))
    var logFacilityCDR: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "default: [CALLID] before a line; parsable: [ID=\"CALLID\"].", valueName: "default|parsable"))
    var logFormat: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Put before each call-id in the log, as a mark for scripts.", valueName: "TEXT"))
    var logMarkPrefix: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The same after it.", valueName: "TEXT"))
    var logMarkSuffix: String?

    func add(to settings: inout OptionSettings) {
        settings.add(self.interfacesConfig, from: .interfacesConfig)
        settings.add(self.templates, from: .templates)
        settings.add(self.logLevelCore, from: .logLevelCore)
        settings.add(self.logLevelControl, from: .logLevelControl)
        settings.add(self.logLevelHTTP, from: .logLevelHTTP)
        settings.add(self.logLevelInternals, from: .logLevelInternals)
        settings.add(self.logLevelCDR, from: .logLevelCDR)
        settings.add(self.logFacilityCDR, from: .logFacilityCDR)
        settings.add(self.logFormat, from: .logFormat)
        settings.add(self.logMarkPrefix, from: .logMarkPrefix)
        settings.add(self.logMarkSuffix, from: .logMarkSuffix)
    }
}
