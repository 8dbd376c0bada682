import CBenchmark
import Glibc
import NATRules
import RelayPlanning
import Synchronization
import UserspaceForwarding
import WireFormat

/// Relays packets of many streams from another process on loopback and says what each cost; fails if relaying
/// allocated memory.
///
/// Arguments: streams, seconds, then packet rates. Words before them: `baseline` measures the C relay instead, `epoll`
/// and `io_uring` one engine instead of both, `direct` switches gathering off, and `copies` lets packets leave as copies
/// for a subscriber.
@main
struct RelayBenchmark {
    static let firstPort: UInt16 = 20_000
    static let sinkPort: UInt16 = 19_999
    /// Allocations of a whole run that are not the packet path's.
    static let toleratedAllocations: UInt64 = 20

    static func main() throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let words = arguments.prefix { UInt32($0) == nil }
        arguments.removeFirst(words.count)
        let named = words.compactMap { EngineChoice(rawValue: $0) }
        let engines = named.isEmpty ? [.ioUring, .epoll] : named
        let numbers = arguments.compactMap { UInt32($0) }
        let streams = numbers.first ?? 200
        let seconds = numbers.dropFirst().first ?? 3
        let rates = numbers.count > 2 ? Array(numbers.dropFirst(2)) : [20_000, 50_000, 100_000]
        for rate in rates {
            let load = benchmark_load(
                streams: streams, packets_per_second: rate, seconds: seconds, first_relay_port: firstPort,
                sink_port: sinkPort)
            guard !words.contains("baseline") else {
                self.measureBaseline(load, benchmark_start_generator(load))
                continue
            }
            for engine in engines {
                print(engine.rawValue, terminator: ": ")
                try self.measure(
                    load, benchmark_start_generator(load), engine,
                    gatheringMicroseconds: words.contains("direct") ? 0 : 1000,
                    asCopies: words.contains("copies"))
            }
        }
    }

    static func measure(
        _ load: benchmark_load, _ generator: Int32, _ engine: EngineChoice, gatheringMicroseconds: Int,
        asCopies: Bool
    ) throws {
        let forwarder = try UserspaceForwarder(
            configuration: ForwarderConfiguration(
                maximumPorts: 4096, gatheringMicroseconds: gatheringMicroseconds, engine: engine)
        ) { _ in }
        defer { forwarder.stop() }
        let loopback = IPAddress(ipv4: 0x7F00_0001)
        for stream in 0..<load.streams {
            for side in 0...1 as ClosedRange<UInt32> {
                let port = UInt16(UInt32(firstPort) + side * load.streams + stream)
                var plan = PortPlan(
                    id: RelayPortID(stream * 2 + side), local: TransportAddress(loopback, port: port),
                    component: .rtp)
                plan.isPublished = true
                plan.learning = LearningPolicy(mode: .immediate)
                plan.signalled = side == 1 ? TransportAddress(loopback, port: sinkPort) : nil
                let other = RelayPortID(stream * 2 + 1 - side)
                if asCopies, side == 0 { plan.firstCopy = other } else { plan.sink = other }
                try forwarder.open(plan, socket: try RelaySocket.open(local: plan.local), worker: 0)
            }
        }
        usleep(200_000)
        let allocations = self.report(load, generator)
        // Sockets are asked for their losses only on request; the mailbox is read in order.
        let ports = (0..<load.streams * 2).map(RelayPortID.init)
        let hasLooked = Atomic(false)
        forwarder.quality(of: ports) { _ in hasLooked.store(true, ordering: .releasing) }
        while !hasLooked.load(ordering: .acquiring) { usleep(1000) }
        let totals = forwarder.totals(ofWorker: 0)
        let perWakeup = Double(totals.received.packets) / Double(max(1, totals.wakeups))
        print("  packets per wake-up \(perWakeup), drops \(totals.drops.occurred)")
        let overflows = ports.reduce(0) { $0 + forwarder.statistics(of: $1).lostInSocket }
        print(
            "  relay: received \(totals.received.packets), sent \(totals.sent.packets),",
            "lost in full sockets \(overflows), buffer shortages \(totals.bufferShortages),",
            "receive errors \(totals.receiveErrors)")
        guard allocations <= Self.toleratedAllocations else {
            print("  the packet path allocates")
            exit(1)
        }
    }

    static func measureBaseline(_ load: benchmark_load, _ generator: Int32) {
        let flags = UnsafeMutablePointer<Int32>.allocate(capacity: 2)
        flags.initialize(repeating: 0, count: 2)
        nonisolated(unsafe) let shared = flags
        var thread = pthread_t()
        let box = Unmanaged.passRetained(BaselineStart(load: load, flags: shared))
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<BaselineStart>.fromOpaque(argument).takeRetainedValue()
                if benchmark_baseline_relay(start.load, start.flags, start.flags + 1) < 0 { abort() }
                return nil
            }, box.toOpaque())
        while shared[1] == 0 { usleep(1000) }
        _ = self.report(load, generator)
        shared[0] = 1
        pthread_join(thread, nil)
    }

    /// Runs the generator to its end; returns the allocations made after warming up.
    static func report(_ load: benchmark_load, _ generator: Int32) -> UInt64 {
        let cpu = benchmark_cpu_nanoseconds()
        var outcome = benchmark_outcome()
        guard benchmark_begin(generator) == 0 else { self.giveUp() }
        // Learning the sources tells the control side of each; what comes after that must not allocate.
        usleep(500_000)
        let allocations = benchmark_allocations()
        guard benchmark_finish(generator, &outcome) == 0 else { self.giveUp() }
        let spent = Double(benchmark_cpu_nanoseconds() - cpu)
        let made = benchmark_allocations() - allocations
        let perPacket = spent / Double(max(1, outcome.received)) / 1000
        let delay = Double(outcome.total_delay_nanoseconds) / Double(max(1, outcome.received)) / 1000
        print(
            "\(load.streams) streams, \(load.packets_per_second) packets/s:",
            "\((perPacket * 100).rounded() / 100) µs CPU a packet,",
            "lost \(outcome.sent - outcome.received) of \(outcome.sent), delay \(delay.rounded()) µs on average,",
            "\(outcome.worst_delay_nanoseconds / 1000) µs at worst, \(made) allocations after warming up")
        return made
    }

    static func giveUp() -> Never {
        print("the generator died")
        exit(1)
    }
}

final class BaselineStart: @unchecked Sendable {
    let load: benchmark_load
    let flags: UnsafeMutablePointer<Int32>

    init(load: benchmark_load, flags: UnsafeMutablePointer<Int32>) {
        self.load = load
        self.flags = flags
    }
}
