import SDPGrammar
import Testing

@Suite struct RoundTripTests {
    @Test func recordedDescriptionsComeOutAsTheyWentIn() throws {
        let blocks = try fixtureBlocks("kamailio-rtpengine.sdp")
        #expect(blocks.count == 35)
        for block in blocks {
            for lineEnd in ["\r\n", "\n"] {
                let input = block.lines.map { $0 + lineEnd }.joined()
                let session = try SessionDescription(parsing: input)
                try session.checkCompleteness()
                #expect(lines(of: session.serialized()) == lines(of: Array(input.utf8)), "\(block.name)")
                #expect(session.description.utf8.elementsEqual(input.utf8))
            }
        }
    }

    @Test func goldenInputsComeOutAsTheyWentIn() throws {
        for block in try GoldenBlock.read("rtpengine-26.3.golden") {
            let input = block.input.map { $0 + "\r\n" }.joined()
            #expect(text(try SessionDescription(parsing: input).serialized()) == input, "\(block.name)")
        }
    }

    @Test func theTortureMessageWithSDPIsRead() throws {
        let message = try fixture("rfc4475-sdp01.dat")
        let body = try #require(message.firstRange(of: "\r\n\r\n")).upperBound
        let session = try SessionDescription(parsing: String(message[body...]))
        try session.checkCompleteness()
        #expect(session.origin.username == "mhandley")
        #expect(session.media.map(\.port) == [49217, 3227])
        // Its rtpmap has no clock rate, so RFC 3551 decides.
        #expect(session.media[1].rtpMaps.map(\.description) == ["31 H261/90000"])
        #expect(text(session.serialized()) == String(message[body...]))
    }

    @Test(arguments: [
        "v=0\no=- 1 2 IN IP4 h\ns=\ni=a\nu=b\ne=c\np=d\nc=IN IP4 h\nb=CT:1\nt=1 2\nr=1 2 3\nt=3 4\nz=1 2\nk=x\na=\na=y:\n",
        "v=0\no=- 1 2 IN IP4 h\ns= \nt=0 0\nX=unknown\nm=audio 1/7 RTP/AVP 0\ni=t\nc=IN IP4 h\nc=IN IP4 g\nb=AS:1\nk=x\n",
        "v=0\no=J\u{00fc}rgen 1 2 IN IP4 h\ns=\u{5f20}\u{4e09} \u{1f4de}\u{10ffff}\u{10f780}\nt=0 0\na=e\u{0301} :\u{0301}x\n",
        "v=0\no=- 1 2 IN IP4 h\ns=-\nt=0 0\nm=a\u{0301}udio 1 X/Y z\u{0301}\na=trailing blank \n",
    ])
    func oddButOrderlyTextSurvives(input: String) throws {
        let output = try SessionDescription(parsing: input).serialized()
        #expect(output == Array(input.utf8), "\(text(output))")
    }

    @Test(arguments: [
        [0xFC], [0xE9, 0x20, 0x41], [0x80], [0xF4, 0x8F, 0x9E, 0x80], [0xF4, 0x8F, 0x9F, 0xBF, 0x41],
        [0xF4, 0x8F, 0x9E], [0xC3], [0xC3, 0xA9, 0xE9], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
        [0xFF, 0xFE, 0x41, 0x42], [0xF0, 0x9F, 0x93, 0x9E, 0xF0, 0x9F, 0x93], Array(0x80...0xFF),
        [0xE2, 0x28, 0xA1],
        [0xF4, 0x8F, 0xF4, 0x8F, 0x9E, 0x9E], [0xF4, 0x90, 0x80, 0x80],
    ])
    func octetsThatAreNotUTF8Survive(octets: [UInt8]) throws {
        let line = { (start: String) in Array(start.utf8) + octets + Array("\r\n".utf8) }
        let input =
            Array("v=0\r\no=".utf8) + octets + Array(" 1 2 IN IP4 192.0.2.1\r\n".utf8) + line("s=")
            + Array("c=IN IP4 192.0.2.1\r\nt=0 0\r\n".utf8) + line("a=x:")
            + Array("m=audio 4000 RTP/AVP 0\r\n".utf8) + line("i=") + line("a=")
        let session = try SessionDescription(parsing: input)
        #expect(session.serialized() == input)
        let rewritten = session.rewritten(as: SessionRewrite(media: [.rejected]))
        #expect(rewritten.starts(with: input.prefix(while: { $0 != UInt8(ascii: "c") })))
    }
}
