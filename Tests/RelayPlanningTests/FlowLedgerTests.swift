import Foundation
import NATRules
import RelayPlanning
import Testing
import WireFormat

private func address(_ text: String) throws -> TransportAddress { try #require(TransportAddress(text)) }

/// Two parties' RTP ports that are each other's sink, published, with nothing learnt yet.
private struct Pair {
    var caller: PortPlan
    var callee: PortPlan

    init() throws {
        self.caller = PortPlan(id: RelayPortID(1), local: try address("192.0.2.1:30000"), component: .rtp)
        self.callee = PortPlan(id: RelayPortID(2), local: try address("10.0.0.1:30002"), component: .rtp)
        self.caller.sink = self.callee.id
        self.callee.sink = self.caller.id
        self.caller.isPublished = true
        self.callee.isPublished = true
        self.caller.signalled = try address("198.51.100.9:4000")
        self.callee.signalled = try address("10.0.0.7:5000")
    }
}

@Suite struct FlowLedgerTests {
    let callerSource: TransportAddress
    let calleeSource: TransportAddress
    let forward: KernelFlow
    var ledger = FlowLedger(kernel: KernelPathState())

    init() throws {
        self.callerSource = try address("198.51.100.9:61000")
        self.calleeSource = try address("10.0.0.7:5000")
        self.forward = KernelFlow(
            source: self.callerSource, local: try address("192.0.2.1:30000"),
            relay: try address("10.0.0.1:30002"),
            destination: self.calleeSource)
    }

    /// Configures both ports and settles both parties; returns the changes of the last step.
    private mutating func settleBoth(_ pair: Pair) -> FlowChanges {
        #expect(self.ledger.configure(pair.caller).isEmpty)
        #expect(self.ledger.configure(pair.callee).isEmpty)
        #expect(
            self.ledger.learnt(pair.caller.id, address: self.callerSource, isSettled: true, epoch: 0).isEmpty)
        return self.ledger.learnt(pair.callee.id, address: self.calleeSource, isSettled: true, epoch: 0)
    }

    @Test mutating func flowsAndHeardPortsAreCountedAlong() throws {
        func counts() -> [Int] { [self.ledger.installedCount, self.ledger.heardCount] }
        var pair = try Pair()
        let changes = self.settleBoth(pair)
        #expect(counts() == [2, 2])
        _ = self.ledger.learnt(pair.caller.id, address: self.callerSource, isSettled: true, epoch: 0)
        #expect(counts() == [2, 2], "the same news twice")
        self.ledger.refuse(changes.installs[0])
        self.ledger.refuse(changes.installs[0])
        #expect(counts() == [1, 2])
        _ = self.ledger.retryRefused()
        #expect(counts() == [2, 2])
        pair.caller.learningEpoch += 1
        _ = self.ledger.configure(pair.caller)
        #expect(counts() == [self.ledger.installed.count, 1])
        _ = self.ledger.learnt(pair.caller.id, address: self.callerSource, isSettled: true, epoch: 1)
        #expect(counts() == [2, 2])
        _ = self.ledger.kernelPathChanged(to: KernelPathState(obstacles: .kernelPathDisabled))
        #expect(counts() == [0, 2])
        _ = self.ledger.kernelPathChanged(to: KernelPathState())
        #expect(counts() == [2, 2])
        _ = self.ledger.close(pair.caller.id)
        #expect(counts() == [self.ledger.installed.count, 1])
        _ = self.ledger.close(pair.callee.id)
        _ = self.ledger.close(pair.callee.id)
        #expect(counts() == [0, 0])
    }

    @Test mutating func bothDirectionsAreInstalledWhenBothPartiesAreSettled() throws {
        let pair = try Pair()
        let changes = self.settleBoth(pair)
        #expect(changes.removals.isEmpty)
        #expect(
            Set(changes.installs) == [
                PortFlow(port: pair.caller.id, flow: self.forward),
                PortFlow(port: pair.callee.id, flow: self.forward.reversed),
            ])
        #expect(self.ledger.path(of: pair.caller.id) == .kernel(self.forward))
        #expect(Set(self.ledger.installed) == Set(changes.installs))
    }

    @Test mutating func aPlanThatChangesNothingLeavesTheFlowsAlone() throws {
        let pair = try Pair()
        _ = self.settleBoth(pair)
        #expect(self.ledger.configure(pair.caller).isEmpty)
        #expect(self.ledger.configure(pair.callee).isEmpty)
    }

    @Test mutating func aMovedPartyTakesBothDirectionsOutUntilItIsLearntAgain() throws {
        var pair = try Pair()
        _ = self.settleBoth(pair)
        pair.caller.signalled = try address("198.51.100.9:4100")
        pair.caller.learningEpoch = 1
        let removed = self.ledger.configure(pair.caller)
        #expect(Set(removed.removals.map(\.port)) == [pair.caller.id, pair.callee.id])
        #expect(removed.installs.isEmpty)
        // News from before the re-offer must not settle the new epoch.
        #expect(
            self.ledger.learnt(pair.caller.id, address: self.callerSource, isSettled: true, epoch: 0).isEmpty)
        let moved = try address("198.51.100.9:62000")
        let installed = self.ledger.learnt(pair.caller.id, address: moved, isSettled: true, epoch: 1)
        #expect(installed.removals.isEmpty)
        #expect(installed.installs.count == 2)
        #expect(installed.installs.contains { $0.flow.source == moved })
    }

    @Test mutating func closingOnePortTakesOutWhatItFedAndWhatFedIt() throws {
        let pair = try Pair()
        _ = self.settleBoth(pair)
        let changes = self.ledger.close(pair.callee.id)
        #expect(Set(changes.removals.map(\.port)) == [pair.caller.id, pair.callee.id])
        #expect(self.ledger.installed.isEmpty)
        #expect(self.ledger.path(of: pair.caller.id) == .userspace(because: [.noPeer]))
        #expect(self.ledger.close(pair.caller.id).isEmpty)
    }

    @Test mutating func aRefusedFlowStaysInUserspaceUntilARetry() throws {
        let pair = try Pair()
        let changes = self.settleBoth(pair)
        for refused in changes.installs { self.ledger.refuse(refused) }
        #expect(self.ledger.path(of: pair.caller.id) == .userspace(because: [.kernelRefused]))
        #expect(self.ledger.configure(pair.caller).isEmpty)
        #expect(Set(self.ledger.retryRefused().installs) == Set(changes.installs))
        #expect(self.ledger.retryRefused().isEmpty)
    }

    @Test mutating func losingTheKernelPathTakesEverythingOutAndItsReturnPutsItBack() throws {
        let pair = try Pair()
        _ = self.settleBoth(pair)
        let lost = self.ledger.kernelPathChanged(to: KernelPathState(obstacles: .kernelTableLost))
        #expect(lost.removals.count == 2)
        #expect(self.ledger.path(of: pair.caller.id) == .userspace(because: [.kernelTableLost]))
        #expect(self.ledger.kernelPathChanged(to: KernelPathState()).installs.count == 2)
    }

    @Test mutating func aMutedPartyKeepsOnlyTheDirectionFromIt() throws {
        var pair = try Pair()
        _ = self.settleBoth(pair)
        pair.callee.isMuted = true
        let changes = self.ledger.configure(pair.callee)
        #expect(changes.removals.map(\.port) == [pair.caller.id])
        #expect(changes.installs.isEmpty)
        #expect(self.ledger.path(of: pair.caller.id) == .userspace(because: [.noDestination]))
    }

    @Test mutating func stepsOfOneCommandAddUpToTheirDifference() throws {
        var pair = try Pair()
        var sum = self.settleBoth(pair)
        pair.callee.isMuted = true
        sum.append(self.ledger.configure(pair.callee))
        #expect(sum.removals.isEmpty && sum.installs.map(\.port) == [pair.callee.id])
        pair.callee.isMuted = false
        sum.append(self.ledger.configure(pair.callee))
        #expect(Set(sum.installs) == Set(self.ledger.installed))
        var touched = FlowChanges()
        pair.caller.isMuted = true
        touched.append(self.ledger.configure(pair.caller))
        pair.caller.isMuted = false
        touched.append(self.ledger.configure(pair.caller))
        #expect(touched.isEmpty)
    }

    @Test mutating func ofTwoPortsWithOneSinkOnlyTheSinksOwnPeerUsesTheKernel() throws {
        let pair = try Pair()
        var fork = PortPlan(id: RelayPortID(3), local: try address("10.0.0.1:30004"), component: .rtp)
        fork.isPublished = true
        fork.sink = pair.caller.id
        _ = self.ledger.configure(fork)
        let stranger = try address("10.0.0.8:6000")
        _ = self.ledger.learnt(fork.id, address: stranger, isSettled: true, epoch: 0)
        // The two ways back would have the same conntrack tuple.
        #expect(Set(self.settleBoth(pair).installs.map(\.port)) == [pair.caller.id, pair.callee.id])
        #expect(self.ledger.path(of: fork.id) == .userspace(because: [.peerElsewhere]))
    }

    @Test mutating func withLearningOffTheSignalledAddressesAreInstalledAtOnce() throws {
        var pair = try Pair()
        pair.caller.learning.mode = .off
        pair.callee.learning.mode = .off
        _ = self.ledger.configure(pair.caller)
        let changes = self.ledger.configure(pair.callee)
        #expect(Set(changes.installs.map(\.flow.source)) == [pair.caller.signalled, pair.callee.signalled])
    }
}

