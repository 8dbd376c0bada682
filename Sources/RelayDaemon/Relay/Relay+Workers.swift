import NIOConcurrencyHelpers
import NIOCore
import RelayPlanning
import UserspaceForwarding

/// When the workers are woken. A wake-up, with the switch to another thread and back, costs about a tenth of a call's
/// set-up, so commands that can wait for each other share one.
extension Relay {
    /// How long commands may wait that nothing depends on yet: a port that was opened has a socket that queues, and one
    /// that closes may relay a little longer.
    private static var patience: TimeAmount { .milliseconds(1) }

    /// From now on the workers' commands wait: for ``hurryWorkers()``, or for a millisecond.
    func holdWorkers() {
        guard self.heldWorkers == nil else { return }
        self.userspace.holdCommands()
        let relay = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.heldWorkers = self.eventLoop.scheduleTask(in: Self.patience) { relay.value.releaseWorkers() }
    }

    /// Lets the workers begin as soon as the replies of this turn of the event loop are out.
    func hurryWorkers() {
        guard let held = self.heldWorkers else { return }
        held.cancel()
        let relay = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.eventLoop.execute { relay.value.releaseWorkers() }
    }

    private func releaseWorkers() {
        self.heldWorkers = nil
        self.userspace.releaseCommands()
    }

    /// Lets the numbers of ports that the workers have closed be used again.
    func collectClosedPorts() {
        for id in self.closedPorts.take() { self.ports.closed(id) }
    }
}

/// Ports that workers have closed; collected when ports are next of interest, because nobody waits for them.
final class ClosedPorts: Sendable {
    private let ids = NIOLockedValueBox<[RelayPortID]>([])

    /// Adds one; on any thread.
    func add(_ id: RelayPortID) { self.ids.withLockedValue { $0.append(id) } }

    /// Takes all of them.
    func take() -> [RelayPortID] {
        self.ids.withLockedValue { ids in
            guard !ids.isEmpty else { return [] }
            defer { ids.removeAll(keepingCapacity: true) }
            return Array(ids)
        }
    }
}
