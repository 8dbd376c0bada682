import NIOCore
import Testing

@testable import RelayDaemon

@Suite struct LineDecoderTests {
    @Test(arguments: 1...9)
    func howTheStreamIsCutDoesNotMatter(step: Int) throws {
        let stream = Array("first\nsecond\r\n\n\r\nlast one\nrest".utf8)
        var decoder = LineDecoder(longestLineBytes: 8)
        var buffer = ByteBuffer()
        var lines: [String] = []
        for start in stride(from: 0, to: stream.count, by: step) {
            buffer.writeBytes(stream[start..<min(start + step, stream.count)])
            while let line = try decoder.nextLine(&buffer) { lines.append(line) }
        }
        #expect(lines == ["first", "second", "", "", "last one"])
        #expect(buffer.readableBytes == 4)
    }

    @Test(arguments: ["123456789", "123456789\n", "1\n123456789"])
    func aLineIsTooLongWithOrWithoutItsEnd(text: String) {
        var decoder = LineDecoder(longestLineBytes: 8)
        var buffer = ByteBuffer(string: text)
        #expect(throws: LineTooLongError(limit: 8)) { while try decoder.nextLine(&buffer) != nil {} }
    }

    @Test func octetsThatAreNotUTF8AreReplaced() throws {
        var decoder = LineDecoder(longestLineBytes: 8)
        var buffer = ByteBuffer(bytes: [0xFF, 0x61, 0x0A])
        #expect(try decoder.nextLine(&buffer) == "\u{FFFD}a")
    }
}
