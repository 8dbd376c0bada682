import NATRules
import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

@Suite("Ports that pierce a NAT")
struct PiercingTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("A port pierces at once and then every second, until its party is heard")
    func pace() {
        let bench = TableBench()
        #expect(bench.nextPuncture == nil)
        bench.open(0) { $0.piercesNAT = true }
        let puncture = PortTable.Puncture(port: 0, destination: TableBench.party(0), isRTP: true)
        #expect(bench.nextPuncture == bench.now)
        #expect(bench.punctures() == [puncture])
        #expect(bench.nextPuncture == bench.now.advanced(byNanoseconds: Self.second))
        bench.now = bench.now.advanced(byNanoseconds: Self.second - 1)
        #expect(bench.punctures().isEmpty)
        bench.now = bench.now.advanced(byNanoseconds: 1)
        #expect(bench.punctures() == [puncture])
        #expect(bench.receive(Datagram.rtp(), on: 0) == "noSink")
        bench.now = bench.now.advanced(byNanoseconds: Self.second)
        #expect(bench.punctures().isEmpty)
        #expect(bench.nextPuncture == nil)
    }

    @Test("It gives up after a number of tries, and begins anew when learning does")
    func limit() {
        let bench = TableBench()
        bench.open(0) { $0.piercesNAT = true }
        var tries = 0
        while bench.nextPuncture != nil, tries < 1000 {
            tries += bench.punctures().count
            bench.now = bench.now.advanced(byNanoseconds: Self.second)
        }
        #expect(tries == Int(PiercingQueue.maximumTries))
        bench.change(0) { $0.trafficClass = 8 }
        #expect(bench.punctures().isEmpty)
        bench.change(0) { $0.learningEpoch += 1 }
        #expect(bench.punctures().count == 1)
    }

    @Test("A new address gets its own try at once, and one try a second as before")
    func moved() {
        let bench = TableBench()
        bench.open(0) { $0.piercesNAT = true }
        #expect(bench.punctures().count == 1)
        bench.now = bench.now.advanced(byNanoseconds: Self.second / 2)
        bench.change(0) { $0.signalled = TableBench.party(3) }
        #expect(bench.punctures().map(\.destination) == [TableBench.party(3)])
        var count = 0
        for _ in 0..<40 {
            bench.now = bench.now.advanced(byNanoseconds: Self.second / 10)
            count += bench.punctures().count
        }
        #expect(count == 4)
    }

    @Test(
        "Without all that is needed there is nothing to pierce, and once it is there it begins",
        arguments: [
            { $0.isPublished = false }, { $0.isMuted = true }, { $0.signalled = nil },
            { $0.signalled = TransportAddress(IPAddress(ipv4: 0), port: 4000) },
            { $0.signalled = TransportAddress(.loopback6, port: 4000) }, { $0.piercesNAT = false },
        ] as [@Sendable (inout PortPlan) -> Void])
    func preconditions(change: @Sendable (inout PortPlan) -> Void) {
        let bench = TableBench()
        bench.open(0) {
            $0.piercesNAT = true
            change(&$0)
        }
        #expect(bench.nextPuncture == nil)
        bench.change(0) { $0 = TableBench.plan(0) { $0.piercesNAT = true } }
        #expect(bench.punctures().count == 1)
    }

    @Test("A port that is closed pierces no more, and its successor keeps its own pace")
    func closed() {
        let bench = TableBench()
        bench.open(0) { $0.piercesNAT = true }
        #expect(bench.punctures().count == 1)
        bench.table.beginClosing(0)
        bench.table.finishClosing(0)
        bench.now = bench.now.advanced(byNanoseconds: Self.second / 2)
        bench.open(0) { $0.piercesNAT = true }
        #expect(bench.punctures().count == 1)
        bench.now = bench.now.advanced(byNanoseconds: Self.second / 2)
        #expect(bench.punctures().isEmpty)
        bench.now = bench.now.advanced(byNanoseconds: Self.second / 2)
        #expect(bench.punctures().count == 1)
    }

    @Test("Ports with opaque payload pierce with nothing in it; strangers end nothing")
    func opaque() {
        let bench = TableBench()
        bench.open(0) {
            $0.piercesNAT = true
            $0.payload = .opaque
            $0.learning = LearningPolicy(mode: .off, strictSource: true)
        }
        #expect(bench.punctures().map(\.isRTP) == [false])
        #expect(bench.receive([1], on: 0, from: TableBench.party(4)) == "unknownSource")
        bench.now = bench.now.advanced(byNanoseconds: Self.second)
        #expect(bench.punctures().count == 1)
    }

    @Test("Many ports that pierce each have their turn, and the queue does not grow")
    func many() {
        let ports = 3000
        let bench = TableBench(ports: ports)
        for port in 0..<ports { bench.open(port) { $0.piercesNAT = true } }
        for _ in 0..<5 {
            #expect(Set(bench.punctures().map(\.port)).count == ports)
            bench.now = bench.now.advanced(byNanoseconds: Self.second)
        }
        var turns = 0
        var queue = bench.table.piercing
        while queue.take(at: bench.now) != nil { turns += 1 }
        #expect(turns == ports)
    }
}
