import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// Media sections with port 0.
@Suite struct RefusedSectionTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test func aSectionThatTheOfferRefusesStaysRefusedWhateverTheAnswerSays() throws {
        let refused = ["m=video 0 RTP/AVP 96"]
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000, more: refused))
        let answer = try self.calls.answer(
            sdp: audio("198.51.100.3", 5000, more: ["m=video 5002 RTP/AVP 96"]))
        #expect(try answer.port(at: 1) == 0)
        #expect(self.calls.plans.count == 4)
    }

    // MARK: Refused by one fork, accepted by the next

    private static let video = ["m=video 4002 RTP/AVP 31"]
    private static let refused = ["m=video 0 RTP/AVP 31"]

    @Test func theNextForkWithoutBranchFindsThePortItWasShown() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000, more: Self.video))
        let first = try self.calls.answer(to: "b1", sdp: audio("198.51.100.3", 5000, more: Self.refused))
        #expect(try first.port(at: 1) == 0)
        let shown = try self.calls.plan(port: offer.port(at: 1))
        #expect(shown.isMuted)
        let second = try self.calls.answer(
            to: "b2", sdp: audio("198.51.100.4", 6000, more: ["m=video 6002 RTP/AVP 31"]))
        let callee = try self.calls.plan(port: offer.port(at: 1))
        let caller = try self.calls.plan(port: second.port(at: 1))
        #expect(callee.id == shown.id && callee.signalled?.port == 6002 && !callee.isMuted)
        #expect(callee.sink == caller.id && caller.sink == callee.id && caller.signalled?.port == 4002)
    }

    @Test func theNextForkWithBranchDoesNotMoveTheCaller() throws {
        _ = try self.calls.offer(branch: "z1", sdp: audio("198.51.100.1", 4000, more: Self.video))
        let other = try self.calls.offer(branch: "z2", sdp: audio("198.51.100.1", 4000, more: Self.video))
        let accepted = try self.calls.answer(
            to: "b2", branch: "z2",
            sdp: audio("198.51.100.4", 6000, more: ["m=video 6002 RTP/AVP 31"]))
        let early = try self.calls.answer(
            to: "b1", branch: "z1", sdp: audio("198.51.100.3", 5000, more: Self.refused))
        #expect(try early.port(at: 1) == 0)
        let again = try self.calls.answer(
            to: "b2", branch: "z2",
            sdp: audio("198.51.100.4", 6000, more: ["m=video 6002 RTP/AVP 31"]))
        #expect(again.ports == accepted.ports)
        #expect(
            try self.calls.plan(port: other.port(at: 1)).sink == self.calls.plan(port: again.port(at: 1)).id)
    }

    @Test(arguments: [nil, 183, 200] as [Int?])
    func aFinalAnswerGivesThePortsBack(code: Int?) throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000, more: Self.video))
        _ = try self.calls.answer(to: "b1", sdp: audio("198.51.100.3", 5000, more: Self.refused)) {
            $0.sipCode = code
        }
        #expect(self.calls.plans.count == (code == 200 ? 4 : 8))
    }

    @Test func aReofferWithTheSectionStillRefusedGivesThePortsBack() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000, more: Self.video))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000, more: Self.refused))
        #expect(self.calls.plans.count == 8)
        let again = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000, more: Self.refused))
        #expect(try again.port(at: 1) == 0)
        #expect(self.calls.plans.count == 4 && self.calls.ports.taken.count == 4)
    }

    @Test func aRefusedSectionDoesNotKeepADeadCall() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000, more: Self.video))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000, more: Self.refused))
        #expect(self.calls.plans.count == 8)
        #expect(self.calls.expire(at: 70) == [.timeout])
        #expect(self.calls.ports.taken.isEmpty)
    }
}
