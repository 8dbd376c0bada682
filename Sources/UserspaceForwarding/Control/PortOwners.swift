internal import RelayPlanning
internal import Synchronization

/// Which worker has which port, as the control side sees it.
final class PortOwners: Sendable {
    private enum Owner: Equatable {
        case nobody
        case worker(UInt8)
        /// Being closed by this worker.
        case closing(UInt8)
    }

    private let owners: Mutex<[Owner]>
    let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        self.owners = Mutex(Array(repeating: .nobody, count: capacity))
    }

    /// Gives a free port to a worker.
    func take(_ plan: PortPlan, worker: Int) throws(ForwarderError) {
        let index = Int(plan.id.index)
        guard index < self.capacity else { throw .identifierTooLarge(plan.id) }
        try self.owners.withLock { owners throws(ForwarderError) in
            guard owners[index] == .nobody else { throw .stillInUse(plan.id) }
            try Self.checkSinks(of: plan, worker: UInt8(worker), owners)
            owners[index] = .worker(UInt8(worker))
        }
    }

    /// The worker of an open port, whose sinks the plan may name.
    func worker(for plan: PortPlan) throws(ForwarderError) -> Int {
        let worker = try self.worker(of: plan.id)
        try self.owners.withLock { owners throws(ForwarderError) in
            try Self.checkSinks(of: plan, worker: UInt8(worker), owners)
        }
        return worker
    }

    /// The worker of an open port.
    func worker(of id: RelayPortID) throws(ForwarderError) -> Int {
        let index = Int(id.index)
        guard index < self.capacity else { throw .identifierTooLarge(id) }
        let owner = self.owners.withLock { $0[index] }
        guard case .worker(let worker) = owner else { throw .notOpen(id) }
        return Int(worker)
    }

    /// Gives open ports to a worker, all or none; returns those that were another's, by worker.
    func move(_ ids: [RelayPortID], to worker: Int) throws(ForwarderError) -> [Int: [RelayPortID]] {
        try self.owners.withLock { owners throws(ForwarderError) in
            var moving: [Int: [RelayPortID]] = [:]
            for id in Set(ids) {
                guard Int(id.index) < owners.count else { throw .identifierTooLarge(id) }
                guard case .worker(let owner) = owners[Int(id.index)] else { throw .notOpen(id) }
                if owner != worker { moving[Int(owner), default: []].append(id) }
            }
            for id in moving.values.joined() { owners[Int(id.index)] = .worker(UInt8(worker)) }
            return moving
        }
    }

    /// Marks an open port as closing; returns its worker.
    func beginClosing(_ id: RelayPortID) throws(ForwarderError) -> Int {
        let index = Int(id.index)
        guard index < self.capacity else { throw .identifierTooLarge(id) }
        return try self.owners.withLock { owners throws(ForwarderError) in
            guard case .worker(let worker) = owners[index] else { throw .notOpen(id) }
            owners[index] = .closing(worker)
            return Int(worker)
        }
    }

    /// Frees a port.
    func release(_ id: RelayPortID) { self.owners.withLock { $0[Int(id.index)] = .nobody } }

    private static func checkSinks(
        of plan: PortPlan, worker: UInt8, _ owners: [Owner]
    ) throws(ForwarderError) {
        for sink in plan.sinks {
            guard sink.index < owners.count else { throw .identifierTooLarge(sink) }
            guard case .worker(let other) = owners[Int(sink.index)], other != worker else { continue }
            throw .sinkOnAnotherWorker(sink)
        }
    }
}
