import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// A party that changes between IPv4 and IPv6 in mid-call.
@Suite struct AddressFamilyChangeTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test func anOffererThatChangesItsAddressFamilyGetsPortsOfThatFamily() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        _ = try self.calls.offer(to: "b", sdp: audio("2001:db8::7", 4000))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(answer.lines("c=") == ["c=IN IP6 2001:db8::1"])
        let plan = try self.calls.plan(port: answer.port())
        #expect(plan.local.family == .ipv6 && plan.signalled?.family == .ipv6)
    }

    @Test func aHoldWithAZeroAddressOfTheOtherFamilyMovesNothing() throws {
        let offer = try self.calls.offer(sdp: audio("2001:db8::7", 4000))
        let answer = try self.calls.answer(sdp: audio("2001:db8::9", 5000))
        #expect(try self.calls.offer(to: "b", sdp: audio("0.0.0.0", 4000)).ports == offer.ports)
        #expect(try self.calls.answer(sdp: audio("2001:db8::9", 5000)).ports == answer.ports)
    }
}
