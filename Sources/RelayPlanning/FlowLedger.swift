import NATRules
public import WireFormat

/// A kernel flow and the relay port its packets arrive on.
public struct PortFlow: Sendable, Hashable {
    /// The port that the flow's packets are addressed to.
    public var port: RelayPortID
    /// The flow.
    public var flow: KernelFlow

    /// A flow and the port it belongs to.
    public init(port: RelayPortID, flow: KernelFlow) {
        self.port = port
        self.flow = flow
    }
}

/// What the kernel has to be told after something changed; removals come first.
public struct FlowChanges: Sendable, Hashable {
    /// Flows to take out.
    public var removals: [PortFlow] = []
    /// Flows to put in.
    public var installs: [PortFlow] = []

    /// No change.
    public init() {}

    /// True if the kernel need not be bothered.
    public var isEmpty: Bool { self.removals.isEmpty && self.installs.isEmpty }

    /// Adds what a later step wants, so that the kernel is told only the difference.
    ///
    /// A flow that a later step takes out again is never put in, and one that comes back the same is not touched.
    public mutating func append(_ later: FlowChanges) {
        for removal in later.removals {
            if let index = self.installs.firstIndex(of: removal) {
                self.installs.remove(at: index)
            } else {
                self.removals.append(removal)
            }
        }
        for install in later.installs {
            if let index = self.removals.firstIndex(of: install) {
                self.removals.remove(at: index)
            } else {
                self.installs.append(install)
            }
        }
    }
}

/// Keeps for every relay port its plan, what was learnt and the flow installed for it, and says what must change.
///
/// Pure book-keeping: the driver performs the changes on the kernel and reports refusals back. A flow counts as
/// installed from the moment it is asked for, so that the next change always takes out what may be there.
public struct FlowLedger: Sendable {
    private struct Entry {
        var plan: PortPlan
        var learnt: TransportAddress?
        var isSettled = false
        var installed: KernelFlow?
        var refused: KernelFlow?

        var settled: TransportAddress? {
            if self.plan.learning.mode == .off { return self.plan.isPublished ? self.plan.signalled : nil }
            return self.isSettled ? self.learnt : nil
        }
    }

    private var entries: [RelayPortID: Entry] = [:]
    /// How many flows ought to be in the kernel now.
    public private(set) var installedCount = 0
    /// How many ports know where their party sends from: one direction of a stream each, whatever its path.
    public private(set) var heardCount = 0
    /// The ports whose sink a port is, also while that port itself is not configured yet.
    private var feeders: [RelayPortID: Set<RelayPortID>] = [:]
    private var kernel: KernelPathState

    /// An empty ledger for a kernel path in the given state.
    public init(kernel: KernelPathState) {
        self.kernel = kernel
    }

    /// Takes a new or changed plan.
    public mutating func configure(_ plan: PortPlan) -> FlowChanges {
        let old = self.entries[plan.id]
        var entry = old ?? Entry(plan: plan)
        if entry.plan.learningEpoch != plan.learningEpoch {
            entry.isSettled = false
            self.heardCount -= entry.learnt == nil ? 0 : 1
            entry.learnt = nil
        }
        entry.plan = plan
        self.entries[plan.id] = entry
        if old?.plan.sink != plan.sink {
            self.unlink(plan.id, from: old?.plan.sink)
            if let sink = plan.sink { self.feeders[sink, default: []].insert(plan.id) }
        }
        return self.reconsider(plan.id)
    }

    /// Takes what the userspace forwarder learnt; news of an older epoch are ignored.
    public mutating func learnt(
        _ id: RelayPortID, address: TransportAddress, isSettled: Bool, epoch: UInt32
    ) -> FlowChanges {
        guard let entry = self.entries[id], entry.plan.learningEpoch == epoch else { return FlowChanges() }
        self.heardCount += entry.learnt == nil ? 1 : 0
        self.entries[id]?.learnt = address
        self.entries[id]?.isSettled = isSettled
        return self.reconsider(id)
    }

    /// Forgets a port; what it fed or was fed by falls back to userspace.
    public mutating func close(_ id: RelayPortID) -> FlowChanges {
        guard let entry = self.entries.removeValue(forKey: id) else { return FlowChanges() }
        self.unlink(id, from: entry.plan.sink)
        self.heardCount -= entry.learnt == nil ? 0 : 1
        self.installedCount -= entry.installed == nil ? 0 : 1
        var changes = FlowChanges()
        if let flow = entry.installed { changes.removals.append(PortFlow(port: id, flow: flow)) }
        for feeder in (self.feeders[id] ?? []).sorted() { self.evaluate(feeder, into: &changes) }
        return changes
    }

