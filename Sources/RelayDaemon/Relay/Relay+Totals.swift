import CallControl
import ControlVocabulary
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// Counters of the whole daemon, for `crosspointctl stats`.
extension Relay {
    /// All counters by group.
    func statistics() -> [String: StatisticValue] {
        var groups: [String: StatisticValue] = [
            "uptimeSeconds": .number(self.clock.now.monotonic.seconds(since: self.started.monotonic)),
            "calls": .group(self.callTotals()),
            "control": .group(self.controlTotals()),
            "userspace": .group(self.userspaceTotals()),
            "kernel": .group(self.kernelTotals()),
            "ports": .group(self.portTotals()),
            "recording": .group(self.recordingTotals()),
        ]
        let load = self.loadTotals()
        if !load.isEmpty { groups["load"] = .group(load) }
        return groups
    }

    private func callTotals() -> [String: StatisticValue] {
        let totals = self.calls.totals
        var ended: [String: StatisticValue] = [:]
        for (reason, count) in totals.ended { ended[reason.rawValue] = .count(count) }
        return [
            "current": .integer(Int64(self.calls.count)), "created": .count(totals.created),
            "rejected": .count(totals.rejected), "ended": .group(ended),
            "draining": .text(self.calls.isDraining ? "yes" : "no"),
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
        let totals = self.workerTotals()
        var dropped: [String: StatisticValue] = [:]
        for (reason, count) in totals.drops.occurred { dropped["\(reason)"] = .count(count) }
        return [
            "engine": .text(self.userspace.engine.rawValue),
            "workers": .integer(Int64(self.userspace.workerCount)),
            "receivedPackets": .count(totals.received.packets),
            "receivedBytes": .count(totals.received.bytes),
            "sentPackets": .count(totals.sent.packets), "sentBytes": .count(totals.sent.bytes),
            "dropped": .group(dropped),
            "bufferShortages": .count(totals.bufferShortages), "receiveErrors": .count(totals.receiveErrors),
        ]
    }

    private func kernelTotals() -> [String: StatisticValue] {
        // Whoever looks at a few calls wants to see them move; with many it is up to the periodic reading.
        if self.ledger.installedCount <= Self.mostFlowsReadAtOnce {
            _ = self.liveCounters(of: self.ledger.installed.map(\.port))
        }
        let all = self.kernelTraffic.forwarded
        return [
            "working": .text(self.kernel.state.obstacles.isEmpty ? "yes" : "no"),
            "obstacles": .text(self.kernel.state.obstacles.descriptions.joined(separator: "; ")),
            "flows": .integer(Int64(self.ledger.installedCount)), "packets": .count(all.packets),
            "bytes": .count(all.bytes),
        ]
    }

    private static var mostFlowsReadAtOnce: Int { 256 }

    private func portTotals() -> [String: StatisticValue] {
        var totals: [String: StatisticValue] = ["open": .integer(Int64(self.ports.openCount))]
        for interface in self.calls.settings.interfaces {
            for address in interface.addresses {
                guard let usage = self.ports.usage(of: address) else { continue }
                let range = address.ports.map { ":\($0.lowerBound)-\($0.upperBound)" } ?? ""
                totals["\(interface.name) \(address.local)\(range)"] = .group([
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
