import ArgumentParser
import ControlVocabulary

/// The command line of `crosspointd`, with rtpengine's names and letters; values are read as numbers later, together
/// with those of the configuration file.
struct DaemonOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crosspointd",
        abstract: "Relays the media of SIP calls: plain RTP in the kernel, the rest in userspace.",
        discussion: """
            Controlled by rtpengine's NG protocol, so a Kamailio that talks to rtpengine can talk to this. Options \
            of rtpengine that are not listed here are accepted with a warning. What is given on the command line \
            goes before what the configuration file says.

            crosspointd always stays in the foreground: systemd, a container or a shell puts it where it belongs.
            """,
        version: "crosspointd \(CrosspointVersion.text)")

    @OptionGroup(title: "Addresses and paths") var addresses: AddressOptions
    @OptionGroup(title: "Media") var media: MediaOptions
    @OptionGroup(title: "Timeouts, in seconds") var timeouts: TimeoutOptions
    @OptionGroup(title: "Process and log") var process: ProcessOptions

    /// What was given, by option.
    var settings: OptionSettings {
        var settings = OptionSettings()
        self.addresses.add(to: &settings)
        self.media.add(to: &settings)
        self.timeouts.add(to: &settings)
        self.process.add(to: &settings)
        return settings
    }
}

/// Options about where to listen and who forwards.
struct AddressOptions: ParsableArguments {
    @Option(
        name: [.long, .customShort("i", allowingJoined: true)], parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Address for media: an IP address, a network interface, a host name or \"any\".",
            discussion: """
                Give it once for each address. NAME groups addresses into a logical interface that a controller \
                chooses with direction=NAME; ADVERTISED is what SDP shows instead of the local address. \
                ALIAS=NAME gives a logical interface one more name. Several values can be joined with ";". \
                Default: the first IPv4 and the first IPv6 address of this host, as \"default\".
                """,
            valueName: "[NAME/]ADDRESS[!ADVERTISED]"))
    var interface: [String] = []

    @Option(
        name: [.customLong("listen-ng"), .customShort("n", allowingJoined: true)],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "UDP address for NG control; repeatable. A bare port means 0.0.0.0 and [::]. Default: 127.0.0.1:2223.",
            valueName: "[ADDRESS:]PORT"))
    var listenNG: [String] = []

    @Option(
        name: [.customLong("listen-tcp-ng"), .customShort("N", allowingJoined: true)],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("The same over TCP. Default: off.", valueName: "[ADDRESS:]PORT"))
    var listenTCPNG: [String] = []

    @Option(
        name: [.customLong("listen-http")], parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "TCP address for HTTP: NG by POST, /metrics, /ping, /cli; repeatable. Default: off.",
            discussion: "Whoever reaches it may control calls: there is no password. Keep it on loopback.",
            valueName: "[ADDRESS:]PORT"))
    var listenHTTP: [String] = []

    @Option(
        name: [.customLong("listen-cli"), .customShort("c", allowingJoined: true)],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "TCP address for rtpengine-ctl; repeatable. Default: off.", valueName: "[ADDRESS:]PORT"))
    var listenCLI: [String] = []

    @Option(
        name: [.long, .customShort("t", allowingJoined: true)], parsing: .unconditional,
        help: ArgumentHelp(
            "0 or more: forward in the kernel wherever possible. -1: never. Default: 0.", valueName: "NUMBER")
    )
    var table: String?

    @Flag(
        name: [.long, .customShort("F")],
        help: "Refuse to start if the kernel path does not work, instead of staying in userspace.")
    var noFallback = false

    fileprivate func add(to settings: inout OptionSettings) {
        for value in self.interface { settings.add(value, from: .interface) }
        for value in self.listenNG { settings.add(value, from: .listenNG) }
        for value in self.listenTCPNG { settings.add(value, from: .listenTCPNG) }
        for value in self.listenHTTP { settings.add(value, from: .listenHTTP) }
        for value in self.listenCLI { settings.add(value, from: .listenCLI) }
        settings.add(self.table, from: .table)
        settings.add(self.noFallback, from: .noFallback)
    }
}

/// Options about ports, packets and load.
struct MediaOptions: ParsableArguments {
    @Option(
        name: [.long, .customShort("m", allowingJoined: true)], parsing: .unconditional,
        help: ArgumentHelp("Lowest port for media. Default: 30000.", valueName: "PORT"))
    var portMin: String?

    @Option(
        name: [.long, .customShort("M", allowingJoined: true)], parsing: .unconditional,
        help: ArgumentHelp("Highest port for media. Default: 40000.", valueName: "PORT"))
    var portMax: String?

