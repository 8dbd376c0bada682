import NATRules
import RTPPackets
import RelayPlanning
import Synchronization
import Testing
import WireFormat

@testable import UserspaceForwarding

@Suite("Ports that go to another worker, without engines")
struct MovingTests {
    /// Takes a port out of one table and puts it into another.
    private static func move(_ port: Int, from one: TableBench, to other: TableBench) {
        guard let moved = one.table.remove(port, descriptor: 0) else { return }
        let isTaken = other.table.insert(moved, at: other.now)
        #expect(isTaken)
    }

    @Test("What was learnt and measured goes along, news that were not told too, and counters go on")
    func state() {
        let one = TableBench()
        let other = TableBench()
        let source = TableBench.party(5)
        one.open(0, sink: 1) { $0.learning.mode = .immediate }
        #expect(one.receive(Datagram.rtp(1), on: 0, from: source) == "noSink")
        Self.move(0, from: one, to: other)
        let (phase, count) = (one.table.phase(0), one.table.openPortCount)
        #expect(phase == .closed)
        #expect(count == 0)
        #expect(one.events().isEmpty)
        #expect(
            other.events() == [
                .learnt(TableBench.id(0), address: source, isSettled: true, epoch: 0)
            ])
        #expect(other.receive(Datagram.rtp(3), on: 0) == "unknownSource")
        #expect(other.receive(Datagram.rtp(3), on: 0, from: source) == "noSink")
        #expect(other.quality(0).first?.received?.packets == 2)
        // The counters are the port's, wherever it is.
        #expect(one.statistics(0).received.packets == 3)
    }

    @Test("A port that pierces goes on in its own time")
    func piercing() {
        let one = TableBench()
        let other = TableBench()
        one.open(0) { $0.piercesNAT = true }
        #expect(one.punctures().count == 1)
        Self.move(0, from: one, to: other)
        #expect(other.punctures().isEmpty)
        other.now = other.now.advanced(byNanoseconds: PiercingQueue.intervalNanoseconds)
        #expect(other.punctures().count == 1)
        one.now = other.now
        #expect(one.punctures().isEmpty)
    }

    @Test("A port that is not open does not move, and none into a slot in use")
    func refusals() {
        let one = TableBench()
        let other = TableBench()
        #expect(one.isUnmovable(0))
        one.open(0)
        other.open(0)
        let moved = one.table.remove(0, descriptor: 0)
        if let moved {
            let isTaken = other.table.insert(moved, at: other.now)
            #expect(!isTaken)
        }
    }

    /// The numbers of ports that updates speak of, in order.
    private static func updates(_ commands: [WorkerCommand]) -> [UInt32] {
        commands.compactMap { if case .update(let plan) = $0 { plan.id.index } else { nil } }
    }

    @Test("Commands wait for the ports they name, others behind those, and the rest does not")
    func keptBack() {
        var arrivals = PendingArrivals()
        /// Whether a command is kept back.
        func waits(_ command: WorkerCommand) -> Bool { arrivals.keepsBack(command) }
        let ids = (0..<8).map(TableBench.id)
        #expect(!waits(.update(TableBench.plan(0))))
        arrivals.expect([ids[0], ids[1]])
        #expect(waits(.update(TableBench.plan(0))))
        #expect(waits(.update(TableBench.plan(2, sink: 1))))
        #expect(waits(.update(TableBench.plan(2))))
        #expect(waits(.close(ids[2], completion: nil)))
        #expect(!waits(.update(TableBench.plan(3))))
        #expect(!waits(.stop))
        let first = arrivals.end([ids[0]])
        #expect(Self.updates(first) == [0, 2, 2])
        #expect(first.count == 4)
        let kept = first.filter(waits)
        #expect(Self.updates(kept) == [2, 2])
        #expect(kept.count == 3)
        let last = arrivals.end([ids[1]])
        #expect(last.count == 3)
        #expect(!waits(.update(TableBench.plan(0))))
    }
}
