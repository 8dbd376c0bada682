import CallControl
import KernelForwarding
import Logging
import NIOCore
import RelayPlanning
import WireFormat

/// What happens when another program touches our table, and the periodic reading of its counters.
extension Relay {
    /// Looks at what the table watch saw and repairs the table at once; calls go on in userspace meanwhile.
    func inspectKernelTable() {
        guard self.kernel.tableWasLost() else { return }
        self.logLimited(
            "table lost", of: .core,
            "the nftables table was removed or altered by another program; putting it back, media goes on in userspace"
        )
        self.restoreKernelTable()
    }

    /// Makes the table anew if flows could not be removed, or if it is missing; tried once a second.
    func retryKernelTable() {
        guard self.kernel.needsRepair || self.kernel.state.obstacles.contains(.kernelTableLost) else {
            return
        }
        self.restoreKernelTable()
    }

    private func restoreKernelTable() {
        let wasLost = self.kernel.state.obstacles.contains(.kernelTableLost)
        let installed = self.ledger.installed
        let now = self.clock.now.monotonic
        switch self.kernel.restore(installed.map { ($0.flow, self.comment(for: $0.port)) }) {
        case .success(let counters):
            // The counters start at zero again; what was counted before is kept, as well as it is known.
            for (flow, counted) in zip(installed, counters) {
                let known = self.kernelTraffic.lastReading[flow.port] ?? TrafficCounters()
                self.kernelTraffic.retire(
                    flow.port, sink: self.ports.id(at: flow.flow.relay),
                    counters: counted.packets >= known.packets ? counted : known, at: now)
            }
            guard wasLost else {
                self.logLimited(
                    "table back", as: .notice, of: .core,
                    "the nftables table is back with \(installed.count) flows")
                return
            }
            self.kernel.setTableLost(false)
            self.apply(self.ledger.kernelPathChanged(to: self.kernel.state))
            self.logLimited(
                "table works", as: .notice, of: .core,
                "the nftables table is back; the kernel path works again")
        case .failure(let error):
            guard !wasLost else { return }
            self.logLimited(
                "table missing", as: .error, of: .core,
                "the nftables table could not be put back, trying again every second: \(error)")
            self.kernel.setTableLost(true)
            self.apply(self.ledger.kernelPathChanged(to: self.kernel.state))
        }
    }

    /// Takes the readings of all flows: a counter that grew means that media arrived.
    func readKernelCounters(at now: MonotonicTime) {
        let relay = NIOLoopBound(self, eventLoop: self.eventLoop)
        let oneWay = self.calls.settings.oneWayTimeoutSeconds
        self.kernel.readCountersIfDue(at: now, oneWayTimeoutSeconds: oneWay, loop: self.eventLoop) {
            readings in
            let relay = relay.value
            let now = relay.clock.now.monotonic
            for reading in readings {
                guard let port = relay.ports.id(at: reading.local),
                    relay.ledger.installedFlow(of: port)?.source == reading.source
                else { continue }
                relay.kernelTraffic.observe(port, reading.counters, at: now)
            }
        }
    }

    /// The live kernel counters of ports that have a flow.
    func liveCounters(of ports: [RelayPortID]) -> [RelayPortID: TrafficCounters] {
        let flows = ports.compactMap { port in self.ledger.installedFlow(of: port).map { (port, $0) } }
        let counters = self.kernel.counters(of: flows.map(\.1))
        var live: [RelayPortID: TrafficCounters] = [:]
        for ((port, _), counted) in zip(flows, counters) where counted != nil { live[port] = counted }
        let now = self.clock.now.monotonic
        for (port, counted) in live { self.kernelTraffic.observe(port, counted, at: now) }
        return live
    }
}
