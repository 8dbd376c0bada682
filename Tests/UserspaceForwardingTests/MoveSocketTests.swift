import CLinux
import Glibc
import NATRules
import RTPPackets
import RelayPlanning
import Synchronization
import Testing
import WireFormat

@testable import UserspaceForwarding

extension OneAtATime {
    @Suite("Ports that go to another worker while packets flow", .timeLimit(.minutes(1)))
    struct MoveSocketTests {
        private static let packetsPerSecond = 3000
        private static let moves = 200

        /// Sends numbered packets to two ports at a steady pace on a thread of its own.
        private final class Traffic: Sendable {
            private let mustStop = Atomic(false)
            private let count = Atomic(0)
            private let thread: Mutex<WorkerThread?> = Mutex(nil)

            init(_ ways: [(Party, TransportAddress)]) throws {
                let thread = try WorkerThread(name: "traffic") { [self] in
                    let start = crosspoint_monotonic_nanoseconds()
                    var sent = 0
                    while !self.mustStop.load(ordering: .relaxed) {
                        let due = UInt64(sent) * 1_000_000_000 / UInt64(MoveSocketTests.packetsPerSecond)
                        guard crosspoint_monotonic_nanoseconds() - start >= due else {
                            usleep(100)
                            continue
                        }
                        let bytes = Datagram.rtp(UInt16(truncatingIfNeeded: sent), mark: UInt32(sent))
                        for (party, port) in ways { party.send(bytes, to: port) }
                        sent += 1
                    }
                    self.count.store(sent, ordering: .releasing)
                }
                self.thread.withLock { $0 = thread }
            }

            /// Ends it; returns how many were sent each way.
            func stop() -> Int {
                self.mustStop.store(true, ordering: .relaxed)
                self.thread.withLock { $0?.join() }
                return self.count.load(ordering: .acquiring)
            }
        }

        @Test(
            "3,000 packets a second each way lose nothing over 200 moves, and nothing comes twice",
            arguments: EngineChoice.tested)
        func underLoad(engine: EngineChoice) async throws {
            let bench = try Bench(ForwarderConfiguration(workers: 3, maximumPorts: 64), engine: engine)
            let (caller, callee) = (try Party(), try Party())
            let (one, other) = try bench.join(caller, callee)
            let traffic = try Traffic([(caller, one.local), (callee, other.local)])
            for move in 1...Self.moves {
                try bench.forwarder.move([one.id, other.id], toWorker: move % 3)
                #expect(bench.forwarder.worker(of: one.id) == move % 3)
                usleep(UInt32(move % 7) * 1000)
            }
            usleep(50_000)
            let count = traffic.stop()
            #expect(count > 1000)
            for party in [callee, caller] {
                var marks: [UInt32] = []
                while let received = party.receive(withinMilliseconds: 200) {
                    marks.append(Datagram.mark(received.bytes))
                }
                // In order, too: a worker has sent all before the next one begins.
                #expect(marks == Array(0..<UInt32(count)))
            }
            let quality = await bench.forwarder.quality(of: [one.id])
            #expect(quality[one.id]?.first?.received?.packets == UInt64(count))
            #expect(quality[one.id]?.first?.received?.sequence.lost == 0)
            #expect(bench.statistics(one).received.packets == UInt64(count))
            #expect(bench.statistics(one).drops.total == 0)
            #expect(bench.events.count == 2)
            let isCounted = eventually {
                (0..<3).map { bench.forwarder.totals(ofWorker: $0).openPorts }.reduce(0, +) == 2
            }
            #expect(isCounted)
        }

