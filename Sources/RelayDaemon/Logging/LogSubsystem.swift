import Logging
import Synchronization

/// The parts of the daemon whose log levels can be set apart; the names are rtpengine's where it has such a part.
enum LogSubsystem: Int, CaseIterable, Sendable {
    /// Whatever is not one of the others: start and end, kernel path, calls that end.
    case core
    /// Control protocols, SDPs included.
    case control
    /// HTTP and WebSocket.
    case http
    /// Learning of sources, flows that change their path.
    case internals
    /// The line at the end of each call.
    case cdr

    /// As in `--log-level-NAME`.
    var name: String {
        // Spelt out, since every line needs it: asking the runtime for a case's name takes longer than the rest of a line.
        switch self {
        case .core: "core"
        case .control: "control"
        case .http: "http"
        case .internals: "internals"
        case .cdr: "cdr"
        }
    }

    /// The subsystem of a name.
    init?(named name: some StringProtocol) {
        guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}

/// The log levels in force, changed while the daemon runs and read by every line; shared by all threads.
final class LogLevels: Sendable {
    /// Four bits for each subsystem, with ``inherited`` for those without a level of their own; the general level at
    /// ``generalShift``.
    private let packed: Atomic<UInt64>

    private static let inherited: UInt64 = 0xF
    private static let generalShift = 60

    /// Levels as configured.
    init(_ general: SyslogSeverity, subsystems: [LogSubsystem: SyslogSeverity] = [:]) {
        var word = UInt64(general.rawValue) << Self.generalShift
        for subsystem in LogSubsystem.allCases {
            let level = subsystems[subsystem].map { UInt64($0.rawValue) } ?? Self.inherited
            word |= level << (subsystem.rawValue * 4)
        }
        self.packed = Atomic(word)
    }

    /// The level of everything that has none of its own.
    var general: SyslogSeverity {
        get { Self.severity(self.packed.load(ordering: .relaxed) >> Self.generalShift) }
        set { self.change(shift: Self.generalShift, to: UInt64(newValue.rawValue)) }
    }

    /// The level in force for a subsystem.
    subscript(subsystem: LogSubsystem) -> SyslogSeverity {
        let word = self.packed.load(ordering: .relaxed)
        let own = (word >> (subsystem.rawValue * 4)) & 0xF
        return Self.severity(own == Self.inherited ? word >> Self.generalShift : own)
    }

    /// The subsystem's own level; nil if it follows the general one.
    func own(_ subsystem: LogSubsystem) -> SyslogSeverity? {
        let own = (self.packed.load(ordering: .relaxed) >> (subsystem.rawValue * 4)) & 0xF
        return own == Self.inherited ? nil : Self.severity(own)
    }

    /// Gives a subsystem a level of its own, or with nil lets it follow the general one again.
    func set(_ subsystem: LogSubsystem, to level: SyslogSeverity?) {
        self.change(shift: subsystem.rawValue * 4, to: level.map { UInt64($0.rawValue) } ?? Self.inherited)
    }

    private func change(shift: Int, to bits: UInt64) {
        var old = self.packed.load(ordering: .relaxed)
        while true {
            let new = old & ~(0xF << shift) | bits << shift
            let (isDone, found) = self.packed.compareExchange(expected: old, desired: new, ordering: .relaxed)
            if isDone { return }
            old = found
        }
    }

    private static func severity(_ bits: UInt64) -> SyslogSeverity {
        SyslogSeverity(rawValue: Int(bits & 0x7)) ?? .debug
    }
}

/// How a call-id stands before a line.
struct CallMark: Equatable, Sendable {
    /// `[ID="CALLID"]` instead of `[CALLID]`.
    var isParsable = false
    /// `--log-mark-prefix`.
    var prefix = ""
    /// `--log-mark-suffix`.
    var suffix = ""
}

extension Logger {
    /// This logger for the lines of a subsystem.
    func of(_ subsystem: LogSubsystem) -> Logger {
        var logger = self
        logger[metadataKey: LogRecord.subsystemKey] = "\(subsystem.name)"
        return logger
    }
}
