import NATRules
import RTPPackets
import RelayPlanning
import WireFormat

@testable import UserspaceForwarding

/// A port table without an engine: ports that face a party each, datagrams in, decisions out.
///
/// Port n is 10.0.0.1:30000+n and its party 192.0.2.1:4000+n.
final class TableBench {
    var table: PortTable
    let counters: PortCounterTable
    var now = MonotonicTime(seconds: 10)

    init(ports: Int = 8) {
        self.counters = PortCounterTable(capacity: ports)
        self.table = PortTable(counterTable: self.counters, totals: TotalsBlock())
    }

    static func party(_ port: Int) -> TransportAddress {
        TransportAddress(IPAddress(ipv4: 0xC000_0201), port: UInt16(4000 + port))
    }

    static func plan(_ port: Int, sink: Int? = nil, _ change: (inout PortPlan) -> Void = { _ in }) -> PortPlan
    {
        let local = TransportAddress(IPAddress(ipv4: 0x0A00_0001), port: UInt16(30_000 + port))
        var plan = PortPlan(id: Self.id(port), local: local, component: .rtp)
        plan.signalled = Self.party(port)
        plan.isPublished = true
        plan.sink = sink.map(Self.id)
        change(&plan)
        return plan
    }

    static func id(_ port: Int) -> RelayPortID { RelayPortID(UInt32(port)) }

    /// Opens a port; `change` alters its plan.
    func open(_ port: Int, sink: Int? = nil, _ change: (inout PortPlan) -> Void = { _ in }) {
        let isOpen = self.table.open(
            Self.plan(port, sink: sink, change), quality: QualityTracker(), at: self.now)
        precondition(isOpen)
    }

    /// Opens ports 0 and 1, which are each other's sinks.
    func join(
        _ first: (inout PortPlan) -> Void = { _ in }, _ second: (inout PortPlan) -> Void = { _ in }
    ) {
        self.open(0, sink: 1, first)
        self.open(1, sink: 0, second)
    }

    /// Alters the plan of an open port.
    func change(_ port: Int, _ change: (inout PortPlan) -> Void) {
        guard var plan = self.table.plan(port) else { preconditionFailure("port \(port) is not open") }
        change(&plan)
        let isTaken = self.table.update(plan, at: self.now)
        precondition(isTaken)
    }

    /// What happens to a datagram, which comes from the port's party unless `source` says otherwise.
    func receive(_ bytes: [UInt8], on port: Int, from source: TransportAddress? = nil) -> String {
        let source = source ?? Self.party(port)
        let decision = bytes.withUnsafeBytes {
            self.table.receive($0.bytes, on: port, from: source, at: self.now)
        }
        return self.table.description(of: decision)
    }

    func statistics(_ port: Int) -> PortStatistics { PortStatistics(self.counters.counters(of: port)) }

    func quality(_ port: Int) -> [SSRCQuality] { self.table.quality(port) }

    func isUnmovable(_ port: Int) -> Bool { self.table.remove(port, descriptor: 0) == nil }

    /// What the control side is told.
    func events() -> [RelayEvent] { self.table.takeEvents() }

    var nextPuncture: MonotonicTime? { self.table.nextPuncture }

    /// The ports that pierce a NAT now.
    func punctures() -> [PortTable.Puncture] {
        var all: [PortTable.Puncture] = []
        while let one = self.table.takePuncture(at: self.now) { all.append(one) }
        return all
    }
}

extension PortTable {
    /// A decision in words: `by 1 to 192.0.2.1:4001`, copies after `and`.
    func description(of decision: PacketDecision) -> String {
        switch decision {
        case .forward(let sink, let destination):
            return "by \(sink) to \(destination)"
        case .forwardPrefix(let kept, let sink, let destination):
            return "\(kept) octets by \(sink) to \(destination)"
        case .forwardByMany(let bytes, var routes):
            var ways: [String] = []
            while let route = self.next(of: &routes) {
                ways.append("\(route.isCopy ? "copy " : "")by \(route.sink) to \(route.destination)")
            }
            return "\(bytes) octets " + ways.joined(separator: " and ")
        case .drop(let reason):
            return "\(reason)"
        }
    }
}
