import Glibc
import Logging
import Testing

@testable import RelayDaemon

@Suite struct LogWriterTests {
    private static func makePipe() throws -> (reads: Int32, writes: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test func aPipeThatNobodyReadsHoldsNothingUpAndTheLossIsToldOnceItIsRead() throws {
        let ends = try Self.makePipe()
        let sink = LogSink(descriptor: ends.writes, framing: .plain)
        let logger = Logger(label: "test") { _ in DaemonLogHandler(levels: LogLevels(.info), sink: sink) }
        let text = String(repeating: "x", count: 1000)
        // The pipe takes 64 KiB, the queue and what is on its way out a mebibyte each.
        for number in 0..<4000 { logger.info("\(number) \(text)") }
        let lost = sink.lost
        #expect(lost > 1500 && lost < 4000)
        // Without a reader, flushing gives up.
        sink.flush(milliseconds: 50)
        var read: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        let notice = "WARNING: \(lost) log messages were lost"
        for _ in 0..<200 {
            let count = Glibc.read(ends.reads, &piece, piece.count)
            read += piece.prefix(max(0, count))
            if String(decoding: read.suffix(200), as: UTF8.self).contains("log messages were lost") { break }
        }
        let lines = String(decoding: read, as: UTF8.self).split(separator: "\n")
        #expect(lines.last?.hasPrefix(notice) == true)
        #expect(lines.count == 4000 - Int(lost) + 1)
        // In their order, from the first.
        for (number, line) in lines.dropLast().enumerated() { #expect(line.hasPrefix("INFO: \(number) ")) }
        logger.info("and on it goes")
        sink.flush()
        let count = Glibc.read(ends.reads, &piece, piece.count)
        #expect(String(decoding: piece.prefix(max(0, count)), as: UTF8.self) == "INFO: and on it goes\n")
        #expect(sink.lost == lost)
        for end in [ends.reads, ends.writes] { close(end) }
    }

    @Test func whatCannotBeWrittenIsCounted() {
        let sink = LogSink(descriptor: -1, framing: .plain)
        sink.write([Array("x\n".utf8)], severity: .info)
        sink.flush()
        #expect(sink.lost == 1)
    }

    @Test func aNonBlockingDescriptorIsWaitedFor() throws {
        let ends = try Self.makePipe()
        #expect(fcntl(ends.writes, F_SETFL, O_NONBLOCK) == 0)
        let sink = LogSink(descriptor: ends.writes, framing: .plain)
        let size = 200_000
        sink.write([[UInt8](repeating: 0x78, count: size)], severity: .info)
        var piece = [UInt8](repeating: 0, count: 65536)
        var total = 0
        while total < size {
            let count = read(ends.reads, &piece, piece.count)
            guard count > 0 else { break }
            total += count
        }
        #expect(total == size && sink.lost == 0)
        for end in [ends.reads, ends.writes] { close(end) }
    }
}
