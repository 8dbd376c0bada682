import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// Two dialogues that share a call-id, and their delayed deletes.
@Suite struct SeveralDialoguesTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    private func setUpTwoDialogues() throws {
        _ = try self.calls.offer(from: "a", sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(from: "a", to: "b", sdp: audio("198.51.100.3", 5000))
        _ = try self.calls.offer(from: "c", sdp: audio("198.51.100.5", 6000))
        _ = try self.calls.answer(from: "c", to: "d", sdp: audio("198.51.100.7", 7000))
    }

    @Test func deletesOfBothEndsOfOneDialogueLeaveTheOtherDialogue() throws {
        try self.setUpTwoDialogues()
        for tag in ["c", "d"] { _ = self.calls.delete(from: tag, delay: 5) }
        #expect(self.calls.expire(at: 5).isEmpty)
        #expect(self.calls.table.count == 1 && self.calls.plans.count == 4)
    }

    @Test func aCallWhoseDialoguesAreAllDueEndsOnce() throws {
        try self.setUpTwoDialogues()
        for tag in ["c", "d", "a", "b"] { _ = self.calls.delete(from: tag, delay: 5) }
        #expect(self.calls.expire(at: 5) == [.terminated])
        #expect(self.calls.table.totals.ended == [.terminated: 1])
        #expect(self.calls.plans.isEmpty && self.calls.ports.taken.isEmpty)
    }
}
