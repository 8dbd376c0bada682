import RelayPlanning
import WireFormat

/// What the kernel forwarded for each port: sums of flows that were taken out, and when a live one last moved.
///
/// The kernel's own counters vanish with the flow; these survive a stream's way back to userspace.
struct KernelTraffic {
    /// Both directions of one port.
    struct PortTotals: Sendable, Hashable {
        var received = TrafficCounters()
        var sent = TrafficCounters()
        var lastReceived: MonotonicTime?
    }

    private var totals: [RelayPortID: PortTotals] = [:]
    /// The counters of live flows when they were last read, by receiving port.
    private(set) var lastReading: [RelayPortID: TrafficCounters] = [:]
    /// Everything forwarded by flows that are gone, for metrics.
    private(set) var retired = TrafficCounters()
    /// Everything forwarded, as of the last reading of each flow: kept along, because to add up all flows takes long.
    private(set) var forwarded = TrafficCounters()

    /// Adds the final counters of a flow that was taken out; if there are none because another program removed the flow
    /// first, the last reading has to do.
    mutating func retire(
        _ port: RelayPortID, sink: RelayPortID?, counters: TrafficCounters, at now: MonotonicTime
    ) {
        let counters = counters.packets > 0 ? counters : self.lastReading[port] ?? counters
        self.observe(port, counters, at: now)
        self.lastReading[port] = nil
        self.retired += counters
        self.totals[port, default: PortTotals()].received += counters
        if let sink { self.totals[sink, default: PortTotals()].sent += counters }
    }

    /// Takes a reading of a live flow's packets; a growth means that media arrived.
    mutating func observe(_ port: RelayPortID, _ counters: TrafficCounters, at now: MonotonicTime) {
        let before = self.lastReading.updateValue(counters, forKey: port) ?? TrafficCounters()
        guard counters.packets > before.packets else { return }
        self.forwarded.packets &+= counters.packets - before.packets
        self.forwarded.bytes &+= counters.bytes > before.bytes ? counters.bytes - before.bytes : 0
        self.totals[port, default: PortTotals()].lastReceived = now
    }

    /// What flows that are gone forwarded for a port, and when the kernel last forwarded anything from it.
    func totals(of port: RelayPortID) -> PortTotals { self.totals[port] ?? PortTotals() }

    /// Forgets a closed port.
    mutating func forget(_ port: RelayPortID) {
        self.totals[port] = nil
        self.lastReading[port] = nil
    }
}
