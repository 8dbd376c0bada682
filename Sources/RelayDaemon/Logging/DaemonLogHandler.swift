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

/// Puts finished lines where they belong, on a thread of its own (``LogWriter``).
struct LogSink: Sendable {
    /// How the lines have to be framed.
    let framing: LogFraming
    /// How call-ids stand before the lines.
    var mark = CallMark()
    private let writer: LogWriter

    /// Opens the destination; syslog keeps the program's name for the life of the process.
    init(_ destination: LogDestination, cdrFacility: SyslogFacility? = nil) {
        switch destination {
        case .standardError: self.init(descriptor: STDERR_FILENO, framing: .plain)
        case .journal: self.init(descriptor: STDERR_FILENO, framing: .journal)
        case .syslog(let facility):
            let general = facility.code << 3
            let cdr = cdrFacility.map { $0.code << 3 } ?? general
            // openlog keeps the pointer, so the name is never freed.
            openlog(strdup("crosspointd"), LOG_PID | LOG_NDELAY, general)
            self.init(framing: .syslog) { Self.writeToSyslog($0, facility: $0.isCDR ? cdr : general) }
        }
    }

    /// A sink that writes to an open descriptor.
    init(descriptor: Int32, framing: LogFraming) {
        self.init(framing: framing) { Self.write($0, to: descriptor) }
    }

    private init(framing: LogFraming, write: @escaping @Sendable (LogEntry) -> Bool) {
        self.framing = framing
        self.writer = LogWriter(
            notice: { lost in
                let text = "\(lost) log messages were lost: whoever reads the log was too slow or stuck"
                return LogEntry(
                    lines: LogRecord.lines(
                        severity: .warning, message: text, metadata: [:], framing: framing),
                    severity: .warning)
            }, write: write)
    }

    /// Messages that nobody will read.
    var lost: UInt64 { self.writer.lost }

    /// Hands the lines of one event over; never waits.
    func write(_ lines: [[UInt8]], severity: SyslogSeverity, isCDR: Bool = false) {
        self.writer.add(LogEntry(lines: lines, severity: severity, isCDR: isCDR))
    }

    /// Waits until everything is written, but no longer than this.
    func flush(milliseconds: Int = 500) { self.writer.flush(milliseconds: milliseconds) }

    /// Blocks while the descriptor takes nothing; false if it never will.
    private static func write(_ entry: LogEntry, to descriptor: Int32) -> Bool {
        // One call for one event keeps it together when other programs write to the same file.
        let bytes = entry.lines.count == 1 ? entry.lines[0] : Array(entry.lines.joined())
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                written += count
            } else if errno == EAGAIN {
                // Whoever shares the file made it non-blocking.
                usleep(10_000)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    private static func writeToSyslog(_ entry: LogEntry, facility: Int32) -> Bool {
        for line in entry.lines {
            let text = String(decoding: line, as: UTF8.self)
            text.withCString { text in
                withVaList([text]) { vsyslog(facility | Int32(entry.severity.rawValue), "%s", $0) }
            }
        }
        return true
    }
}

extension LogSink {
    /// The sink that the configuration asks for.
    static func daemon(_ configuration: DaemonConfiguration) -> LogSink {
        var sink = LogSink(.system(configuration), cdrFacility: configuration.cdrFacility)
        sink.mark = configuration.callMark
        return sink
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
    /// The daemon's logger; nothing global is set up, loggers are handed down.
    static func daemon(_ sink: LogSink, levels: LogLevels) -> Logger {
        Logger(label: "crosspointd") { _ in DaemonLogHandler(levels: levels, sink: sink) }
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
