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
}
