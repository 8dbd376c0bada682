import RTPPackets
import Testing

@Suite struct RTPHeaderTests {
    @Test func everyFieldIsRead() throws {
        let bytes = octets("B2 E5 1234 89ABCDEF DEADBEEF 00000001 00000002 BEDE0001 10FF0000 AABBCC 000003")
        let header = try RTPHeader(bytes.span.bytes)
        #expect(header.version == 2)
        #expect(header.hasPadding)
        #expect(header.hasExtension)
        #expect(header.contributingSourceCount == 2)
        #expect(header.marker)
        #expect(header.payloadType == 101)
        #expect(header.sequenceNumber == 0x1234)
        #expect(header.timestamp == 0x89AB_CDEF)
        #expect(header.ssrc == 0xDEAD_BEEF)
        #expect(header.payloadRange == 28..<31)
    }

    @Test func aPlainPacketHasNothingButItsPayload() throws {
        let header = try RTPBuilder(payloadType: 8, sequence: .max, timestamp: .max, ssrc: 0).header()
        #expect(header.version == 2)
        #expect(!header.hasPadding && !header.hasExtension && !header.marker)
        #expect(header.contributingSourceCount == 0)
        #expect(header.payloadType == 8)
        #expect(header.sequenceNumber == .max)
        #expect(header.timestamp == .max)
        #expect(header.ssrc == 0)
        #expect(header.payloadRange == 12..<172)
    }

    @Test(arguments: [
        (RTPBuilder(payload: []), 12..<12),
        (RTPBuilder(contributing: Array(repeating: 9, count: 15), payload: [1]), 72..<73),
        (RTPBuilder(extensionWords: 0, payload: [1, 2]), 16..<18),
        (RTPBuilder(extensionWords: 300, payload: [1, 2]), 1216..<1218),
        (RTPBuilder(payload: [1, 2, 3], padding: 1), 12..<15),
        (RTPBuilder(payload: [], padding: 4), 12..<12),
        (RTPBuilder(payload: [], padding: 255), 12..<12),
        (RTPBuilder(contributing: [1], extensionWords: 2, payload: [7], padding: 7), 28..<29),
    ])
    func thePayloadIsFound(packet: RTPBuilder, range: Range<Int>) throws {
        #expect(try packet.header().payloadRange == range)
    }

    @Test(
        arguments: [
            ("", .shorterThanFixedHeader), ("80", .shorterThanFixedHeader),
            ("80000001 000000A0 111111", .shorterThanFixedHeader),
            ("00000001 000000A0 11111111", .unknownVersion), ("40000001 000000A0 11111111", .unknownVersion),
            ("C0000001 000000A0 11111111", .unknownVersion),
            ("81000001 000000A0 11111111", .truncatedContributingSources),
            ("82000001 000000A0 11111111 00000001 000000", .truncatedContributingSources),
            ("90000001 000000A0 11111111", .truncatedExtension),
            ("90000001 000000A0 11111111 BEDE00", .truncatedExtension),
            ("90000001 000000A0 11111111 BEDE0001 000000", .truncatedExtension),
            ("90000001 000000A0 11111111 BEDEFFFF 00000000", .truncatedExtension),
            ("A0000001 000000A0 11111111", .invalidPadding),
            ("A0000001 000000A0 11111111 00", .invalidPadding),
            ("A0000001 000000A0 11111111 01020304", nil),
            ("A0000001 000000A0 11111111 01020305", .invalidPadding),
            ("B0000001 000000A0 11111111 BEDE0000", .invalidPadding),
        ] as [(String, RTPHeaderError?)])
    func malformedHeadersAreRefusedWithTheirReason(text: String, error: RTPHeaderError?) {
        let bytes = octets(text)
        var thrown: RTPHeaderError?
        do throws(RTPHeaderError) {
            _ = try RTPHeader(bytes.span.bytes)
        } catch {
            thrown = error
        }
        #expect(thrown == error)
    }

    @Test func noMutationOfAPacketReadsOutsideOfIt() {
        let seeds = [
            RTPBuilder(payload: []).bytes, RTPBuilder().bytes,
            RTPBuilder(contributing: [1, 2, 3], extensionWords: 3, payload: [1, 2], padding: 5).bytes,
            RTPBuilder(extensionWords: 1, payload: []).bytes,
        ]
        var random = SplitMix64(seed: 0x8000)
        var accepted = 0
        for round in 0..<40_000 {
            let bytes = random.mutated(seeds[round % seeds.count])
            guard let header = try? RTPHeader(bytes.span.bytes) else { continue }
            accepted += 1
            #expect(header.payloadRange.lowerBound >= 12 + header.contributingSourceCount * 4)
            #expect(header.payloadRange.upperBound <= bytes.count)
            #expect(header.hasPadding == (header.payloadRange.upperBound < bytes.count))
        }
        #expect(accepted > 5000 && accepted < 40_000)
    }
}
