import CallControl
import ControlProtocols
import RelayPlanning
import Testing

/// Codec lists beyond what the recordings of rtpengine show.
@Suite struct CodecListTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    private static let wide = [
        "a=rtpmap:9 G722/8000", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=rtcp-fb:0 nack",
        "a=fmtp:8 x=1",
    ]

    private static func description(_ address: String, _ port: Int, formats: String) -> String {
        audio(address, port, extra: Self.wide).replacing("RTP/AVP 0 8", with: "RTP/AVP \(formats)")
    }

    @Test func linesOfStrippedFormatsGoToo() throws {
        let offer = try self.calls.offer(sdp: Self.description("198.51.100.1", 4000, formats: "0 8 9 101")) {
            $0.codecs.strip = ["pcmu", "G722/8000"]
        }
        #expect(offer.lines("m=").first?.hasSuffix("RTP/AVP 8 101") == true)
        #expect(offer.lines("a=rtpmap") == ["a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000"])
        #expect(offer.lines("a=fmtp") == ["a=fmtp:8 x=1", "a=fmtp:101 0-15"])
        #expect(offer.lines("a=rtcp-fb").isEmpty)
    }

    @Test func whatIsIgnoredNeitherComesBackNorIsAnswered() throws {
        let offer = try self.calls.offer(sdp: Self.description("198.51.100.1", 4000, formats: "0 8 9 101")) {
            $0.codecs.ignore = ["PCMU"]
            $0.codecs.offer = ["PCMU"]
        }
        #expect(offer.lines("m=").first?.hasSuffix("RTP/AVP 8 9 101") == true)
        let answer = try self.calls.answer(sdp: Self.description("198.51.100.3", 5000, formats: "0 8 101"))
        #expect(answer.lines("m=").first?.hasSuffix("RTP/AVP 8 101") == true)
    }

    @Test func whatAnEarlierOfferWithheldMayBeAnsweredAfterOneThatDidNot() throws {
        _ = try self.calls.offer(sdp: Self.description("198.51.100.1", 4000, formats: "0 8")) {
            $0.codecs.strip = ["PCMU"]
        }
        _ = try self.calls.answer(sdp: Self.description("198.51.100.3", 5000, formats: "8"))
        _ = try self.calls.offer(to: "b", sdp: Self.description("198.51.100.1", 4000, formats: "0 8"))
        let answer = try self.calls.answer(sdp: Self.description("198.51.100.3", 5000, formats: "0"))
        #expect(answer.lines("m=").first?.hasSuffix("RTP/AVP 0") == true)
    }

    @Test func eachForkIsHeldToItsOwnOffer() throws {
        for (branch, strip) in [("z1", "PCMU"), ("z2", "PCMA")] {
            _ = try self.calls.offer(
                branch: branch, sdp: Self.description("198.51.100.1", 4000, formats: "0 8")
            ) { $0.codecs.strip = [strip] }
        }
        let both = Self.description("198.51.100.3", 5000, formats: "0 8")
        let one = try self.calls.answer(to: "b1", branch: "z1", sdp: both)
        let two = try self.calls.answer(to: "b2", branch: "z2", sdp: both)
        #expect(one.lines("m=").first?.hasSuffix("RTP/AVP 8") == true)
        #expect(two.lines("m=").first?.hasSuffix("RTP/AVP 0") == true)
    }

    @Test(arguments: [(true, "m=audio 0 RTP/AVP 0 8"), (false, nil)] as [(Bool, String?)])
    func aSectionWithoutCodecsIsRefusedIfThatIsWanted(allows: Bool, refused: String?) throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) {
            $0.codecs.strip = ["all"]
            $0.codecs.allowsNone = allows
        }
        #expect((offer.lines("m=").first == refused) == allows)
        #expect(self.calls.plans.isEmpty == allows)
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(try (answer.port() == 0) == allows)
        #expect(self.calls.plans.isEmpty == allows)
    }

    @Test func anAnswerMayLoseAllItsCodecsToo() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000)) {
            $0.codecs.strip = ["all"]
            $0.codecs.allowsNone = true
        }
        #expect(try answer.port() == 0)
        // Another answer to the same offer finds its ports.
        let again = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(try again.port() != 0)
    }

    @Test func theClockRatesOfWhatArrivesAreStillKnown() throws {
        let offer = try self.calls.offer(sdp: Self.description("198.51.100.1", 4000, formats: "0 8 101")) {
            $0.codecs.strip = ["PCMU"]
        }
        _ = try self.calls.answer(sdp: Self.description("198.51.100.3", 5000, formats: "8 101"))
        let rates = try self.calls.clockRates[self.calls.plan(port: offer.port()).id]
        #expect(rates?.contains { $0.payloadType == 8 && $0.hertz == 8000 } == true)
    }

    @Test(arguments: [
        "", "/", "//", "PCMU/", "/8000", "PCMU/x", "PCMU/8000/x", "PCMU/99999999999/1", "\u{1F600}",
    ])
    func namesThatNameNothingStripNothing(name: String) throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) { $0.codecs.strip = [name] }
        #expect(offer.lines("m=").first?.hasSuffix("RTP/AVP 0 8") == true)
    }
}