        @Test(
            "Calls of different workers become one, and plans posted with the move are obeyed after it",
            arguments: EngineChoice.tested)
        func joins(engine: EngineChoice) async throws {
            let bench = try Bench(ForwarderConfiguration(workers: 2, maximumPorts: 64), engine: engine)
            let parties = try (0..<4).map { _ in try Party() }
            var (one, _) = try bench.join(parties[0], parties[1], worker: 0)
            var (other, _) = try bench.join(parties[2], parties[3], first: 2, worker: 1)
            one.sink = other.id
            #expect(throws: ForwarderError.sinkOnAnotherWorker(other.id)) { try bench.forwarder.update(one) }
            try bench.forwarder.move([one.id, RelayPortID(1)], toWorker: 1)
            other.sink = one.id
            try bench.forwarder.update([one, other])
            _ = await bench.forwarder.quality(of: [one.id, other.id])
            parties[0].send(Datagram.rtp(1), to: one.local)
            #expect(parties[2].receive()?.bytes == Datagram.rtp(1))
            parties[2].send(Datagram.rtp(2), to: other.local)
            #expect(parties[0].receive()?.bytes == Datagram.rtp(2))
        }

        @Test(
            "Every command for a port on its way is obeyed: plans, questions, another move, closing",
            arguments: EngineChoice.tested)
        func commandsOnTheWay(engine: EngineChoice) async throws {
            let bench = try Bench(ForwarderConfiguration(workers: 2, maximumPorts: 64), engine: engine)
            let (caller, callee) = (try Party(), try Party())
            for round in 0..<50 {
                var (one, other) = try bench.join(caller, callee)
                bench.forwarder.holdCommands()
                try bench.forwarder.move([one.id, other.id], toWorker: 1)
                one.blocks = .media
                try bench.forwarder.update(one)
                try bench.forwarder.move([one.id, other.id], toWorker: 0)
                one.blocks = []
                try bench.forwarder.update(one)
                try bench.forwarder.move([one.id, other.id], toWorker: 1)
                bench.forwarder.releaseCommands()
                if round % 2 == 0 {
                    #expect(await bench.forwarder.quality(of: [one.id, other.id]).count == 2)
                    caller.send(Datagram.rtp(UInt16(round)), to: one.local)
                    #expect(callee.receive()?.bytes == Datagram.rtp(UInt16(round)))
                }
                try await bench.forwarder.close(one.id)
                try await bench.forwarder.close(other.id)
                // The local address is free again.
                _ = try RelaySocket.open(local: one.local)
            }
            let isEmpty = eventually {
                (0..<2).allSatisfy { bench.forwarder.totals(ofWorker: $0).openPorts == 0 }
            }
            #expect(isEmpty)
        }

        @Test("A move that is impossible is refused and moves nothing", arguments: EngineChoice.tested)
        func refusals(engine: EngineChoice) async throws {
            let bench = try Bench(ForwarderConfiguration(workers: 2, maximumPorts: 64), engine: engine)
            let (one, other) = try bench.join(try Party(), try Party())
            #expect(throws: ForwarderError.noSuchWorker(2)) {
                try bench.forwarder.move([one.id], toWorker: 2)
            }
            #expect(throws: ForwarderError.notOpen(RelayPortID(9))) {
                try bench.forwarder.move([one.id, RelayPortID(9)], toWorker: 1)
            }
            #expect(throws: ForwarderError.identifierTooLarge(RelayPortID(.max))) {
                try bench.forwarder.move([RelayPortID(.max)], toWorker: 1)
            }
            #expect(bench.forwarder.worker(of: one.id) == 0)
            #expect(bench.forwarder.worker(of: RelayPortID(9)) == nil)
            try bench.forwarder.move([one.id, one.id, other.id], toWorker: 0)
            try await bench.forwarder.close(one.id)
            #expect(bench.forwarder.worker(of: one.id) == nil)
        }

        @Test(
            "A forwarder that stops in the middle of moves closes every socket and answers every question",
            arguments: EngineChoice.tested)
        func stopping(engine: EngineChoice) async throws {
            for round in 0..<20 {
                let bench = try Bench(ForwarderConfiguration(workers: 2, maximumPorts: 64), engine: engine)
                let (one, other) = try bench.join(try Party(), try Party())
                for move in 0...round {
                    try bench.forwarder.move([one.id, other.id], toWorker: (move + 1) % 2)
                }
                async let quality = bench.forwarder.quality(of: [one.id, other.id])
                bench.forwarder.stop()
                _ = await quality
                _ = try RelaySocket.open(local: one.local)
                _ = try RelaySocket.open(local: other.local)
            }
        }
    }
}
