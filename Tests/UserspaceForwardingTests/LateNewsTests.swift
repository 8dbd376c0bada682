import Glibc
import RelayPlanning
import Testing

@testable import UserspaceForwarding

/// What the kernel or another worker says after the moment it speaks of.
@Suite("News that come late")
struct LateNewsTests {
    @Test("A refusal that is told only when the slot has its next port makes nothing negative")
    func refusalOfThePortBefore() {
        let bench = TableBench()
        bench.open(0)
        bench.table.countRefused(bytes: 172, by: 0, arrivedOn: PortTable.noPort, errno: EPERM)
        let statistics = bench.statistics(0)
        #expect(statistics.sent == TrafficCounters())
        #expect(statistics.sendErrors == 1)
    }

    @Test("Who asks whether all was done waits for ports that are on their way, and for what waits for those")
    func questionBehindAMove() {
        var arrivals = PendingArrivals()
        let question = WorkerCommand.notify {}
        let isKeptWithoutReason = arrivals.keepsBack(question)
        #expect(!isKeptWithoutReason)
        arrivals.expect([TableBench.id(0)])
        let isPlanKept = arrivals.keepsBack(.update(TableBench.plan(0)))
        let isQuestionKept = arrivals.keepsBack(question)
        #expect(isPlanKept)
        #expect(isQuestionKept)
        let commands = arrivals.end([TableBench.id(0)])
        #expect(commands.count == 2)
        let comesLast = commands.last.map { if case .notify = $0 { true } else { false } }
        #expect(comesLast == true)
    }
}
