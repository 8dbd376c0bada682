import Logging

/// How a line of the log is framed for whoever reads it.
enum LogFraming: Sendable {
    /// `INFO: …`, for people and files.
    case plain
    /// `<6>INFO: …`: the prefix that tells journald the severity (sd-daemon(3)).
    case journal
    /// Without a line end, a record for each line, for syslog(3).
    case syslog
}

/// Makes text out of an event; pure, so that every rule of it is tested without an output.
///
/// The form is rtpengine's, so that what operators have built around its log goes on to work:
/// `SEVERITY: [CALLID] message key=value`. A message or value of several lines (an SDP) becomes several lines that all
/// begin alike, and nothing in a message can forge a line of its own.
enum LogRecord {
    /// The metadata key that is printed as the `[CALLID]` prefix.
    static let callKey = "call"

    /// The metadata key that names the subsystem; it decides level and facility and is not printed.
    static let subsystemKey = "subsystem"

    /// The lines of one event, each ready to be written in this framing.
    static func lines(
        severity: SyslogSeverity, message: String, metadata: Logger.Metadata, framing: LogFraming,
        mark: CallMark = CallMark()
    ) -> [[UInt8]] {
        var prefix: [UInt8] = []
        if framing == .journal { prefix += "<\(severity.rawValue)>".utf8 }
        prefix += severity.label.utf8
        prefix += ": ".utf8
        if let call = metadata[self.callKey] {
            prefix += (mark.isParsable ? "[ID=\"" : "[").utf8
            self.append(mark.prefix.utf8, to: &prefix)
            self.append(call.description.utf8, to: &prefix)
            self.append(mark.suffix.utf8, to: &prefix)
            prefix += (mark.isParsable ? "\"] " : "] ").utf8
        }
        var record = LogRecordLines(prefix: prefix, endsLines: framing != .syslog)
        let blocks = self.append(metadata, to: &record, message: message)
        for (key, text) in blocks { record.append(block: text, named: key) }
        return record.finish()
    }

    /// Writes message and short values on the first line, and returns the values that need lines of their own.
    private static func append(
        _ metadata: Logger.Metadata, to record: inout LogRecordLines, message: String
    ) -> [(String, String)] {
        let isMultiline = self.hasLineBreak(message)
        if !isMultiline { record.append(message.utf8) }
        var blocks: [(String, String)] = isMultiline ? [("", message)] : []
        for key in metadata.keys.sorted() where key != self.callKey && key != self.subsystemKey {
            let text = metadata[key]?.description ?? ""
            if self.hasLineBreak(text) {
                blocks.append((key, text))
            } else {
                record.append(key: key, value: text)
            }
        }
        return blocks
    }

    private static func hasLineBreak(_ text: String) -> Bool {
        text.utf8.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    }

    /// Appends text with control octets written as `\xHH`; everything else, UTF-8 included, stays.
    static func append(_ text: some Sequence<UInt8>, to line: inout [UInt8]) {
        for octet in text {
            if octet >= 0x20 && octet != 0x7F || octet == UInt8(ascii: "\t") {
                line.append(octet)
            } else {
                line += octet < 16 ? "\\x0".utf8 : "\\x".utf8
                line += String(octet, radix: 16).utf8
            }
        }
    }
}

/// The lines of one record while they are written.
private struct LogRecordLines {
    private let prefix: [UInt8]
    private let endsLines: Bool
    private var lines: [[UInt8]] = []
    private var line: [UInt8]

    init(prefix: [UInt8], endsLines: Bool) {
        self.prefix = prefix
        self.endsLines = endsLines
        self.line = prefix
        self.line.reserveCapacity(160)
    }

    /// True if the line under way has nothing but its prefix.
    private var isEmpty: Bool { self.line.count == self.prefix.count }

    mutating func append(_ text: some Sequence<UInt8>) {
        LogRecord.append(text, to: &self.line)
    }

    /// ` key=value`, quoted if the value would not read as one word.
    mutating func append(key: String, value: String) {
        if !self.isEmpty { self.line.append(UInt8(ascii: " ")) }
        self.append(key.utf8)
        self.line.append(UInt8(ascii: "="))
        let isWord = !value.isEmpty && !value.utf8.contains { $0 == 0x20 || $0 == UInt8(ascii: "\"") }
        if isWord {
            self.append(value.utf8)
        } else {
            self.line.append(UInt8(ascii: "\""))
            for octet in value.utf8 {
                if octet == UInt8(ascii: "\"") { self.line.append(UInt8(ascii: "\\")) }
                self.append(CollectionOfOne(octet))
            }
            self.line.append(UInt8(ascii: "\""))
        }
    }

    /// ` key:` at the end of the line, and each line of the text indented on a line of its own.
    mutating func append(block: String, named key: String) {
        if !key.isEmpty {
            if !self.isEmpty { self.line.append(UInt8(ascii: " ")) }
            self.append(key.utf8)
            self.line.append(UInt8(ascii: ":"))
        }
        if !self.isEmpty { self.endLine() }
        let text = Array(block.utf8)
        let newline = UInt8(ascii: "\n")
        for part in text.split(separator: newline, omittingEmptySubsequences: false) {
            let content = part.last == UInt8(ascii: "\r") ? part.dropLast() : part
            // The text's own last line end is no empty line.
            if content.isEmpty, part.endIndex == text.endIndex { continue }
            if !key.isEmpty { self.line += "  ".utf8 }
            self.append(content)
            self.endLine()
        }
    }

    private mutating func endLine() {
        if self.endsLines { self.line.append(UInt8(ascii: "\n")) }
        self.lines.append(self.line)
        self.line = self.prefix
    }

    mutating func finish() -> [[UInt8]] {
        if !self.isEmpty || self.lines.isEmpty { self.endLine() }
        return self.lines
    }
}
