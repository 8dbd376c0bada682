/// The severities of RFC 5424, section 6.2.1, by their numbers, as `--log-level` takes them.
enum SyslogSeverity: Int, Sendable, CaseIterable, Comparable {
    case emergency = 0
    case alert
    case critical
    case error
    case warning
    case notice
    case info
    case debug

    /// As it stands at the head of a log line.
    var label: String {
        switch self {
        case .emergency: "EMERG"
        case .alert: "ALERT"
        case .critical: "CRIT"
        case .error: "ERR"
        case .warning: "WARNING"
        case .notice: "NOTICE"
        case .info: "INFO"
        case .debug: "DEBUG"
        }
    }

    /// Reads a number from 0 to 7 or one of the labels, in any case.
    init?(_ text: String) {
        if let number = Int(text) {
            self.init(rawValue: number)
            return
        }
        guard let match = Self.allCases.first(where: { $0.label == text.uppercased() }) else { return nil }
        self = match
    }

    /// Orders by number: the more severe is the smaller.
    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}

/// The facilities of RFC 5424, section 6.2.1, that a daemon may use.
enum SyslogFacility: String, Sendable, CaseIterable {
    case daemon
    case user
    case local0
    case local1
    case local2
    case local3
    case local4
    case local5
    case local6
    case local7

    /// The number, not yet shifted.
    var code: Int32 {
        switch self {
        case .user: 1
        case .daemon: 3
        case .local0: 16
        case .local1: 17
        case .local2: 18
        case .local3: 19
        case .local4: 20
        case .local5: 21
        case .local6: 22
        case .local7: 23
        }
    }
}
