import Glibc
import Logging
import Testing

@testable import RelayDaemon

private func text(
    _ severity: SyslogSeverity, _ message: String, _ metadata: Logger.Metadata = [:],
    framing: LogFraming = .plain
) -> String {
    let lines = LogRecord.lines(severity: severity, message: message, metadata: metadata, framing: framing)
    return String(decoding: lines.joined(), as: UTF8.self)
}

@Suite struct LogRecordTests {
    @Test func aLineHasSeverityCallMessageAndSortedValues() {
        let line = text(.warning, "no answer", ["call": "abc@host", "to": "10.0.0.1:5004", "attempts": "3"])
        #expect(line == "WARNING: [abc@host] no answer attempts=3 to=10.0.0.1:5004\n")
        #expect(text(.info, "started") == "INFO: started\n")
    }

    @Test func valuesThatAreNoWordsAreQuoted() {
        #expect(
            text(.info, "x", ["a": "b c", "d": "", "e": "\"f\""])
                == "INFO: x a=\"b c\" d=\"\" e=\"\\\"f\\\"\"\n")
    }

    @Test func theJournalLearnsTheSeverityOfEveryLine() {
        #expect(
            text(.debug, "a\nb", ["call": "c"], framing: .journal) == "<7>DEBUG: [c] a\n<7>DEBUG: [c] b\n")
    }

    @Test func syslogGetsOneRecordALineWithoutLineEnds() {
        let lines = LogRecord.lines(
            severity: .error, message: "a\r\nb\n", metadata: [:], framing: .syslog)
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["ERR: a", "ERR: b"])
    }

    @Test func anSDPIsPrintedLineByLine() {
        let sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n\r\na=x\r\n"
        #expect(
            text(.debug, "SDP from the caller", ["call": "c", "sdp": "\(sdp)", "tag": "t"]) == """
                DEBUG: [c] SDP from the caller tag=t sdp:
                DEBUG: [c]   v=0
                DEBUG: [c]   o=- 1 1 IN IP4 192.0.2.1
                DEBUG: [c] \("  ")
                DEBUG: [c]   a=x

                """)
    }

    @Test(arguments: ["call\nERR: forged", "call\r\u{1B}[31m", "\u{0}\u{7F}"])
    func nothingFromOutsideForgesALineOrATerminalSequence(hostile: String) {
        let line = text(.info, "hello", ["call": "\(hostile)"])
        #expect(line.utf8.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\n") })
        #expect(line.contains("\\x"))
    }

    @Test func emptyMessagesAreLinesToo() {
        #expect(text(.info, "") == "INFO: \n")
        #expect(text(.info, "", ["a": "b"]) == "INFO: a=b\n")
        #expect(text(.info, "\n") == "INFO: \n")
    }

    @Test func everySeverityLetsThroughItselfAndWhatIsWorse() {
        for severity in SyslogSeverity.allCases {
            let handler = DaemonLogHandler(
                levels: LogLevels(severity), sink: LogSink(descriptor: -1, framing: .plain))
            for level in Logger.Level.allCases where level != .trace {
                // Below critical swift-log has nothing, so alert and emergency let critical through as well.
                let limit = max(severity, .critical)
                #expect(
                    (level >= handler.logLevel) == (SyslogSeverity(level) <= limit), "\(level) at \(severity)"
                )
            }
        }
    }

    @Test func anEventReachesTheDescriptorAsOneWrite() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let sink = LogSink(descriptor: ends[1], framing: .plain)
        var logger = Logger(label: "test") { _ in DaemonLogHandler(levels: LogLevels(.info), sink: sink) }
        logger[metadataKey: "port"] = "30000"
        logger.call("id").info("one\ntwo", metadata: ["x": "y"])
        logger.debug("not this")
        sink.flush()
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = read(ends[0], &bytes, bytes.count)
        #expect(
            String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
                == "INFO: [id] port=30000 x=y\nINFO: [id] one\nINFO: [id] two\n")
    }
}
