import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// Offers that give the offerer itself other ports.
@Suite struct OwnPortChangeTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test func anOffererThatMovesToAnotherInterfaceIsServedOnTheOldOneUntilTheAnswer() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        _ = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000)) {
            $0.direction = ["priv", "pub"]
        }
        // The offerer does not know its new port yet: it sends to the old one, and that is where it can be reached.
        let old = try self.calls.plan(port: answer.port())
        #expect(old.isPublished)
        #expect(try self.calls.plan(port: offer.port()).sink == old.id)
        let moved = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(moved.ports != answer.ports)
        let new = try self.calls.plan(port: moved.port())
        #expect(new.isPublished)
        #expect(try self.calls.plan(port: offer.port()).sink == new.id)
        #expect(try self.calls.plan(port: answer.port()).isPublished)
    }

    @Test func audioThatIsOfferedAsFaxStillFlowsUntilTheAnswer() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let fax = audio("198.51.100.1", 4000).replacing(
            "m=audio 4000 RTP/AVP 0 8", with: "m=image 4000 udptl t38")
        let offered = try self.calls.offer(to: "b", sdp: fax)
        #expect(offered.ports != offer.ports)
        #expect(try self.calls.plan(port: answer.port()).isPublished)
        #expect(try self.calls.plan(port: offer.port()).isPublished)
        let reply = audio("198.51.100.3", 5000).replacing(
            "m=audio 5000 RTP/AVP 0 8", with: "m=image 5000 udptl t38")
        let accepted = try self.calls.answer(sdp: reply)
        let caller = try self.calls.plan(port: accepted.port())
        let callee = try self.calls.plan(port: offered.port())
        #expect(caller.payload == .opaque && caller.sink == callee.id && callee.sink == caller.id)
    }

    @Test func portsThatNobodyWasShownAreNotKept() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        for name in ["priv", "pub", "priv"] {
            _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) { $0.direction = [name, "pub"] }
        }
        #expect(self.calls.plans.count == 4 && self.calls.ports.taken.count == 4)
    }
}
