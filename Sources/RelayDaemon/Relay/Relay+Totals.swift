import CallControl
import ControlVocabulary
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// Counters of the whole daemon, for `crosspointctl stats`.
extension Relay {
    /// All counters by group.
    func statistics() -> [String: StatisticValue] {
        [
            "uptimeSeconds": .number(self.clock.now.monotonic.seconds(since: self.started.monotonic)),
            "calls": .group(self.callTotals()),
            "control": .group(self.controlTotals()),
            "userspace": .group(self.userspaceTotals()),
            "kernel": .group(self.kernelTotals()),
            "ports": .group(self.portTotals()),
            "recording": .group(self.recordingTotals()),
        ]
    }

    private func callTotals() -> [String: StatisticValue] {
        let totals = self.calls.totals
        var ended: [String: StatisticValue] = [:]
        for (reason, count) in totals.ended { ended[reason.rawValue] = .count(count) }
        return [
            "current": .integer(Int64(self.calls.count)), "created": .count(totals.created),
            "rejected": .count(totals.rejected), "ended": .group(ended),
        ]
    }

    private func controlTotals() -> [String: StatisticValue] {
        var totals: [String: StatisticValue] = [:]
        for (command, count) in self.requests.byCommand { totals[command] = .count(count) }
        totals["errors"] = .count(self.requests.errors)
        totals["repeated"] = .count(self.requests.repeated)
        totals["malformed"] = .count(self.requests.malformed)
        return totals
    }

    private func userspaceTotals() -> [String: StatisticValue] {
        var received = TrafficCounters()
        var sent = TrafficCounters()
        var drops = DropCounters()
        var shortages: UInt64 = 0
        var receiveErrors: UInt64 = 0
        for worker in 0..<self.userspace.workerCount {
            let totals = self.userspace.totals(ofWorker: worker)
            received += totals.received
            sent += totals.sent
            drops += totals.drops
            shortages &+= totals.bufferShortages
            receiveErrors &+= totals.receiveErrors
        }
        var dropped: [String: StatisticValue] = [:]
        for (reason, count) in drops.occurred { dropped["\(reason)"] = .count(count) }
        return [
            "engine": .text("io_uring"), "workers": .integer(Int64(self.userspace.workerCount)),
            "receivedPackets": .count(received.packets), "receivedBytes": .count(received.bytes),
            "sentPackets": .count(sent.packets), "sentBytes": .count(sent.bytes), "dropped": .group(dropped),
            "bufferShortages": .count(shortages), "receiveErrors": .count(receiveErrors),
        ]
    }

    private func kernelTotals() -> [String: StatisticValue] {
        let installed = self.ledger.installed
        let live = self.liveCounters(of: installed.map(\.port)).values.reduce(TrafficCounters(), +)
        let all = live + self.kernelTraffic.retired
        return [
            "working": .text(self.kernel.state.obstacles.isEmpty ? "yes" : "no"),
            "obstacles": .text(self.kernel.state.obstacles.descriptions.joined(separator: "; ")),
            "flows": .integer(Int64(installed.count)), "packets": .count(all.packets),
            "bytes": .count(all.bytes),
        ]
    }

    private func portTotals() -> [String: StatisticValue] {
        var totals: [String: StatisticValue] = ["open": .integer(Int64(self.ports.openCount))]
        for interface in self.calls.settings.interfaces {
            for address in interface.addresses {
                guard let usage = self.ports.usage(of: address.local) else { continue }
                totals["\(interface.name) \(address.local)"] = .group([
                    "usedPairs": .integer(Int64(usage.used)), "freePairs": .integer(Int64(usage.free)),
                ])
            }
        }
        return totals
    }
}

extension StatisticValue {
    fileprivate static func count(_ value: UInt64) -> StatisticValue { .integer(Int64(clamping: value)) }
}
