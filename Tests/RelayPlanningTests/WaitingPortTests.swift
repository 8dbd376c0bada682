import NATRules
import RelayPlanning
import Testing
import WireFormat

/// Ports that wait for their party (`NAT wait`) and the kernel, which cannot wait.
@Suite struct WaitingPortTests {
    private static let callerSource = TransportAddress(IPAddress(ipv4: 0xC633_6409), port: 61_000)
    private static let calleeSignalled = TransportAddress(IPAddress(ipv4: 0x0A00_0007), port: 5000)

    /// Two ports that are each other's sinks; the callee's waits for its party.
    private static func pair(_ change: (inout PortPlan) -> Void = { _ in }) -> (PortPlan, PortPlan) {
        var caller = PortPlan(
            id: RelayPortID(1), local: TransportAddress(IPAddress(ipv4: 0xC000_0201), port: 30_000),
            component: .rtp)
        var callee = PortPlan(
            id: RelayPortID(2), local: TransportAddress(IPAddress(ipv4: 0x0A00_0001), port: 30_002),
            component: .rtp)
        caller.sink = callee.id
        callee.sink = caller.id
        caller.isPublished = true
        callee.isPublished = true
        callee.signalled = Self.calleeSignalled
        callee.waitsForParty = true
        change(&callee)
        return (caller, callee)
    }

    @Test func aUnidirectionalPartyThatIsWaitedForIsSentToByTheKernelOnlyOnceItWasHeard() {
        let (caller, callee) = Self.pair { $0.isUnidirectional = true }
        let from = PortFacts(plan: caller, settled: Self.callerSource)
        let unheard = forwardingPath(
            from: from, to: PortFacts(plan: callee, settled: nil), kernel: KernelPathState())
        #expect(unheard == .userspace(because: .destinationNotLearnt))
        let heard = forwardingPath(
            from: from, to: PortFacts(plan: callee, settled: Self.calleeSignalled), kernel: KernelPathState())
        guard case .kernel(let flow) = heard else {
            Issue.record("\(heard)")
            return
        }
        #expect(flow.destination == Self.calleeSignalled)
    }

    @Test func withLearningOffAPortThatWaitsIsSettledWhenTheWorkerSaysSo() {
        let (caller, callee) = Self.pair { $0.learning = LearningPolicy(mode: .off) }
        var ledger = FlowLedger(kernel: KernelPathState())
        var changes = ledger.configure(caller)
        changes.append(ledger.configure(callee))
        changes.append(
            ledger.learnt(caller.id, address: Self.callerSource, isSettled: true, epoch: 0))
        #expect(changes.isEmpty)
        let heard = ledger.learnt(callee.id, address: Self.calleeSignalled, isSettled: true, epoch: 0)
        #expect(heard.installs.count == 2)
        // A wait that begins later unsettles what was known without a packet.
        let waiting = ledger.learnt(callee.id, address: Self.calleeSignalled, isSettled: false, epoch: 0)
        #expect(waiting.removals.count == 2)
    }
}