    /// Notes that the kernel did not take a flow; it stays in userspace until its ends change or a retry.
    public mutating func refuse(_ refusal: PortFlow) {
        guard self.entries[refusal.port]?.installed == refusal.flow else { return }
        self.entries[refusal.port]?.installed = nil
        self.installedCount -= 1
        self.entries[refusal.port]?.refused = refusal.flow
    }

    /// Forgets all refusals and asks for those flows once more.
    public mutating func retryRefused() -> FlowChanges {
        var changes = FlowChanges()
        for id in self.entries.filter({ $0.value.refused != nil }).keys.sorted() {
            self.entries[id]?.refused = nil
            self.evaluate(id, into: &changes)
        }
        return changes
    }

    /// Takes a new state of the kernel path and says what must change because of it.
    public mutating func kernelPathChanged(to state: KernelPathState) -> FlowChanges {
        self.kernel = state
        var changes = FlowChanges()
        for id in self.entries.keys.sorted() { self.evaluate(id, into: &changes) }
        return changes
    }

    /// Every flow that ought to be in the kernel now.
    public var installed: [PortFlow] {
        self.entries.values.compactMap { entry in
            entry.installed.map { PortFlow(port: entry.plan.id, flow: $0) }
        }
    }

    /// The flow that is installed for what arrives on a port.
    public func installedFlow(of id: RelayPortID) -> KernelFlow? { self.entries[id]?.installed }

    /// The ports whose packets leave by a port.
    public func feeders(of id: RelayPortID) -> Set<RelayPortID> { self.feeders[id] ?? [] }

    /// The address last learnt for the party behind a port, else the signalled one, and whether it is settled.
    public func remoteAddress(of id: RelayPortID) -> (address: TransportAddress, isSettled: Bool)? {
        guard let entry = self.entries[id] else { return nil }
        if let settled = entry.settled { return (settled, true) }
        return (entry.learnt ?? entry.plan.signalled).map { ($0, false) }
    }

    /// The path that what arrives on a port takes now, with the reasons if it is userspace.
    public func path(of id: RelayPortID) -> ForwardingPath {
        guard let entry = self.entries[id] else { return .userspace(because: .noPeer) }
        let path = self.wantedPath(of: entry)
        if case .kernel(let flow) = path, entry.refused == flow {
            return .userspace(because: .kernelRefused)
        }
        return path
    }

    // MARK: - Deciding

    private mutating func unlink(_ feeder: RelayPortID, from sink: RelayPortID?) {
        guard let sink else { return }
        self.feeders[sink]?.remove(feeder)
        if self.feeders[sink]?.isEmpty == true { self.feeders[sink] = nil }
    }

    private mutating func reconsider(_ id: RelayPortID) -> FlowChanges {
        var changes = FlowChanges()
        self.evaluate(id, into: &changes)
        for feeder in (self.feeders[id] ?? []).sorted() where feeder != id {
            self.evaluate(feeder, into: &changes)
        }
        return changes
    }

    private mutating func evaluate(_ id: RelayPortID, into changes: inout FlowChanges) {
        guard let entry = self.entries[id] else { return }
        var wanted: KernelFlow?
        if case .kernel(let flow) = self.wantedPath(of: entry), flow != entry.refused { wanted = flow }
        guard wanted != entry.installed else { return }
        if let flow = entry.installed { changes.removals.append(PortFlow(port: id, flow: flow)) }
        if let flow = wanted { changes.installs.append(PortFlow(port: id, flow: flow)) }
        self.entries[id]?.installed = wanted
        self.installedCount += (wanted == nil ? 0 : 1) - (entry.installed == nil ? 0 : 1)
        if wanted != nil { self.entries[id]?.refused = nil }
    }

    private func wantedPath(of entry: Entry) -> ForwardingPath {
        let sink = entry.plan.sink.flatMap { self.entries[$0] }
        return forwardingPath(
            from: PortFacts(plan: entry.plan, settled: entry.settled),
            to: sink.map { PortFacts(plan: $0.plan, settled: $0.settled) }, kernel: self.kernel)
    }
}