    @Option(
        name: [.long, .customShort("T", allowingJoined: true)], parsing: .unconditional,
        help: ArgumentHelp(
            "Traffic class octet (DSCP and ECN) of media. Default: 184, which is EF.", valueName: "0-255"))
    var tos: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "When the source of packets replaces the address in the SDP: heuristic (default), delayed, immediate, off.",
            valueName: "MODE"))
    var endpointLearning: String?

    @Flag(
        help: "Trust the address SIP came from more than the one in the SDP, unless a request says otherwise."
    )
    var sipSource = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Most calls at a time; 0 accepts no new ones, -1 means no limit. Default: -1.", valueName: "CALLS"
        ))
    var maxSessions: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Userspace workers. Default: one for each CPU.", valueName: "THREADS"))
    var numThreads: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How userspace workers receive and send: io_uring, epoll, or auto (default): io_uring where it is allowed.",
            valueName: "ENGINE"))
    var userspaceEngine: String?

    fileprivate func add(to settings: inout OptionSettings) {
        settings.add(self.portMin, from: .portMin)
        settings.add(self.portMax, from: .portMax)
        settings.add(self.tos, from: .tos)
        settings.add(self.endpointLearning, from: .endpointLearning)
        settings.add(self.sipSource, from: .sipSource)
        settings.add(self.maxSessions, from: .maxSessions)
        settings.add(self.numThreads, from: .numThreads)
        settings.add(self.userspaceEngine, from: .userspaceEngine)
    }
}

/// Options about when calls end.
struct TimeoutOptions: ParsableArguments {
    @Option(
        name: [.long, .customShort("o", allowingJoined: true)], parsing: .unconditional,
        help: ArgumentHelp(
            "Remove a call without a packet on any stream for this long. Default: 60.", valueName: "SECONDS"))
    var timeout: String?

    @Option(
        name: [.long, .customShort("s", allowingJoined: true)], parsing: .unconditional,
        help: ArgumentHelp("The same for streams on hold. Default: 3600.", valueName: "SECONDS"))
    var silentTimeout: String?

    @Option(
        name: [.long, .customShort("a", allowingJoined: true)], parsing: .unconditional,
        help: ArgumentHelp("Longest a call may last. Default: 0, which means for ever.", valueName: "SECONDS")
    )
    var finalTimeout: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Remove an offer that nobody answered. Default: 3600.", valueName: "SECONDS"))
    var offerTimeout: String?

    @Option(
        name: [.long, .customShort("d", allowingJoined: true)], parsing: .unconditional,
        help: ArgumentHelp("How long a deleted call lingers. Default: 30.", valueName: "SECONDS"))
    var deleteDelay: String?

    fileprivate func add(to settings: inout OptionSettings) {
        settings.add(self.timeout, from: .timeout)
        settings.add(self.silentTimeout, from: .silentTimeout)
        settings.add(self.finalTimeout, from: .finalTimeout)
        settings.add(self.offerTimeout, from: .offerTimeout)
        settings.add(self.deleteDelay, from: .deleteDelay)
    }
}

/// Options about the process, its log and its files.
struct ProcessOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "YAML file with the same names as keys, or \"none\". Default: \(ConfigurationLoader.defaultFile), if it exists.",
            valueName: "FILE"))
    var configFile: String?

    @Flag(
        name: [.long, .customShort("f")], help: "Accepted for rtpengine's sake: this is how it always runs.")
    var foreground = false

    @Flag(
        name: [.long, .customShort("E")],
        help:
            "Log to standard error. Otherwise: to the journal under systemd, else to syslog if there is one.")
    var logStderr = false

    @Option(
        name: [.long, .customShort("L", allowingJoined: true)], parsing: .unconditional,
        help: ArgumentHelp(
            "Least severe messages to log: 0 to 7 as in syslog, or a name such as debug. Default: 6 (info).",
            valueName: "LEVEL"))
    var logLevel: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Facility for syslog: daemon (default), user, local0 to local7.", valueName: "FACILITY"))
    var logFacility: String?

    @Option(
        name: [.long, .customShort("p", allowingJoined: true)], parsing: .unconditional,
        help: ArgumentHelp("Write the process id to this file.", valueName: "FILE"))
    var pidfile: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Unix socket for crosspointctl, or \"none\". Default: \(ControlSocketPath.system) for root.",
            valueName: "PATH"))
    var controlSocket: String?

    fileprivate func add(to settings: inout OptionSettings) {
        settings.add(self.foreground, from: .foreground)
        settings.add(self.logStderr, from: .logStderr)
        settings.add(self.logLevel, from: .logLevel)
        settings.add(self.logFacility, from: .logFacility)
        settings.add(self.pidfile, from: .pidfile)
        settings.add(self.controlSocket, from: .controlSocket)
    }
}

extension OptionSettings {
    /// Adds a value of the command line, if there is one.
    fileprivate mutating func add(_ text: String?, from name: OptionName) {
        guard let text else { return }
        self.add(OptionSetting(text: text, origin: "--\(name.rawValue)"), to: name)
    }

    /// Adds a flag of the command line, if it was given.
    fileprivate mutating func add(_ flag: Bool, from name: OptionName) {
        guard flag else { return }
        self.add(OptionSetting(text: "true", origin: "--\(name.rawValue)"), to: name)
    }
}
