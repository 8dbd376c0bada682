import ControlProtocols
import Testing

@Suite("NG message")
struct NGMessageTests {
    @Test("splits a datagram at its first blank")
    func splitsDatagram() throws {
        let message = try NGMessage(datagram: Array("0_5302_2 d7:command4:ping3:a be".utf8))
        #expect(message.cookie == Array("0_5302_2".utf8))
        #expect(message.payload == Array("d7:command4:ping3:a be".utf8)[...])
        #expect(message.encoding == .bencode)
    }

    @Test("drops what has no cookie, with a reason")
    func dropsWithoutCookie() {
        #expect(throws: NGMessage.DropReason.noBlank) { try NGMessage(datagram: []) }
        #expect(throws: NGMessage.DropReason.noBlank) {
            try NGMessage(datagram: Array("d7:command4:pinge".utf8))
        }
        #expect(throws: NGMessage.DropReason.emptyCookie) {
            try NGMessage(datagram: Array(" d7:command4:pinge".utf8))
        }
        let longest = String(repeating: "c", count: NGMessage.maximumCookieOctets)
        #expect(throws: Never.self) { try NGMessage(datagram: Array("\(longest) de".utf8)) }
        #expect(throws: NGMessage.DropReason.cookieTooLong) {
            try NGMessage(datagram: Array("\(longest)c de".utf8))
        }
    }

    @Test("does not look at octets after a bencode dictionary")
    func ignoresTrailingOctets() throws {
        let message = try NGMessage(datagram: Array("c d7:command4:pinge\n".utf8))
        #expect(try message.dictionary() == ["command": "ping"])
    }

    @Test("replies in the encoding of the request")
    func repliesInSameEncoding() throws {
        let bencode = try NGMessage(datagram: Array("aaa d7:command4:pinge".utf8))
        let json = try NGMessage(datagram: Array(#"bbb {"command":"ping"}"#.utf8))
        let reply = NGReply.pong
        #expect(
            reply.datagram(cookie: bencode.cookie, encoding: bencode.encoding)
                == Array("aaa d6:result4:ponge".utf8))
        #expect(
            reply.datagram(cookie: json.cookie, encoding: json.encoding)
                == Array(#"bbb {"result":"pong"}"#.utf8))
    }

    @Test("takes a body without a cookie, and answers without one")
    func takesPlainBodies() throws {
        let bencode = NGMessage(plain: Array("d7:command4:pinge".utf8))
        let json = NGMessage(plain: Array(#"{"command":"ping"}"#.utf8))
        #expect(bencode.isPlain && json.isPlain)
        #expect(try bencode.dictionary() == ["command": "ping"])
        #expect(try json.dictionary() == ["command": "ping"])
        let reply = NGReply.pong
        #expect(
            reply.datagram(cookie: bencode.cookie, encoding: bencode.encoding)
                == Array("d6:result4:ponge".utf8))
        #expect(
            reply.datagram(cookie: json.cookie, encoding: json.encoding) == Array(#"{"result":"pong"}"#.utf8))
        #expect(throws: NGError.noPayload) { try NGMessage(plain: []).dictionary() }
        #expect(throws: NGError.invalidFormat) { try NGMessage(plain: Array("ping".utf8)).dictionary() }
    }

    @Test("says in the log where a payload is broken, and only there")
    func logsSyntaxErrors() throws {
        let message = try NGMessage(datagram: Array("c d7:command4:pi".utf8))
        let error = #expect(throws: NGError.self) { try message.dictionary() }
        #expect(error?.reason == "Could not decode bencode dictionary")
        #expect(error?.logText == "Could not decode bencode dictionary: input ends too early at octet 12")
    }
}
