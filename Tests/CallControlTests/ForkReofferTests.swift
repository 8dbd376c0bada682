import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// What becomes of the ports when one of several forks goes on with the call.
@Suite struct ForkReofferTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test(arguments: [nil, "z"])
    func aReofferOfTheForkThatAnsweredLastKeepsThePorts(branches: String?) throws {
        let one = branches.map { "\($0)1" }
        let two = branches.map { "\($0)2" }
        let first = try self.calls.offer(branch: one, sdp: audio("198.51.100.1", 4000))
        let second = try self.calls.offer(branch: two, sdp: audio("198.51.100.1", 4000))
        #expect((first.ports == second.ports) == (branches == nil))
        _ = try self.calls.answer(to: "b1", branch: one, sdp: audio("198.51.100.3", 5000))
        let final = try self.calls.answer(to: "b2", branch: two, sdp: audio("198.51.100.4", 6000))
        let again = try self.calls.offer(from: "b2", to: "a", sdp: audio("198.51.100.4", 6000))
        #expect(again.ports == final.ports)
        #expect(self.calls.actions.isEmpty)
    }
}
