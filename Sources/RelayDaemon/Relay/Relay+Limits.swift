import CallControl
import ControlVocabulary
import Logging
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// What keeps new calls away: limits and draining. All of it can be changed while the daemon runs.
extension Relay {
    /// The most calls at a time; nil for no limit, 0 for none new.
    func setMaxSessions(_ limit: Int?) {
        self.calls.settings.maxSessions = limit
    }

    /// From which load on no new calls are taken.
    func setLoadLimits(_ limits: LoadLimits) {
        self.calls.settings.loadLimits = limits
        self.kernel.readsOften = limits.bytesPerSecond != nil
        if limits.isEmpty {
            self.calls.load = LoadSample()
            self.loadMeters = nil
        } else {
            self.measureLoad(at: self.clock.now.monotonic)
        }
    }

    /// Takes no new calls until ``undrain()``; those that are there go on.
    func drain() {
        guard !self.calls.isDraining else { return }
        self.calls.isDraining = true
        self.logger.notice("draining: no new calls, \(self.calls.count) go on")
    }

    /// Takes new calls again.
    func undrain() {
        guard self.calls.isDraining else { return }
        self.calls.isDraining = false
        self.logger.notice("no longer draining: new calls are welcome")
    }

    /// One line about what the relay is doing, for `systemctl status`.
    var statusLine: String {
        let calls = self.calls.count
        let flows = self.ledger.installedCount
        return (self.calls.isDraining ? "draining, " : "") + "\(calls) calls, \(flows) flows in the kernel"
    }

    /// Looks at the host's load and at the bandwidth, if a limit asks for them. Called once a second.
    func measureLoad(at now: MonotonicTime) {
        guard !self.calls.settings.loadLimits.isEmpty else { return }
        var meters = self.loadMeters ?? LoadMeters()
        var sample = meters.host.sample(at: now)
        meters.userspace.observe(self.workerTotals().received.bytes, at: now)
        meters.kernel.observe(self.kernelTraffic.forwarded.bytes, at: now)
        if meters.userspace.perSecond != nil || meters.kernel.perSecond != nil {
            let both = (meters.userspace.perSecond ?? 0) + (meters.kernel.perSecond ?? 0)
            sample.bytesPerSecond = UInt64(max(0, min(both, 1e18)))
        }
        self.loadMeters = meters
        self.calls.load = sample
    }

    /// What was measured, for `stats`; nothing without a limit.
    func loadTotals() -> [String: StatisticValue] {
        let load = self.calls.load
        var totals: [String: StatisticValue] = [:]
        if let average = load.loadAverage { totals["average"] = .number(average) }
        if let percent = load.cpuPercent { totals["cpuPercent"] = .number((percent * 10).rounded() / 10) }
        if let bytes = load.bytesPerSecond {
            totals["receivedBytesPerSecond"] = .integer(Int64(clamping: bytes))
        }
        return totals
    }
}

/// What measures load, from one second to the next.
struct LoadMeters {
    var host = HostLoad()
    var userspace = RateMeter()
    var kernel = RateMeter()
}
