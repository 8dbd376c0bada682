/// Every option `crosspointd` obeys, by its long name, which is also its key in the configuration file.
enum OptionName: String, CaseIterable, Sendable {
    case table
    case noFallback = "no-fallback"
    case interface
    case listenNG = "listen-ng"
    case listenTCPNG = "listen-tcp-ng"
    case listenHTTP = "listen-http"
    case listenCLI = "listen-cli"
    case portMin = "port-min"
    case portMax = "port-max"
    case tos
    case timeout
    case silentTimeout = "silent-timeout"
    case finalTimeout = "final-timeout"
    case offerTimeout = "offer-timeout"
    case deleteDelay = "delete-delay"
    case endpointLearning = "endpoint-learning"
    case sipSource = "sip-source"
    case maxSessions = "max-sessions"
    case numThreads = "num-threads"
    case userspaceEngine = "userspace-engine"
    case foreground
    case logStderr = "log-stderr"
    case logLevel = "log-level"
    case logFacility = "log-facility"
    case pidfile
    case controlSocket = "control-socket"

    /// What follows the name.
    var arity: OptionArity {
        switch self {
        case .noFallback, .sipSource, .foreground, .logStderr: .flag
        case .interface, .listenNG, .listenTCPNG, .listenHTTP, .listenCLI: .list
        default: .value
        }
    }

    /// The one-letter form, as rtpengine has it.
    var short: Character? {
        switch self {
        case .table: "t"
        case .noFallback: "F"
        case .interface: "i"
        case .listenNG: "n"
        case .listenTCPNG: "N"
        case .listenCLI: "c"
        case .portMin: "m"
        case .portMax: "M"
        case .tos: "T"
        case .timeout: "o"
        case .silentTimeout: "s"
        case .finalTimeout: "a"
        case .deleteDelay: "d"
        case .foreground: "f"
        case .logStderr: "E"
        case .logLevel: "L"
        case .pidfile: "p"
        default: nil
        }
    }
}

/// What an option takes.
enum OptionArity: Sendable {
    /// Nothing: present or absent; `true` or `false` in the file.
    case flag
    /// One value.
    case value
    /// Several: repeated on the command line; a list, or one text with `;` between, in the file.
    case list
}
