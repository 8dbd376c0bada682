import RelayPlanning
import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct KernelTrafficTests {
    private let port = RelayPortID(1)
    private let sink = RelayPortID(2)
    private var traffic = KernelTraffic()
    private let now = MonotonicTime(seconds: 10)

    @Test mutating func whatAFlowCountedLastIsKeptForBothItsPorts() {
        self.traffic.observe(self.port, TrafficCounters(packets: 90, bytes: 900), at: self.now)
        self.traffic.retire(
            self.port, sink: self.sink, counters: TrafficCounters(packets: 100, bytes: 1000), at: self.now)
        #expect(self.traffic.totals(of: self.port).received.packets == 100)
        #expect(self.traffic.totals(of: self.sink).sent.bytes == 1000)
        #expect(self.traffic.retired.packets == 100)
    }

    @Test mutating func aFlowThatAnotherProgramRemovedCountsWhatWasReadBefore() {
        self.traffic.observe(self.port, TrafficCounters(packets: 90, bytes: 900), at: self.now)
        self.traffic.retire(self.port, sink: self.sink, counters: TrafficCounters(), at: self.now)
        #expect(self.traffic.totals(of: self.port).received == TrafficCounters(packets: 90, bytes: 900))
        #expect(self.traffic.totals(of: self.sink).sent == TrafficCounters(packets: 90, bytes: 900))
        // The next flow of the port starts at zero.
        self.traffic.retire(self.port, sink: self.sink, counters: TrafficCounters(), at: self.now)
        #expect(self.traffic.totals(of: self.port).received.packets == 90)
    }

    @Test mutating func aClosedPortLeavesNothingToItsSuccessor() {
        self.traffic.retire(
            self.port, sink: self.sink, counters: TrafficCounters(packets: 5, bytes: 50), at: self.now)
        self.traffic.forget(self.port)
        #expect(self.traffic.totals(of: self.port) == KernelTraffic.PortTotals())
    }
}
