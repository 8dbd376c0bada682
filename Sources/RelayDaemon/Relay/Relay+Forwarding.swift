import CallControl
import Logging
import NIOCore
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// Carrying out what the calls decided, on both paths.
extension Relay {
    /// Performs a command's actions: flows leave the kernel first, then the workers learn the plans, then flows enter.
    func perform(_ actions: [RelayAction], of call: String? = nil) {
        var changes = FlowChanges()
        for action in actions {
            switch action {
            case .configure(let plan):
                if let call { self.callOfPort[plan.id] = call }
                changes.append(self.ledger.configure(plan))
            case .close(let id):
                changes.append(self.ledger.close(id))
            case .setClockRates:
                break
            }
        }
        self.takeOut(changes.removals)
        self.configureUserspace(actions, of: call)
        self.putIn(changes.installs)
    }

    /// Takes the workers' news, in their order.
    func receive(_ events: [RelayEvent]) {
        var changes = FlowChanges()
        for event in events {
            switch event {
            case .learnt(let id, let address, let isSettled, let epoch):
                self.logLearning(of: id, address: address, isSettled: isSettled)
                changes.append(self.ledger.learnt(id, address: address, isSettled: isSettled, epoch: epoch))
            }
        }
        self.apply(changes)
    }

    /// Flows the kernel refused are asked for again after a while: a full conntrack table empties.
    func retryRefusedFlows(at now: MonotonicTime) {
        let last = self.refusedFlowsRetriedAt ?? self.started.monotonic
        guard now.seconds(since: last) >= Self.refusalRetrySeconds else { return }
        self.refusedFlowsRetriedAt = now
        self.apply(self.ledger.retryRefused())
    }

    private static var refusalRetrySeconds: Double { 15 }

    /// Tells the kernel a difference that no plan caused.
    func apply(_ changes: FlowChanges) {
        self.takeOut(changes.removals)
        self.putIn(changes.installs)
    }

    /// Ends what is left of a call: its actions, and a line for the operator.
    func finish(_ ended: EndedCall) {
        let logger = self.logger(for: ended.id)
        // Before the ports close: the workers answer in the order of the commands.
        self.account(for: ended)
        self.controllers[ended.id] = nil
        self.perform(ended.actions)
        logger.info("call ended: \(ended.reason.rawValue) after \(Int(ended.durationSeconds.rounded())) s")
    }

    // MARK: - Userspace

    /// New ports first, then all changed plans at once, so that no packet sees half of a change; closings last.
    private func configureUserspace(_ actions: [RelayAction], of call: String?) {
        var updates: [PortPlan] = []
        for case .configure(let plan) in actions where !self.openUserspace(plan) { updates.append(plan) }
        if !updates.isEmpty { self.hurryWorkers() }
        do {
            try self.userspace.update(updates)
        } catch {
            self.logLimited(
                "plans", as: .error, call: call, "plans of \(updates.count) ports were not taken: \(error)")
        }
        for case .setClockRates(let id, let rates) in actions {
            try? self.userspace.setClockRates(rates, on: id)
        }
        for case .close(let id) in actions { self.closeUserspace(id) }
    }

    /// Opens a port that no worker has yet; false if one has.
    private func openUserspace(_ plan: PortPlan) -> Bool {
        guard let socket = self.ports.takeSocket(of: plan.id) else { return false }
        let call = self.callOfPort[plan.id] ?? ""
        do {
            try self.userspace.open(plan, socket: socket, worker: self.worker(for: call))
        } catch {
            self.logLimited("not served", as: .error, call: call, "\(plan.local) is not served: \(error)")
        }
        return true
    }

    /// All ports of a call share a worker, which may send from any of them.
    private func worker(for call: String) -> Int {
        Int(UInt(bitPattern: call.hashValue) % UInt(max(1, self.userspace.workerCount)))
    }

    private func closeUserspace(_ id: RelayPortID) {
        self.observeInterface(of: id)
        self.interfaceTraffic.forget(id)
        self.callOfPort[id] = nil
        self.kernelTraffic.forget(id)
        let closedPorts = self.closedPorts
        do {
            try self.userspace.close(id) { closedPorts.add(id) }
        } catch {
            // Not open in any worker: a reservation that never got that far.
            _ = self.ports.takeSocket(of: id)
            self.ports.closed(id)
        }
    }

    // MARK: - Kernel

    private func takeOut(_ removals: [PortFlow]) {
        guard !removals.isEmpty else { return }
        let counters = self.kernel.remove(removals.map(\.flow))
        let now = self.clock.now.monotonic
        for (removal, counted) in zip(removals, counters) {
            self.setRTPInKernel(false, on: removal.port)
            self.kernelTraffic.retire(
                removal.port, sink: self.ports.id(at: removal.flow.relay), counters: counted, at: now)
        }
    }

    private func putIn(_ installs: [PortFlow]) {
        guard !installs.isEmpty else { return }
        let refusals = self.kernel.install(installs.map { ($0.flow, self.comment(for: $0.port)) })
        for refusal in refusals { self.ledger.refuse(installs[refusal.index]) }
        self.totals.kernelRefusals &+= UInt64(refusals.count)
        if let first = refusals.first {
            self.logLimited(
                "kernel refusal", call: self.callOfPort[installs[first.index].port],
                "the kernel refused \(refusals.count) of \(installs.count) flows, they stay in userspace: \(first.failure)"
            )
        }
        let refused = Set(refusals.map(\.index))
        for (index, install) in installs.enumerated() where !refused.contains(index) {
            self.setRTPInKernel(true, on: install.port)
            self.logger(for: self.callOfPort[install.port] ?? "").debug(
                "in the kernel: \(install.flow.source) -> \(install.flow.local) => \(install.flow.relay) -> \(install.flow.destination)"
            )
        }
    }

    /// Sequence numbers that pass in the kernel are no losses; a port that closes meanwhile needs no telling.
    private func setRTPInKernel(_ isInKernel: Bool, on port: RelayPortID) {
        try? self.userspace.setRTPInKernel(isInKernel, on: [port])
    }

    /// `CALL-ID/MEDIA/TAG`, what `nft list map` shows beside a flow.
    func comment(for port: RelayPortID) -> String {
        guard let call = self.callOfPort[port] else { return "" }
        guard let owner = self.calls.owner(of: port, in: call) else { return call }
        return "\(call)/\(owner.mediaIndex + 1)/\(owner.tag ?? "")"
    }

    private func logLearning(of id: RelayPortID, address: TransportAddress, isSettled: Bool) {
        guard let call = self.callOfPort[id] else { return }
        self.logger(for: call).debug("\(id) \(isSettled ? "settled on" : "follows") \(address)")
    }
}
