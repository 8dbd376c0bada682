internal import RTPPackets
internal import RelayPlanning

/// What the control side asks of a worker.
enum WorkerCommand: Sendable {
    /// Begin with a port; the descriptor is the worker's from now on.
    case open(PortPlan, descriptor: Int32, quality: QualityTracker)
    /// Take a new plan for an open port.
    case update(PortPlan)
    /// End with a port, and say when its socket is closed.
    case close(RelayPortID, completion: (@Sendable () -> Void)?)
    /// Take the clock rates of an open port.
    case setClockRates(RelayPortID, ClockRates)
    /// RTP of a port goes by the kernel from now on, or comes this way again.
    case setRTPInKernel(RelayPortID, Bool)
    /// Report what is known of the sources heard on some ports.
    case quality([RelayPortID], completion: @Sendable ([RelayPortID: [SSRCQuality]]) -> Void)
    /// Say that all that was asked before is done.
    case notify(@Sendable () -> Void)
    /// Send open ports to the worker with this mailbox.
    case depart([RelayPortID], to: Mailbox)
    /// Another worker is to send these ports: what is said of them from now on is meant for when they are here.
    case expect([RelayPortID])
    /// Go on with ports of another worker, which was to send those named; some of them may not have been open.
    case arrive([RelayPortID], [MovedPort])
    /// Close everything and end.
    case stop
}

extension WorkerCommand {
    /// Calls `body` with every port that has to be here before this can be performed.
    func forEachPort(_ body: (RelayPortID) -> Void) {
        switch self {
        case .open(let plan, _, _), .update(let plan):
            body(plan.id)
            for id in plan.sinks { body(id) }
        case .close(let id, _), .setClockRates(let id, _), .setRTPInKernel(let id, _):
            body(id)
        case .quality(let ids, _), .depart(let ids, _), .expect(let ids):
            for id in ids { body(id) }
        case .notify, .arrive, .stop:
            break
        }
    }

    /// True if nothing that was asked before may be left undone when this is performed.
    var waitsForAll: Bool { if case .notify = self { true } else { false } }
}

extension PortPlan {
    /// The ports by which what arrives here, or copies of it, may leave; they have to be on the same worker.
    var sinks: [RelayPortID] {
        [self.sink, self.rtcpSink, self.firstCopy, self.nextCopy, self.rtcpPort].compactMap { $0 }
    }
}
