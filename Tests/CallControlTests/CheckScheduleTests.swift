import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// What looking for timeouts costs.
@Suite struct CheckScheduleTests {
    private func table(calls count: Int) throws -> (CallTable, CountingPorts) {
        let address = try #require(IPAddress("203.0.113.1"))
        var table = CallTable(
            settings: RelaySettings(interfaces: [
                LogicalInterface(name: "pub", addresses: [InterfaceAddress(local: address)])
            ]))
        let ports = CountingPorts()
        let now = SignallingTime(monotonic: MonotonicTime(seconds: 5), unixMicroseconds: 0)
        for index in 0..<count {
            let selector = CallSelector(callID: "c\(index)", fromTag: "a", toTag: "b", viaBranch: nil)
            let sdp = Array(audio("198.51.100.1", 4000).utf8)
            _ = try table.offer(OfferAnswer(selector: selector, sdp: sdp), at: now, ports: ports)
            _ = try table.answer(OfferAnswer(selector: selector, sdp: sdp), at: now, ports: ports)
        }
        return (table, ports)
    }

    @Test func callsThatAreNotDueAreNotLookedAt() throws {
        var (table, _) = try self.table(calls: 50)
        var questions = 0
        for second in 6..<65 {
            _ = table.expire(at: MonotonicTime(seconds: Double(second))) { _ in
                questions += 1
                return nil
            }
        }
        #expect(questions == 0)
        // Alive at 60: nothing can be due for another minute.
        for second in 65..<120 {
            let ended = table.expire(at: MonotonicTime(seconds: Double(second))) { _ in
                questions += 1
                return MonotonicTime(seconds: 60)
            }
            #expect(ended.isEmpty)
        }
        #expect(questions <= 50 * 4)
        #expect(table.expire(at: MonotonicTime(seconds: 120)) { _ in MonotonicTime(seconds: 60) }.count == 50)
        #expect(table.count == 0)
    }

    @Test func anEarlierDeleteIsNotForgotten() throws {
        var (table, _) = try self.table(calls: 2)
        let now = SignallingTime(monotonic: MonotonicTime(seconds: 20), unixMicroseconds: 0)
        let selector = CallSelector(callID: "c0", fromTag: "a", toTag: nil, viaBranch: nil)
        _ = table.delete(DeleteRequest(selector: selector, delaySeconds: 3), at: now)
        #expect(table.expire(at: MonotonicTime(seconds: 22.9)) { _ in nil }.isEmpty)
        #expect(table.expire(at: MonotonicTime(seconds: 23)) { _ in nil }.count == 1)
        #expect(table.count == 1)
    }
}
