import Glibc
import NATRules
import RelayPlanning
import Synchronization
import WireFormat

@testable import UserspaceForwarding

/// A forwarder with what its tests need: ports by number, and the events it told.
final class Bench: Sendable {
    let forwarder: UserspaceForwarder
    private let log: EventLog

    final class EventLog: Sendable {
        let events = Mutex<[RelayEvent]>([])
    }

    init(
        _ configuration: ForwarderConfiguration = ForwarderConfiguration(maximumPorts: 4096),
        engine: EngineChoice = .automatic
    ) throws {
        let log = EventLog()
        var configuration = configuration
        configuration.engine = engine
        self.log = log
        self.forwarder = try UserspaceForwarder(configuration: configuration) { events in
            log.events.withLock { $0 += events }
        }
    }

    deinit { self.forwarder.stop() }

    var events: [RelayEvent] { self.log.events.withLock { $0 } }

    /// Opens a relay port on loopback; returns its plan with the address it got.
    func open(
        _ index: UInt32, _ host: IPAddress = .loopback, worker: Int = 0,
        _ change: (inout PortPlan) -> Void = { _ in }
    ) throws -> PortPlan {
        let socket = try RelaySocket.open(local: TransportAddress(host, port: 0))
        var plan = PortPlan(id: RelayPortID(index), local: socket.local, component: .rtp)
        plan.isPublished = true
        change(&plan)
        try self.forwarder.open(plan, socket: socket, worker: worker)
        return plan
    }

    /// Opens a port for each of two parties, joined to each other.
    func join(
        _ caller: Party, _ callee: Party, first: UInt32 = 0, worker: Int = 0,
        _ change: (inout PortPlan) -> Void = { _ in }
    ) throws -> (PortPlan, PortPlan) {
        let one = try self.open(first, caller.address.address, worker: worker) {
            $0.signalled = caller.address
            $0.sink = RelayPortID(first + 1)
            change(&$0)
        }
        let other = try self.open(first + 1, callee.address.address, worker: worker) {
            $0.signalled = callee.address
            $0.sink = RelayPortID(first)
            change(&$0)
        }
        return (one, other)
    }

    /// Replaces a plan, and returns once the worker has it: its mailbox is read in order.
    func update(_ plan: PortPlan) async throws {
        try self.forwarder.update(plan)
        _ = await self.forwarder.quality(of: [plan.id])
    }

    func statistics(_ plan: PortPlan) -> PortStatistics { self.forwarder.statistics(of: plan.id) }

    /// Waits until a port has seen this many datagrams; returns its statistics in any case.
    func statistics(_ plan: PortPlan, received packets: UInt64) -> PortStatistics {
        _ = eventually { self.statistics(plan).received.packets >= packets }
        // What became of the last one is counted an instant later.
        usleep(5000)
        return self.statistics(plan)
    }
}

extension EngineChoice {
    /// Both engines, or the one that `CROSSPOINT_ENGINE` names: where io_uring is forbidden, only epoll can be tested.
    static let tested: [EngineChoice] =
        getenv("CROSSPOINT_ENGINE").flatMap { EngineChoice(rawValue: String(cString: $0)) }.map { [$0] }
        ?? [.ioUring, .epoll]
}

/// Waits up to two seconds for a condition; returns whether it came true.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<400 {
        if condition() { return true }
        usleep(5000)
    }
    return condition()
}
