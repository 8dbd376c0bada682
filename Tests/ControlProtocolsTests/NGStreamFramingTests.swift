import ControlProtocols
import Testing

@Suite("NG over a stream")
struct NGStreamFramingTests {
    private static func messages(
        _ pieces: [[UInt8]], limits: NGStreamLimits = NGStreamLimits()
    ) throws -> [String] {
        var framing = NGStreamFraming(limits: limits)
        var messages: [String] = []
        for piece in pieces {
            framing.append(piece)
            while let message = try framing.next() {
                messages.append(String(decoding: message, as: UTF8.self))
            }
        }
        return messages
    }

    private static func messages(_ text: String) throws -> [String] { try self.messages([Array(text.utf8)]) }

    @Test("messages back to back are cut where their dictionaries end")
    func cutsMessages() throws {
        let one = "1_1 d7:command4:pinge"
        let two = "2_2 d5:flagsl3:a b2:eee7:command5:offer3:sdp5:e e e5:limiti-12e4:nestd1:xleee"
        #expect(try Self.messages(one + two + one) == [one, two, one])
    }

    @Test("a message comes whole however it is cut")
    func joinsPieces() throws {
        let text = "c d5:flagsl3:a be7:command5:offer3:sdp5:e e e5:limiti-12e0:0:e"
        let octets = Array((text + text).utf8)
        for size in 1...octets.count {
            let pieces = stride(from: 0, to: octets.count, by: size).map {
                Array(octets[$0..<min($0 + size, octets.count)])
            }
            #expect(try Self.messages(pieces) == [text, text], "pieces of \(size)")
        }
    }

    @Test("what has not come yet is waited for")
    func waits() throws {
        #expect(try Self.messages("1_1 d7:command4:pin") == [])
        #expect(try Self.messages("1_1") == [])
        #expect(try Self.messages("1_1 d7:command4:ping") == [])
    }

    @Test(
        "what can be no message ends the connection",
        arguments: [
            "c {\"command\":\"ping\"}", "c x", "c 4:ping", "c le", "c i1e", "c d1x", "c die", "c d1:ai1-e",
            "c d-1:ae",
        ])
    func refusesOtherThings(text: String) {
        #expect(throws: NGError.self) { try Self.messages(text) }
    }

    @Test("an error stays, and nothing is kept after it")
    func staysFailed() throws {
        var framing = NGStreamFraming()
        framing.append(Array("c x".utf8))
        let error = NGError.unparsableStream(
            NGSyntaxError(reason: .unexpectedOctet(UInt8(ascii: "x")), offset: 2))
        #expect(throws: error) { try framing.next() }
        framing.append(Array("1_1 d7:command4:pinge".utf8))
        #expect(throws: error) { try framing.next() }
        #expect(framing.bufferedOctets == 0)
    }

    @Test("octets without a blank are waited for up to a limit")
    func boundsCookie() throws {
        var framing = NGStreamFraming()
        framing.append([UInt8](repeating: UInt8(ascii: "x"), count: 1_024))
        #expect(try framing.next() == nil)
        framing.append([UInt8(ascii: "x")])
        #expect(throws: NGError.self) { try framing.next() }
    }

    @Test("a message beyond the limit is refused as soon as it says so")
    func boundsMessage() {
        #expect(throws: NGError.streamMessageTooLong) { try Self.messages("c d3:sdp66550:") }
        #expect(throws: NGError.streamMessageTooLong) { try Self.messages("c d3:sdp99999999999999999999999") }
        let limits = NGStreamLimits(messageOctets: 12)
        #expect(throws: NGError.streamMessageTooLong) {
            try Self.messages([Array("c d1:a1:b1:c1:de".utf8)], limits: limits)
        }
    }

    @Test("nesting beyond the limit is refused")
    func boundsDepth() throws {
        let open = String(repeating: "l", count: 15)
        let close = String(repeating: "e", count: 16)
        #expect(try Self.messages("c d1:a\(open)\(close)").count == 1)
        #expect(throws: NGError.self) { try Self.messages("c d1:al\(open)\(close)e") }
    }

    @Test("a buffer that nobody empties is an error instead of growing")
    func boundsBuffer() {
        var framing = NGStreamFraming(limits: NGStreamLimits(bufferOctets: 100))
        for _ in 0..<10 { framing.append([UInt8](repeating: UInt8(ascii: "x"), count: 20)) }
        #expect(framing.bufferedOctets == 0)
        #expect(throws: NGError.streamMessageTooLong) { try framing.next() }
    }

    @Test("octets that drip in one by one cost time in proportion")
    func isLinear() throws {
        // A whole-buffer search at every octet would take hours for these.
        let body = String(repeating: "l", count: 10) + String(repeating: "0:", count: 30_000)
        let message = Array("c d1:a\(body)\(String(repeating: "e", count: 11))".utf8)
        var framing = NGStreamFraming()
        var count = 0
        for _ in 0..<10 {
            for octet in message {
                framing.append(CollectionOfOne(octet))
                while try framing.next() != nil { count += 1 }
            }
        }
        #expect(count == 10)
        #expect(framing.bufferedOctets == 0)
    }
}
