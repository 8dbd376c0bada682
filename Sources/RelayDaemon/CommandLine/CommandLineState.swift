import CallControl

/// What the command line interface looks at; the daemon is one such thing, a test another.
protocol CommandLineState {
    /// Sums over everything.
    var statistics: DaemonStatistics { get }
    /// The settings of calls in force.
    var settings: RelaySettings { get }
    /// Open files the process may have, and its number.
    var openFiles: (limit: UInt64, process: Int32) { get }
    /// The level of the log, 0 to 7.
    var logLevel: SyslogSeverity { get }
    /// Answered calls by the families of their media.
    var families: MediaFamilies { get }
    /// A line for each call.
    var sessions: [SessionLine] { get }
    /// True if there is such a call.
    func hasCall(_ id: String) -> Bool
}

/// What `list sessions all` says of a call.
struct SessionLine: Sendable, Equatable {
    var callID: String
    var isEnding: Bool
    var createdSeconds: Int64
    /// The controller that made or last changed it.
    var proxy: String
}

/// What a command asks to be done.
enum CommandLineAction: Sendable, Equatable {
    case setMaxSessions(Int?)
    case setTimeout(CommandLineTimeout, seconds: Double)
    case setLogLevel(SyslogSeverity)
    case setDebug(callID: String, isOn: Bool)
    case terminate(callID: String)
    case terminateAll
}

/// The timeouts by the names of the command line interface.
enum CommandLineTimeout: String, Sendable, CaseIterable {
    case timeout
    case silent = "silenttimeout"
    case offer = "offertimeout"
    case final = "finaltimeout"
    case deleteDelay = "deletedelay"

    /// Where the settings keep it, in seconds.
    var setting: WritableKeyPath<RelaySettings, Double> {
        switch self {
        case .timeout: \.timeoutSeconds
        case .silent: \.silentTimeoutSeconds
        case .offer: \.offerTimeoutSeconds
        case .final: \.finalTimeoutSeconds
        case .deleteDelay: \.deleteDelaySeconds
        }
    }

    /// True if zero has a meaning: never, or at once.
    var mayBeZero: Bool { self == .final || self == .deleteDelay }
}

/// What comes of a command.
enum CommandLineOutcome: Equatable {
    /// Words, after these were done.
    case text(String, actions: [CommandLineAction] = [])
    /// The details of a call, for which its worker has to be asked.
    case details(callID: String)
}
