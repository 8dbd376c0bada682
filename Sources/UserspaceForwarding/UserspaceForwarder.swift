internal import CLinux
public import RTPPackets
public import RelayPlanning
internal import Synchronization
public import WireFormat

/// Relays datagrams between relay ports in userspace: worker threads with an io_uring or an epoll set each.
///
/// Every method may be called from any thread. Plans take effect in the order of the calls, shortly after them; a
/// worker is woken at once, so "shortly" is well below a millisecond. All ports of one call belong to one worker,
/// because a worker sends by its own sockets only.
///
/// Closures given to it run on worker threads: they must not block.
public final class UserspaceForwarder: Sendable {
    private let workers: [RunningWorker]
    private let owners: PortOwners
    private let counters: PortCounterTable
    private let scoring: QualityScoring
    /// Held while a command is given, from looking up the worker until the worker has it: no port moves in between.
    private let order = Mutex<Void>(())
    /// Outlives the workers, which write into it.
    private let recording: RecordingTap?

    /// Starts the workers.
    ///
    /// - Parameters:
    ///   - configuration: sizes; see there.
    ///   - recording: where copies go of packets on ports that are recorded, with a place for each worker.
    ///   - onEvents: told of learnt addresses, once for each batch of packets that brought news.
    /// - Throws: `EPERM` or `ENOSYS` if io_uring was asked for and is forbidden or missing, and whatever else kept a
    ///   worker from starting.
    public init(
        configuration: ForwarderConfiguration = ForwarderConfiguration(), recording: RecordingTap? = nil,
        onEvents: @escaping @Sendable ([RelayEvent]) -> Void
    ) throws(SystemError) {
        let capacity = Self.effectivePorts(configuration)
        self.owners = PortOwners(capacity: capacity)
        self.counters = PortCounterTable(capacity: capacity)
        self.scoring = configuration.qualityScoring
        self.recording = recording
        let start = WorkerStart(
            sizes: Self.sizes(configuration, ports: capacity),
            gatheringNanoseconds: UInt64(min(max(0, configuration.gatheringMicroseconds), 10_000)) * 1000,
            counters: self.counters, recording: recording, onEvents: onEvents)
        let count = min(max(1, configuration.workers), ForwarderConfiguration.maximumWorkers)
        let pins = configuration.pinsThreads
        switch configuration.engine {
        case .ioUring:
            if let obstacle = RingProbe.obstacle() { throw obstacle }
            self.workers = try start.workers(count, on: .ioUring, pinned: pins)
            (self.engine, self.ioUringObstacle) = (.ioUring, nil)
        case .epoll:
            self.workers = try start.workers(count, on: .epoll, pinned: pins)
            (self.engine, self.ioUringObstacle) = (.epoll, nil)
        case .automatic:
            (self.workers, self.ioUringObstacle) = try start.workersOnBestEngine(count, pinned: pins)
            self.engine = self.ioUringObstacle == nil ? .ioUring : .epoll
        }
    }

    deinit { self.stop() }

    /// How the workers receive and send.
    public let engine: EngineName

    /// Why they do not use io_uring although the choice was theirs; nil if they do, or were told what to use.
    public let ioUringObstacle: SystemError?

    /// Identifiers of relay ports are below this number.
    public var maximumPorts: Int { self.counters.capacity }

    /// How many workers there are.
    public var workerCount: Int { self.workers.count }

    // MARK: Ports

    /// Begins to relay on a port. The socket is the forwarder's from now on, also if this throws.
    ///
    /// - Parameters:
    ///   - plan: what to do on it.
    ///   - socket: bound to `plan.local`.
    ///   - worker: which worker gets the port: below ``workerCount``, the same for all ports of one call.
    /// - Throws: if the identifier is in use or too large, or a sink is served by another worker.
    public func open(
        _ plan: PortPlan, socket: consuming RelaySocket, worker: Int
    ) throws(ForwarderError) {
        guard worker >= 0, worker < self.workers.count else { throw .noSuchWorker(worker) }
        let descriptor = socket.takeDescriptor()
        do throws(ForwarderError) {
            try self.order.withLock { _ throws(ForwarderError) in
                try self.open(plan, descriptor: descriptor, worker: worker)
            }
        } catch {
            crosspoint_close(descriptor)
            throw error
        }
    }

