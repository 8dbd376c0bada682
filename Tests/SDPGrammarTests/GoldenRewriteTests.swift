import SDPGrammar
import Testing

@Suite struct GoldenRewriteTests {
    @Test(arguments: ["rtpengine-26.3.golden", "relay.golden"], ["\r\n", "\n"])
    func rewrittenDescriptionsEqualTheGoldenOnes(file: String, lineEnd: String) throws {
        let blocks = try GoldenBlock.read(file)
        #expect(blocks.count >= 10)
        for block in blocks {
            let input = block.input.map { $0 + lineEnd }.joined()
            var session = try SessionDescription(parsing: input)
            for (index, formats) in block.formats { session.media[index].formats = formats }
            let output = session.rewritten(as: block.rewrite)
            #expect(
                lines(of: output) == lines(of: Array(block.output.map { $0 + lineEnd }.joined().utf8)),
                "\(block.name)")
        }
    }

    @Test func aRewrittenDescriptionIsItselfADescription() throws {
        for block in try GoldenBlock.read("rtpengine-26.3.golden") + GoldenBlock.read("relay.golden") {
            let session = try SessionDescription(parsing: block.output.map { $0 + "\r\n" }.joined())
            try session.checkCompleteness()
            #expect(session.connection == nil)
            #expect(text(session.serialized()) == block.output.map { $0 + "\r\n" }.joined(), "\(block.name)")
        }
    }

    @Test func rewritingWhatWasRewrittenChangesNothing() throws {
        for block in try GoldenBlock.read("rtpengine-26.3.golden")
        where !block.rewrite.media.contains(.removed) {
            let output = block.output.map { $0 + "\r\n" }.joined()
            var rewrite = block.rewrite
            rewrite.sessionAttributes = []
            let again = try SessionDescription(parsing: output).rewritten(as: rewrite)
            #expect(text(again) == output, "\(block.name)")
        }
    }

    @Test func inheritedFingerprintsAreLimited() throws {
        let fingerprints = String(repeating: "a=fingerprint:sha-1 AA\n", count: 1000)
        let sections = String(repeating: "m=audio 9 RTP/SAVP 0\n", count: 64)
        let session = try SessionDescription(
            parsing: "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n" + fingerprints
                + sections)
        let media = try GoldenBlock(
            name: "", lines: ["-- rewrite"] + Array(repeating: "relayed 192.0.2.2 8", count: 64) + ["----"])
        let output = try SessionDescription(parsing: session.rewritten(as: media.rewrite))
        #expect(output.media.count == 64)
        #expect(output.media.allSatisfy { $0.fingerprints.count == SDPLimits.inheritedAttributes })
    }

    @Test(arguments: ["a=sendonly ", "a=rtcp-mux ", "a=ice-pacing:50", "a=ice-mismatch", "a=ice-lite "])
    func replacedAttributesAreRecognisedWithBlanksBehindThem(line: String) throws {
        let session = try SessionDescription(parsing: offer(media: "m=audio 4000 RTP/AVP 0\r\n\(line)\r\n"))
        let rewrite = try GoldenBlock(
            name: line, lines: ["-- rewrite", "relayed 203.0.113.1 30000 recvonly", "----"]
        ).rewrite
        let output = try SessionDescription(parsing: session.rewritten(as: rewrite))
        #expect(
            output.media.first?.attributes == [Attribute("rtpmap", "0 PCMU/8000"), Attribute("recvonly")])
    }
}
