import RelayPlanning

/// Which flows are installed, and which of them share a conntrack entry.
///
/// One entry translates both directions of a stream. It has two tuples: what arrives from the source, and what arrives
/// from the destination. No two entries may share a tuple.
struct FlowLedger {
    private(set) var flows: [FlowEnds: KernelFlow] = [:]
    private var entries: [FlowEnds: KernelFlow] = [:]

    /// The flow that stands in the way of this one: the same key with another target, or an entry with a tuple in
    /// common that is not this stream's own.
    func conflict(with flow: KernelFlow) -> KernelFlow? {
        if let installed = self.flows[flow.ends] { return installed }
        for ends in [flow.ends, flow.reversed.ends] {
            if let entry = self.entries[ends], entry != flow, entry != flow.reversed { return entry }
        }
        return nil
    }

    func contains(_ flow: KernelFlow) -> Bool { self.flows[flow.ends] == flow }

    /// Adds a flow without conflicts; true if it needs a conntrack entry of its own.
    mutating func insert(_ flow: KernelFlow) -> Bool {
        self.flows[flow.ends] = flow
        guard self.entries[flow.ends] == nil else { return false }
        self.entries[flow.ends] = flow
        self.entries[flow.reversed.ends] = flow
        return true
    }

    /// Removes a flow; true if nothing uses its conntrack entry any more.
    mutating func remove(_ flow: KernelFlow) -> Bool {
        guard self.contains(flow) else { return false }
        self.flows[flow.ends] = nil
        guard self.flows[flow.reversed.ends] != flow.reversed else { return false }
        self.entries[flow.ends] = nil
        self.entries[flow.reversed.ends] = nil
        return true
    }

    mutating func removeAll() {
        self = FlowLedger()
    }
}
