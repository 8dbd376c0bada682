import Glibc
import Logging

/// Writes events in the daemon's form to standard error, the journal or syslog.
struct DaemonLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let levels: LogLevels
    private let sink: LogSink
    private var subsystem = LogSubsystem.core
    /// A level of this logger alone, as calls with the flag `debug` have.
    private var ownLevel: Logger.Level?

    /// A handler whose level is that of its subsystem at any time.
    init(levels: LogLevels, sink: LogSink) {
        self.levels = levels
        self.sink = sink
    }

    var logLevel: Logger.Level {
        get { self.ownLevel ?? Logger.Level(self.levels[self.subsystem]) }
        set { self.ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set {
            self.metadata[key] = newValue
            guard key == LogRecord.subsystemKey else { return }
            self.subsystem = newValue.flatMap { LogSubsystem(named: $0.description) } ?? .core
        }
    }

    func log(event: LogEvent) {
        var metadata = self.metadata
        if let provided = self.metadataProvider?.get() { metadata.merge(provided) { $1 } }
        if let own = event.metadata { metadata.merge(own) { $1 } }
        if let error = event.error { metadata["error"] = "\(error)" }
        let severity = SyslogSeverity(event.level)
        self.sink.write(
            LogRecord.lines(
                severity: severity, message: event.message.description, metadata: metadata,
                framing: self.sink.framing, mark: self.sink.mark),
            severity: severity, isCDR: self.subsystem == .cdr)
    }
}

/// Puts finished lines where they belong.
struct LogSink: Sendable {
    /// How the lines have to be framed.
    let framing: LogFraming
    /// How call-ids stand before the lines.
    var mark = CallMark()
    private let output: Output
    /// The facility of call detail records, shifted; nil for that of all.
    private var cdrFacility: Int32?

    private enum Output: Sendable {
        case descriptor(Int32)
        case syslog(Int32)
    }

    /// Opens the destination; syslog keeps the program's name for the life of the process.
    init(_ destination: LogDestination, cdrFacility: SyslogFacility? = nil) {
        switch destination {
        case .standardError: self.init(descriptor: STDERR_FILENO, framing: .plain)
        case .journal: self.init(descriptor: STDERR_FILENO, framing: .journal)
        case .syslog(let facility):
            let shifted = facility.code << 3
            // openlog keeps the pointer, so the name is never freed.
            openlog(strdup("crosspointd"), LOG_PID | LOG_NDELAY, shifted)
            self.init(output: .syslog(shifted), framing: .syslog)
            self.cdrFacility = cdrFacility.map { $0.code << 3 }
        }
    }

    /// A sink that writes to an open descriptor.
    init(descriptor: Int32, framing: LogFraming) {
        self.init(output: .descriptor(descriptor), framing: framing)
    }

    private init(output: Output, framing: LogFraming) {
        self.output = output
        self.framing = framing
    }

    /// Writes the lines of one event; what cannot be written is lost, since there is nowhere to say so.
    func write(_ lines: [[UInt8]], severity: SyslogSeverity, isCDR: Bool = false) {
        switch self.output {
        case .descriptor(let descriptor):
            // One call for one event keeps the lines of different threads apart.
            let bytes = lines.count == 1 ? lines[0] : Array(lines.joined())
            var written = 0
            while written < bytes.count {
                let count = bytes[written...].withUnsafeBytes {
                    Glibc.write(descriptor, $0.baseAddress, $0.count)
                }
                if count > 0 {
                    written += count
                } else if errno != EINTR {
                    return
                }
            }
        case .syslog(let general):
            let facility = isCDR ? self.cdrFacility ?? general : general
            for line in lines {
                let text = String(decoding: line, as: UTF8.self)
                text.withCString { text in
                    withVaList([text]) { vsyslog(facility | Int32(severity.rawValue), "%s", $0) }
                }
            }
        }
    }
}

extension LogDestination {
    /// The destination for this process.
    static func system(_ configuration: DaemonConfiguration) -> LogDestination {
        var status = stat()
        let isOpen = fstat(STDERR_FILENO, &status) == 0
        let stream = getenv("JOURNAL_STREAM").map { String(cString: $0) }
        return .choose(
            logsToStandardError: configuration.logsToStandardError,
            standardErrorIsJournal: isOpen
                && Self.isJournal(
                    journalStream: stream, device: UInt64(status.st_dev), inode: UInt64(status.st_ino)),
            hasSyslog: access("/dev/log", W_OK) == 0, facility: configuration.logFacility)
    }
}

extension Logger {
    /// The daemon's logger as the configuration wants it; nothing global is set up, loggers are handed down.
    static func daemon(_ configuration: DaemonConfiguration, levels: LogLevels) -> Logger {
        var sink = LogSink(.system(configuration), cdrFacility: configuration.cdrFacility)
        sink.mark = configuration.callMark
        return Logger(label: "crosspointd") { _ in DaemonLogHandler(levels: levels, sink: sink) }
    }

    /// This logger with a call's id in front of every line.
    func call(_ callID: String) -> Logger {
        var logger = self
        logger[metadataKey: LogRecord.callKey] = "\(callID)"
        return logger
    }

    /// Writes what there is to say about a configuration.
    func log(_ notes: [ConfigurationNote]) {
        for note in notes {
            switch note {
            case .warning(let text): self.warning("\(text)")
            case .notice(let text): self.notice("\(text)")
            }
        }
    }
}

extension Logger.Level {
    /// The level whose events a syslog severity lets through.
    init(_ severity: SyslogSeverity) {
        switch severity {
        case .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        case .critical, .alert, .emergency: self = .critical
        }
    }
}

extension SyslogSeverity {
    /// The severity of a level; syslog has nothing below debug.
    init(_ level: Logger.Level) {
        switch level {
        case .trace, .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        case .critical: self = .critical
        }
    }
}
