import Glibc
import RelayPlanning
import Testing

@testable import UserspaceForwarding

/// What the kernel or another worker says after the moment it speaks of.
@Suite("News that come late")
struct LateNewsTests {
    @Test("A refusal that is told only when the slot has its next port makes nothing negative")
    func refusalOfThePortBefore() {
        let bench = TableBench()
        bench.open(0)
        bench.table.countRefused(bytes: 172, by: 0, arrivedOn: PortTable.noPort, errno: EPERM)
        let statistics = bench.statistics(0)
        #expect(statistics.sent == TrafficCounters())
        #expect(statistics.sendErrors == 1)
    }
}