    private func open(_ plan: PortPlan, descriptor: Int32, worker: Int) throws(ForwarderError) {
        try self.owners.take(plan, worker: worker)
        self.counters.counters(of: Int(plan.id.index)).reset()
        let command = WorkerCommand.open(plan, descriptor: descriptor, scoring: self.scoring)
        guard self.workers[worker].mailbox.post([command]) else {
            self.owners.release(plan.id)
            throw .stopped
        }
    }

    /// Replaces the plan of an open port.
    ///
    /// What was learnt stays, unless the epoch, the signalled address or the learning policy changed or the port
    /// becomes published only now. The local address of an open port cannot change.
    public func update(_ plan: PortPlan) throws(ForwarderError) { try self.update([plan]) }

    /// Replaces the plans of several open ports of one worker at once: no packet sees only some of them.
    public func update(_ plans: [PortPlan]) throws(ForwarderError) {
        try self.order.withLock { _ throws(ForwarderError) in
            var commands: [Int: [WorkerCommand]] = [:]
            for plan in plans {
                commands[try self.owners.worker(for: plan), default: []].append(.update(plan))
            }
            try self.post(commands)
        }
    }

    /// Names the clock rates of the payload types that arrive on a port, the first format's first; for jitter.
    public func setClockRates(_ rates: [PayloadClockRate], on id: RelayPortID) throws(ForwarderError) {
        try self.order.withLock { _ throws(ForwarderError) in
            try self.post([self.owners.worker(of: id): [.setClockRates(id, ClockRates(rates))]])
        }
    }

    /// Says that RTP arriving on these ports goes by the kernel from now on, or by userspace again: sequence numbers
    /// not seen meanwhile are no losses.
    public func setRTPInKernel(_ isInKernel: Bool, on ids: [RelayPortID]) throws(ForwarderError) {
        try self.order.withLock { _ throws(ForwarderError) in
            var commands: [Int: [WorkerCommand]] = [:]
            for id in ids {
                commands[try self.owners.worker(of: id), default: []].append(.setRTPInKernel(id, isInKernel))
            }
            try self.post(commands)
        }
    }

    /// Ends relaying on a port and closes its socket.
    ///
    /// - Parameters:
    ///   - id: an open port. Its statistics stay readable until the identifier is opened again.
    ///   - completion: called once the socket is closed: only then may the local port be bound or the identifier be
    ///     used again.
    /// - Throws: `notOpen` if it is not open, or closing already.
    public func close(
        _ id: RelayPortID, completion: (@Sendable () -> Void)? = nil
    ) throws(ForwarderError) {
        let owners = self.owners
        let done: @Sendable () -> Void = {
            owners.release(id)
            completion?()
        }
        let isPosted = try self.order.withLock { _ throws(ForwarderError) in
            let worker = try self.owners.beginClosing(id)
            return self.workers[worker].mailbox.post([.close(id, completion: done)])
        }
        // A stopped worker has closed every socket already.
        if !isPosted { done() }
    }

