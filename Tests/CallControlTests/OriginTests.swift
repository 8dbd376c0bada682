import CallControl
import ControlProtocols
import Testing

/// `o=` and `a=mid` beyond what the recordings of rtpengine show.
@Suite struct OriginTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    private static func description(version: String, port: Int = 4000, origin: String = "alice 1") -> String {
        audio("198.51.100.1", port).replacing("o=alice 1 2 ", with: "o=\(origin) \(version) ")
    }

    private func origin(
        version: String, port: Int = 4000, origin: String = "alice 1",
        _ options: (inout OfferAnswerOptions) -> Void
    ) throws -> String {
        let offer = try self.calls.offer(
            sdp: Self.description(version: version, port: port, origin: origin), options)
        return offer.lines("o=").joined()
    }

    @Test func aFullOriginStaysAndItsVersionFollowsTheDescription() throws {
        let full: (inout OfferAnswerOptions) -> Void = { $0.replacesFullOrigin = true }
        #expect(try self.origin(version: "7", full) == "o=alice 1 7 IN IP4 203.0.113.1")
        #expect(try self.origin(version: "9", origin: "bob 5", full) == "o=alice 1 7 IN IP4 203.0.113.1")
        #expect(
            try self.origin(version: "9", port: 4002, origin: "bob 5", full)
                == "o=alice 1 8 IN IP4 203.0.113.1")
    }

    @Test func aForcedVersionRisesWithoutAChange() throws {
        let forced: (inout OfferAnswerOptions) -> Void = { $0.forcesSDPVersionIncrement = true }
        let versions = try (0..<3).map { _ in try self.origin(version: "7", forced).split(separator: " ")[2] }
        #expect(versions == ["7", "8", "9"])
    }

    @Test func versionsDoNotFallWhenTheOptionComesLater() throws {
        let managed: (inout OfferAnswerOptions) -> Void = { $0.replacesSDPVersion = true }
        _ = try self.origin(version: "50") { _ in }
        // A party that starts anew with its numbers, behind us.
        #expect(try self.origin(version: "3", managed).contains(" 51 "))
        #expect(try self.origin(version: "3", managed).contains(" 51 "))
        #expect(try self.origin(version: "60", port: 4002, managed).contains(" 52 "))
        #expect(try self.origin(version: "70") { _ in }.contains(" 70 "))
        #expect(try self.origin(version: "80", managed).contains(" 80 "))
    }

    @Test(arguments: ["18446744073709551615", "99999999999999999999999", "x"])
    func versionsThatAreNoNumbersOrTheLastOneDoNotTrap(version: String) throws {
        for port in [4000, 4002, 4004] {
            let origin = try self.origin(version: version, port: port) { $0.replacesSDPVersion = true }
            #expect(origin.split(separator: " ").count == 6)
        }
    }

    // MARK: generate mid

    private static func two(_ first: [String], _ second: [String]) -> String {
        audio("198.51.100.1", 4000, extra: first, more: ["m=video 4002 RTP/AVP 31"] + second)
    }

    @Test func generatedIdentificationsAreUnique() throws {
        let offer = try self.calls.offer(sdp: Self.two([], ["a=mid:1"])) { $0.generatesMID = true }
        let mids = offer.lines("a=mid")
        #expect(mids.count == 2 && Set(mids).count == 2 && mids[1] == "a=mid:1")
    }

    @Test func whatWasGeneratedForOneSideIsNotAnsweredToTheOther() throws {
        let offer = try self.calls.offer(sdp: Self.two([], ["a=mid:v"])) { $0.generatesMID = true }
        #expect(offer.lines("a=mid") == ["a=mid:1", "a=mid:v"])
        let again = try self.calls.offer(sdp: Self.two([], ["a=mid:v"])) { $0.generatesMID = true }
        #expect(again.text == offer.text)
        let answer = try self.calls.answer(sdp: Self.two(["a=mid:1"], ["a=mid:v"]))
        #expect(answer.lines("a=mid") == ["a=mid:v"])
    }

    // MARK: reset

    @Test(arguments: [(false, 0), (true, 1)])
    func resetOffersRTCPAPortOfItsOwnAgain(resets: Bool, offset: UInt16) throws {
        let mux = ["a=rtcp-mux"]
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000, extra: mux))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000, extra: mux))
        let again = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000, extra: mux)) {
            $0.resets = resets
        }
        #expect(try again.lines("a=rtcp:") == ["a=rtcp:\(again.port() + offset)"])
        #expect(again.lines("a=rtcp-mux").count == 1)
    }
}
