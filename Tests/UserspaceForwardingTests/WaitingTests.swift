import NATRules
import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

@Suite("Ports that wait for their party")
struct WaitingTests {
    @Test("Nothing leaves by a port before its party was heard; what is meant for it keeps the call alive")
    func waits() {
        let bench = TableBench()
        bench.join({ _ in }, { $0.waitsForParty = true })
        #expect(bench.receive(Datagram.rtp(1), on: 0) == "partyNotHeard")
        #expect(bench.receive(Datagram.rtcp, on: 0) == "partyNotHeard")
        #expect(bench.statistics(0).drops[.partyNotHeard] == 2)
        #expect(bench.statistics(0).lastReceived == bench.now)
        #expect(bench.receive(Datagram.rtp(1), on: 1) == "by 0 to 192.0.2.1:4000")
        #expect(bench.receive(Datagram.rtp(2), on: 0) == "by 1 to 192.0.2.1:4001")
    }

    @Test("A stranger and garbage do not end the wait; RTCP of the party does, also where it teaches nothing")
    func whatCounts() {
        let bench = TableBench()
        bench.join(
            { _ in },
            {
                $0.waitsForParty = true
                $0.learning = LearningPolicy(mode: .off, strictSource: true)
            })
        #expect(bench.receive(Datagram.rtp(), on: 1, from: TableBench.party(5)) == "unknownSource")
        #expect(bench.receive(Datagram.stun, on: 1) == "unexpectedProtocol")
        #expect(bench.receive(Datagram.rtp(), on: 0) == "partyNotHeard")
        #expect(bench.receive(Datagram.rtcp, on: 1) == "by 0 to 192.0.2.1:4000")
        #expect(bench.receive(Datagram.rtp(), on: 0) == "by 1 to 192.0.2.1:4001")
    }

    @Test("Where addresses are known without a packet, they are settled only once the party was heard")
    func settles() {
        let bench = TableBench()
        bench.open(0, sink: 1) {
            $0.waitsForParty = true
            $0.learning = LearningPolicy(mode: .off)
        }
        #expect(bench.events().isEmpty)
        #expect(bench.receive(Datagram.rtp(), on: 0) == "noSink")
        let settled = RelayEvent.learnt(
            TableBench.id(0), address: TableBench.party(0), isSettled: true, epoch: 0)
        #expect(bench.events() == [settled])
        #expect(bench.receive(Datagram.rtp(), on: 0) == "noSink")
        #expect(bench.events().isEmpty)
    }

    @Test(
        "Learning that begins anew makes it wait anew, other changes do not; a wait that comes later knows the past"
    )
    func anew() {
        let bench = TableBench()
        bench.join()
        #expect(bench.receive(Datagram.rtp(1), on: 1) == "by 0 to 192.0.2.1:4000")
        bench.change(1) { $0.waitsForParty = true }
        #expect(bench.receive(Datagram.rtp(1), on: 0) == "by 1 to 192.0.2.1:4001")
        bench.change(1) { $0.trafficClass = 8 }
        #expect(bench.receive(Datagram.rtp(2), on: 0) == "by 1 to 192.0.2.1:4001")
        bench.change(1) { $0.learningEpoch += 1 }
        #expect(bench.receive(Datagram.rtp(3), on: 0) == "partyNotHeard")
    }

    @Test("The control side is told when a wait unsettles an address")
    func unsettles() {
        let bench = TableBench()
        bench.open(0) { $0.learning.asymmetric = true }
        #expect(bench.events().count == 1)
        bench.change(0) { $0.waitsForParty = true }
        let unsettled = RelayEvent.learnt(
            TableBench.id(0), address: TableBench.party(0), isSettled: false, epoch: 0)
        #expect(bench.events() == [unsettled])
    }
}