    /// Ends relaying on a port and returns once its socket is closed.
    public func close(_ id: RelayPortID) async throws(ForwarderError) {
        var failure: ForwarderError?
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            do throws(ForwarderError) {
                try self.close(id, completion: { continuation.resume() })
            } catch {
                failure = error
                continuation.resume()
            }
        }
        if let failure { throw failure }
    }

    /// The worker that has a port; nil if the port is not open.
    public func worker(of id: RelayPortID) -> Int? { try? self.owners.worker(of: id) }

    /// Makes another worker go on with open ports, for calls that become one.
    ///
    /// Sockets stay open, what was learnt and measured goes along, and what arrives meanwhile waits in the sockets: no
    /// datagram is lost or sent twice. Plans and other commands for these ports that follow are obeyed in their order
    /// once the ports are there, and may name any port of the new worker.
    ///
    /// - Parameters:
    ///   - ids: the ports; those that name each other as sinks must move together. Ports that the worker has stay.
    ///   - worker: below ``workerCount``.
    /// - Throws: if there is no such worker, or a port is not open; then none moves.
    public func move(_ ids: [RelayPortID], toWorker worker: Int) throws(ForwarderError) {
        guard worker >= 0, worker < self.workers.count else { throw .noSuchWorker(worker) }
        let target = self.workers[worker].mailbox
        try self.order.withLock { _ throws(ForwarderError) in
            let moving = try self.owners.move(ids, to: worker)
            guard !moving.isEmpty else { return }
            // The target knows before anything can arrive, and before anything more is said of these ports.
            guard target.post([.expect(Array(moving.values.joined()))]) else { throw .stopped }
            for (source, ids) in moving {
                guard self.workers[source].mailbox.post([.depart(ids, to: target)]) else { throw .stopped }
            }
        }
    }

    /// Keeps the workers asleep until ``releaseCommands()``: all commands given meanwhile cost each worker one wake-up.
    ///
    /// Holding does not nest, and whoever waits for a worker's answer must release first.
    public func holdCommands() {
        for worker in self.workers { worker.mailbox.hold() }
    }

    /// Lets the workers begin with what was commanded since ``holdCommands()``.
    public func releaseCommands() {
        for worker in self.workers { worker.mailbox.release() }
    }

    // MARK: Reading

    /// What was counted on a port since it was opened; may be read at any time, also after it was closed.
    public func statistics(of id: RelayPortID) -> PortStatistics {
        guard Int(id.index) < self.counters.capacity else { return PortStatistics() }
        return PortStatistics(self.counters.counters(of: Int(id.index)))
    }

    /// How many datagrams arrived on a port, and when the last one of its party: two of ``statistics(of:)``.
    public func arrivals(on id: RelayPortID) -> (packets: UInt64, last: MonotonicTime?) {
        guard Int(id.index) < self.counters.capacity else { return (0, nil) }
        let counters = self.counters.counters(of: Int(id.index))
        return (counters.load(.receivedPackets), counters.lastReceived)
    }

    /// What one worker did over all its ports.
    public func totals(ofWorker worker: Int) -> WorkerTotals {
        self.workers.indices.contains(worker) ? self.workers[worker].totals.load() : WorkerTotals()
    }

    /// What is known of the sources heard on the given ports. Ports that are not open are left out.
    public func quality(of ids: [RelayPortID]) async -> [RelayPortID: [SSRCQuality]] {
        await withCheckedContinuation { continuation in
            self.quality(of: ids) { continuation.resume(returning: $0) }
        }
    }

    /// The same without waiting: the question is asked before any command that follows.
    ///
    /// - Parameters:
    ///   - ids: the ports.
    ///   - completion: called once, on a worker thread, or at once if no worker has any of the ports.
    public func quality(
        of ids: [RelayPortID], completion: @escaping @Sendable ([RelayPortID: [SSRCQuality]]) -> Void
    ) {
        let gathering = self.order.withLock { _ in
            let groups = self.grouped(ids)
            let gathering = QualityGathering(answers: groups.count + 1, completion: completion)
            for (worker, ids) in groups {
                let command = WorkerCommand.quality(ids, completion: { gathering.add($0) })
                if !self.workers[worker].mailbox.post([command]) { gathering.add([:]) }
            }
            return gathering
        }
        // Only now, so that the completion may use the forwarder.
        gathering.add([:])
    }

    /// Stops the workers, closes every socket, and returns when that is done. Later calls of any method find the
    /// forwarder stopped.
    public func stop() { self.workers.stop() }

    // MARK: Parts

    /// Posts one command to a worker; false if there is no such worker or it has ended.
    func ask(_ worker: Int, _ command: WorkerCommand) -> Bool {
        self.workers.indices.contains(worker) && self.workers[worker].mailbox.post([command])
    }

    private func grouped(_ ids: [RelayPortID]) -> [Int: [RelayPortID]] {
        var groups: [Int: [RelayPortID]] = [:]
        for id in ids {
            if let worker = try? self.owners.worker(of: id) { groups[worker, default: []].append(id) }
        }
        return groups
    }

    private func post(_ commands: [Int: [WorkerCommand]]) throws(ForwarderError) {
        for (worker, commands) in commands {
            guard self.workers[worker].mailbox.post(commands) else { throw .stopped }
        }
    }

    /// The registered file table cannot have more slots than the process may have open files.
    private static func effectivePorts(_ configuration: ForwarderConfiguration) -> Int {
        let wanted = min(max(1, configuration.maximumPorts), PortTable.maximumPorts)
        let reserved = ForwarderConfiguration.reservedDescriptors
        let limit = crosspoint_raise_descriptor_limit(UInt64(wanted + reserved))
        return max(1, min(wanted, Int(clamping: limit) - reserved))
    }

    private static func sizes(_ configuration: ForwarderConfiguration, ports: Int) -> EngineSizes {
        let buffers = min(max(2, configuration.buffersPerWorker), 32768)
        let powerOfTwo = 1 << (Int.bitWidth - (buffers - 1).leadingZeroBitCount)
        return EngineSizes(
            buffers: powerOfTwo, payloadBytes: min(max(64, configuration.maximumPayloadBytes), 65535),
            ports: ports)
    }
}
