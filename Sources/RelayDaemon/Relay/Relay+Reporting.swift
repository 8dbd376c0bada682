import CallControl
import ControlProtocols
import NIOCore
import RTPPackets
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// Sums over the life of the daemon: kept along, and put together when somebody asks.
extension Relay {
    /// Everything there is to say about the daemon as a whole.
    func daemonStatistics() -> DaemonStatistics {
        var statistics = DaemonStatistics()
        let now = self.clock.now.monotonic
        statistics.uptimeSeconds = now.seconds(since: self.started.monotonic)
        statistics.sessions = self.calls.count
        statistics.kernelStreams = self.ledger.installedCount
        statistics.userspaceStreams = max(0, self.ledger.heardCount - self.ledger.installedCount)
        statistics.calls = self.calls.totals
        statistics.totals = self.totals
        statistics.requests = self.requests
        statistics.rates = self.rates
        let workers = self.workerTotals()
        statistics.userspace = DaemonStatistics.Path(
            packets: workers.sent.packets, bytes: workers.sent.bytes, errors: workers.drops.total)
        statistics.kernel = DaemonStatistics.Path(
            packets: self.kernelTraffic.forwarded.packets, bytes: self.kernelTraffic.forwarded.bytes)
        statistics.drops = workers.drops
        statistics.bufferShortages = workers.bufferShortages
        statistics.receiveErrors = workers.receiveErrors
        statistics.openPorts = self.ports.openCount
        statistics.workers = self.userspace.workerCount
        statistics.engine = self.userspace.engine.rawValue
        statistics.kernelPathWorks = self.kernel.state.obstacles.isEmpty
        statistics.omittedLogLines = self.omittedLines
        statistics.lostLogMessages = self.lostLines()
        statistics.maxSessions = self.calls.settings.maxSessions
        statistics.recordings = self.recording.recorder.map { ($0.totals, $0.tap.lostPackets) }
        statistics.interfaces = self.interfaceStatistics()
        return statistics
    }

    private func interfaceStatistics() -> [DaemonStatistics.Interface] {
        self.calls.settings.interfaces.flatMap { interface in
            interface.addresses.compactMap { address in
                guard let usage = self.ports.usage(of: address) else { return nil }
                return DaemonStatistics.Interface(
                    name: interface.name, address: address.local,
                    range: address.ports ?? self.ports.range, usedPorts: usage.used * 2,
                    freePorts: usage.free * 2,
                    traffic: self.interfaceTraffic.byAddress[address.local] ?? InterfaceTraffic.Totals(),
                    quality: self.totals.qualityByAddress[address.local] ?? QualityTotals())
            }
        }
    }

    /// The sums of all workers.
    func workerTotals() -> WorkerTotals {
        var sum = WorkerTotals()
        for worker in 0..<self.userspace.workerCount {
            let totals = self.userspace.totals(ofWorker: worker)
            sum.received += totals.received
            sum.sent += totals.sent
            sum.drops += totals.drops
            sum.bufferShortages &+= totals.bufferShortages
            sum.receiveErrors &+= totals.receiveErrors
        }
        return sum
    }

    /// Once a second.
    func measureRates(at now: MonotonicTime) {
        let workers = self.workerTotals()
        self.rates.measure(
            userspace: workers.sent, errors: workers.drops.total, kernel: self.kernelTraffic.forwarded,
            at: now)
        for id in self.interfaceTraffic.nextPorts(of: { Array(self.callOfPort.keys) }) {
            self.observeInterface(of: id)
        }
        // A call that went under another name than it came leaves its name here.
        if self.controllers.count > self.calls.count + Self.namesLeftBehind {
            self.controllers = self.controllers.filter { self.calls.contains($0.key) }
        }
    }

    private static var namesLeftBehind: Int { 256 }

    /// Adds what a port counted since it was last looked at to the sums of its address.
    func observeInterface(of id: RelayPortID) {
        guard self.callOfPort[id] != nil, let local = self.ports.local(of: id) else { return }
        let user = self.userspace.statistics(of: id)
        let kernel = self.kernelTraffic.totals(of: id)
        let arriving = self.kernelTraffic.lastReading[id] ?? TrafficCounters()
        let leaving = self.ledger.feeders(of: id).compactMap { self.kernelTraffic.lastReading[$0] }
            .reduce(TrafficCounters(), +)
        self.interfaceTraffic.observe(
            id, at: local.address,
            InterfaceTraffic.Totals(
                received: user.received + kernel.received + arriving,
                sent: user.sent + kernel.sent + leaving, receiveErrors: user.drops.total,
                sendErrors: user.sendErrors))
    }

    /// Counts a call that has ended; its ports are still open. What the workers knew of its sources goes to `done`.
    func account(for ended: EndedCall, done: @escaping ([RelayPortID: [SSRCQuality]]) -> Void = { _ in }) {
        self.totals.durations.add(ended.durationSeconds)
        let report = ended.report
        self.totals.countDirections(of: report) { self.userspace.arrivals(on: $0).packets }
        var locals: [RelayPortID: IPAddress] = [:]
        for port in report.parties.flatMap({ $0.media.flatMap(\.ports) })
        where self.userspace.arrivals(on: port.plan.id).packets > 0 {
            locals[port.plan.id] = port.plan.local.address
        }
        // At the daemon's end no worker is left to wait for.
        guard !locals.isEmpty, ended.reason != .shutdown else { return done([:]) }
        // What RTCP reported is known to the port's worker only, and gone with the port.
        let relay = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.quality(of: Array(locals.keys)) { quality in
            for (id, sources) in quality {
                if let local = locals[id] { relay.value.totals.add(sources, at: local) }
            }
            done(quality)
        }
    }

    /// Counts a command when its reply is ready, and how long that took.
    func timing(
        _ command: NGCommand, from peer: String, _ answer: @escaping (NGReply) -> Void
    ) -> (NGReply) -> Void {
        let begun = self.clock.now.monotonic
        return { reply in
            let isError = reply.dictionary["result"] == "error"
            self.requests.note(
                command, from: peer, seconds: self.clock.now.monotonic.seconds(since: begun),
                isError: isError)
            answer(reply)
        }
    }
}
