import NATRules
import RTPPackets
import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

/// Which datagrams say that a party is alive: those that may be its own, or a stranger could keep a dead call for ever.
@Suite struct LifeSignTests {
    private static let party = TransportAddress(IPAddress(ipv4: 0xC000_0201), port: 4000)
    private static let stranger = TransportAddress(IPAddress(ipv4: 0xC633_6407), port: 4000)

    private func lastReceived(
        _ bytes: [UInt8], from source: TransportAddress = Self.party,
        _ change: (inout PortPlan) -> Void = { _ in }
    ) -> MonotonicTime? {
        let counters = PortCounterTable(capacity: 2)
        var table = PortTable(counterTable: counters, totals: TotalsBlock())
        let local = TransportAddress(IPAddress(ipv4: 0x0A00_0001), port: 30_000)
        var plan = PortPlan(id: RelayPortID(0), local: local, component: .rtp)
        plan.signalled = Self.party
        plan.isPublished = true
        plan.learning = LearningPolicy(mode: .off, strictSource: true)
        change(&plan)
        let isOpen = table.open(plan, quality: QualityTracker(), at: MonotonicTime(seconds: 1))
        #expect(isOpen)
        _ = bytes.withUnsafeBytes {
            table.receive($0.bytes, on: 0, from: source, at: MonotonicTime(seconds: 2))
        }
        let statistics = PortStatistics(counters.counters(of: 0))
        #expect(statistics.received.packets == 1)
        return statistics.lastReceived
    }

    @Test func mediaOfThePartyIsALifeSignEvenIfItCannotGoOn() {
        #expect(self.lastReceived(Datagram.rtp()) == MonotonicTime(seconds: 2))
    }

    @Test func whatIsNotFromThePartyIsNone() {
        #expect(self.lastReceived(Datagram.rtp(), from: Self.stranger) == nil)
        #expect(self.lastReceived([0xFF, 0xFF, 0xFF]) == nil)
        #expect(self.lastReceived(Datagram.rtp()) { $0.isPublished = false } == nil)
    }
}