@Suite struct ForwardingPathTests {
    /// One change to a pair that would otherwise go to the kernel, and the reason it gives.
    @Test(arguments: [
        "rtcp", "opaque", "asymmetric", "handover", "unsettled source", "unsettled destination", "family",
        "one side muxes", "recording", "host address", "peer elsewhere", "multicast", "port 0", "no sink",
    ])
    func everyObstacleIsNamed(_ change: String) throws {
        let pair = try Pair()
        var from = PortFacts(plan: pair.caller, settled: try address("198.51.100.9:61000"))
        var to = PortFacts(plan: pair.callee, settled: try address("10.0.0.7:5000"))
        var hasSink = true
        var kernel = KernelPathState()
        let expected: UserspaceReasons
        switch change {
        case "rtcp": (from.plan.component, expected) = (.rtcp, .rtcp)
        case "opaque": (from.plan.payload, expected) = (.opaque, .notRTP)
        case "asymmetric": (from.plan.learning.asymmetric, expected) = (true, .asymmetric)
        case "handover": (from.plan.learning.mediaHandover, expected) = (true, .mediaHandover)
        case "unsettled source": (from.settled, expected) = (nil, .sourceNotLearnt)
        case "unsettled destination": (to.settled, expected) = (nil, .destinationNotLearnt)
        case "family":
            (to.plan.local, expected) = (try address("[2001:db8::1]:30002"), .addressFamiliesDiffer)
        case "one side muxes": (to.plan.rtcpSink, expected) = (from.plan.id, .rtcpDemultiplexing)
        case "recording": (to.plan.userspaceReasons, expected) = (.recording, .recording)
        case "host address":
            kernel.hostAddresses = [try #require(IPAddress("10.0.0.7"))]
            expected = .localTraffic
        case "peer elsewhere": (to.plan.sink, expected) = (RelayPortID(9), .peerElsewhere)
        case "multicast": (to.settled, expected) = (try address("239.1.2.3:5000"), .noDestination)
        case "port 0":
            to.settled = nil
            to.plan.isUnidirectional = true
            (to.plan.signalled, expected) = (try address("10.0.0.7:0"), .noDestination)
        default: (hasSink, expected) = (false, .noPeer)
        }
        #expect(
            forwardingPath(from: from, to: hasSink ? to : nil, kernel: kernel)
                == .userspace(because: expected))
    }

    @Test func aUnidirectionalPartyIsSentToWithoutBeingLearnt() throws {
        var pair = try Pair()
        pair.callee.isUnidirectional = true
        let from = PortFacts(plan: pair.caller, settled: try address("198.51.100.9:61000"))
        let path = forwardingPath(
            from: from, to: PortFacts(plan: pair.callee, settled: nil), kernel: KernelPathState())
        guard case .kernel(let flow) = path else {
            Issue.record("expected the kernel path, got \(path)")
            return
        }
        #expect(flow.destination == pair.callee.signalled)
    }

    @Test func everyReasonIsExplainedInTheOperatingGuide() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../Docs/operating.md")
        let text = try String(contentsOf: root, encoding: .utf8)
        for reason in UserspaceReasons(rawValue: .max).descriptions {
            let isExplained = text.contains("`\(reason)`")
            #expect(isExplained, "the guide does not explain: \(reason)")
        }
    }

    @Test func everyReasonHasWords() {
        for bit in 0..<21 {
            #expect(UserspaceReasons(rawValue: 1 << UInt32(bit)).descriptions.count == 1, "bit \(bit)")
        }
    }
}
