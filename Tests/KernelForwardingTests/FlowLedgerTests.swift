import RelayPlanning
import Testing
import WireFormat

@testable import KernelForwarding

@Suite struct FlowLedgerTests {
    let flow: KernelFlow

    init() throws {
        self.flow = try LabStream(.ipv4).forward
    }

    @Test func `Two directions of one stream share an entry until the last is removed`() {
        var ledger = FlowLedger()
        #expect(ledger.conflict(with: flow) == nil)
        let firstNeedsEntry = ledger.insert(flow)
        #expect(firstNeedsEntry)
        #expect(ledger.conflict(with: flow.reversed) == nil)
        let secondNeedsEntry = ledger.insert(flow.reversed)
        #expect(!secondNeedsEntry)
        let unusedAfterOne = ledger.remove(flow)
        #expect(!unusedAfterOne)
        #expect(!ledger.contains(flow) && ledger.contains(flow.reversed))
        let againNeedsEntry = ledger.insert(flow)
        #expect(!againNeedsEntry)
        let results = [ledger.remove(flow.reversed), ledger.remove(flow), ledger.remove(flow)]
        #expect(results == [false, true, false])
        #expect(ledger.flows.isEmpty)
    }

    @Test func `Flows that would share a tuple with another entry are in conflict`() {
        var ledger = FlowLedger()
        _ = ledger.insert(flow)
        #expect(ledger.conflict(with: flow) == flow)
        var elsewhere = flow
        elsewhere.destination.port += 2
        #expect(ledger.conflict(with: elsewhere) == flow, "the same source cannot go to two places")
        var second = flow
        second.source.port += 2
        #expect(ledger.conflict(with: second) == flow, "two sources cannot leave as the same")
        var answer = flow.reversed
        answer.destination.port += 2
        #expect(ledger.conflict(with: answer) == flow, "the answer must go back to the source")
        var unrelated = flow
        unrelated.source.port += 2
        unrelated.destination.port += 2
        #expect(ledger.conflict(with: unrelated) == nil)
    }
}
