import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// Commands with and without received-from.
@Suite struct ReceivedFromTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test func aCommandWithoutReceivedFromDoesNotHideThatTheNextOneComesFromElsewhere() throws {
        _ = try self.calls.offer(sdp: audio("192.168.1.10", 4000), receivedFrom: "198.51.100.7")
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let before = try self.calls.plan(port: answer.port()).learningEpoch
        _ = try self.calls.offer(to: "b", sdp: audio("192.168.1.10", 4000))
        #expect(try self.calls.plan(port: answer.port()).learningEpoch == before)
        _ = try self.calls.offer(to: "b", sdp: audio("192.168.1.10", 4000), receivedFrom: "198.51.100.8")
        #expect(try self.calls.plan(port: answer.port()).learningEpoch == before + 1)
    }
}
