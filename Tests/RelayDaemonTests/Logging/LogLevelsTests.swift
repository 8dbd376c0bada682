import Glibc
import Logging
import Testing

@testable import RelayDaemon

@Suite struct LogLevelsTests {
    @Test func aSubsystemFollowsTheGeneralLevelUntilItHasItsOwn() {
        let levels = LogLevels(.info, subsystems: [.control: .debug])
        #expect(levels[.core] == .info && levels[.control] == .debug && levels[.cdr] == .info)
        levels.general = .error
        #expect(levels[.core] == .error && levels[.control] == .debug)
        levels.set(.control, to: nil)
        levels.set(.cdr, to: .emergency)
        #expect(levels[.control] == .error && levels[.cdr] == .emergency && levels.own(.control) == nil)
    }

    @Test func loggersObeyChangesWhileTheyLive() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let levels = LogLevels(.warning)
        let sink = LogSink(descriptor: ends[1], framing: .plain)
        let logger = Logger(label: "test") { _ in DaemonLogHandler(levels: levels, sink: sink) }
        let control = logger.of(.control)
        control.info("unheard")
        levels.set(.control, to: .info)
        control.info("heard")
        logger.info("unheard")
        var debugged = logger
        debugged.logLevel = .debug
        debugged.debug("a call with the flag")
        sink.flush()
        close(ends[1])
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = read(ends[0], &bytes, bytes.count)
        close(ends[0])
        #expect(
            String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
                == "INFO: heard\nDEBUG: a call with the flag\n")
    }

    @Test func callIDsCanBeMarked() {
        func line(_ mark: CallMark) -> String {
            let lines = LogRecord.lines(
                severity: .info, message: "x", metadata: ["call": "c@h", "subsystem": "cdr"], framing: .plain,
                mark: mark)
            return String(decoding: lines.joined(), as: UTF8.self)
        }
        #expect(line(CallMark(prefix: "<", suffix: ">")) == "INFO: [<c@h>] x\n")
        #expect(line(CallMark(isParsable: true)) == "INFO: [ID=\"c@h\"] x\n")
    }
}
