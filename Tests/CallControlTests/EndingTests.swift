import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

private func isEnded(_ outcome: DeleteOutcome) -> Bool {
    if case .ended = outcome { return true }
    return false
}

@Suite struct DeleteTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    private func setUpCall() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
    }

    @Test(arguments: ["a", "b", nil])
    func eitherTagOrNoneEndsACallOfTwo(tag: String?) throws {
        try self.setUpCall()
        #expect(isEnded(self.calls.delete(from: tag)))
        #expect(self.calls.table.count == 0 && self.calls.plans.isEmpty && self.calls.ports.taken.isEmpty)
        guard case .notFound = self.calls.delete(from: tag) else {
            Issue.record("the second delete found something")
            return
        }
    }

    @Test func tagsThatDoNotFitEndNothing() throws {
        try self.setUpCall()
        guard case .notFound = self.calls.delete(from: "x") else {
            Issue.record("a strange tag ended the call")
            return
        }
        guard case .notFound = self.calls.delete(from: "a", to: "x", matchesToTag: true) else {
            Issue.record("a strange to-tag ended the call")
            return
        }
        #expect(self.calls.table.count == 1)
        // Without the flag the to-tag is not looked at.
        #expect(isEnded(self.calls.delete(from: "a", to: "x")))
    }

    @Test func aDelayedDeleteKeepsMediaFlowingUntilItIsDue() throws {
        try self.setUpCall()
        guard case .scheduled = self.calls.delete(from: "a", delay: nil) else {
            Issue.record("not delayed")
            return
        }
        #expect(self.calls.plans.count == 4)
        #expect(self.calls.expire(at: 29).isEmpty)
        #expect(self.calls.expire(at: 30) == [.terminated])
        #expect(self.calls.plans.isEmpty)
    }

    @Test func twoDelayedDeletesOfOneDialogueEndNoOther() throws {
        _ = try self.calls.offer(from: "a", to: "b", sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.offer(from: "c", to: "d", sdp: audio("198.51.100.3", 5000))
        _ = self.calls.delete(from: "a", delay: 5)
        _ = self.calls.delete(from: "b", delay: 5)
        #expect(self.calls.expire(at: 6).isEmpty, "the other dialogue goes on")
        #expect(self.calls.table.count == 1 && self.calls.ports.taken.count == 4)
    }

    @Test func aCallWhosePartiesAreAllDueEndsOnce() throws {
        for (from, to) in [("a", "b"), ("c", "d")] {
            _ = try self.calls.offer(from: from, to: to, sdp: audio("198.51.100.1", 4000))
        }
        for tag in ["a", "b", "c", "d"] { _ = self.calls.delete(from: tag, delay: 5) }
        #expect(self.calls.expire(at: 6) == [.terminated])
        #expect(self.calls.table.totals.ended == [.terminated: 1] && self.calls.ports.taken.isEmpty)
    }

    @Test func anOfferRevivesACallThatWaitsForItsDelete() throws {
        try self.setUpCall()
        _ = self.calls.delete(from: "a", delay: 5)
        _ = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000))
        #expect(self.calls.expire(at: 10).isEmpty)
        #expect(self.calls.table.count == 1)
    }

    @Test func deletingOneBranchLeavesTheOthers() throws {
        _ = try self.calls.offer(branch: "z1", sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.offer(branch: "z2", sdp: audio("198.51.100.1", 4000))
        #expect(self.calls.plans.count == 6)
        _ = try self.calls.answer(to: "b2", branch: "z2", sdp: audio("198.51.100.4", 5000))
        guard case .partyRemoved = self.calls.delete(from: "a", branch: "z1") else {
            Issue.record("expected one party to go")
            return
        }
        #expect(self.calls.plans.count == 4 && self.calls.ports.taken.count == 4)
        #expect(isEnded(self.calls.delete(from: "a", branch: "z2")))
    }

    @Test func deletingTheCallerEndsAllBranches() throws {
        _ = try self.calls.offer(branch: "z1", sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.offer(branch: "z2", sdp: audio("198.51.100.1", 4000))
        #expect(isEnded(self.calls.delete(from: "a")))
        #expect(self.calls.ports.taken.isEmpty)
    }
}

@Suite struct ForkingTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test func answersWithOtherTagsToOneOfferShareItsPort() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        let first = try self.calls.answer(to: "b1", sdp: audio("198.51.100.3", 5000))
        let second = try self.calls.answer(to: "b2", sdp: audio("198.51.100.4", 6000))
        #expect(first.ports == second.ports)
        #expect(try self.calls.plan(port: offer.port()).signalled == TransportAddress("198.51.100.4:6000"))
        let final = try self.calls.answer(to: "b1", sdp: audio("198.51.100.3", 5000))
        #expect(final.ports == first.ports)
        #expect(try self.calls.plan(port: offer.port()).signalled == TransportAddress("198.51.100.3:5000"))
        // Both names go on to mean the party.
        _ = try self.calls.offer(from: "b2", to: "a", sdp: audio("198.51.100.4", 6000)) {
            $0.portLatching = true
        }
        #expect(self.calls.plans.count == 4)
    }

    @Test func branchesHavePortsOfTheirOwnAndTheLastAnswerIsConnected() throws {
        let one = try self.calls.offer(branch: "z1", sdp: audio("198.51.100.1", 4000))
        let two = try self.calls.offer(branch: "z2", sdp: audio("198.51.100.1", 4000))
        #expect(one.ports != two.ports)
        let early = try self.calls.answer(to: "b1", branch: "z1", sdp: audio("198.51.100.3", 5000))
        let final = try self.calls.answer(to: "b2", branch: "z2", sdp: audio("198.51.100.4", 6000))
        #expect(early.ports == final.ports)
        let caller = try self.calls.plan(port: final.port())
        #expect(caller.sink == (try self.calls.plan(port: two.port()).id))
        #expect(try self.calls.plan(port: two.port()).sink == caller.id)
        #expect(try self.calls.plan(port: one.port()).sink == nil)
        _ = try self.calls.answer(to: "b1", branch: "z1", sdp: audio("198.51.100.3", 5000))
        #expect(try self.calls.plan(port: final.port()).sink == (try self.calls.plan(port: one.port()).id))
    }
}

@Suite struct TimeoutTests {
    let calls: CallHarness

    init() throws {
        self.calls = try CallHarness {
            $0.timeoutSeconds = 60
            $0.silentTimeoutSeconds = 600
            $0.offerTimeoutSeconds = 100
        }
    }

    @Test func anUnansweredOfferEnds() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        #expect(self.calls.expire(at: 99).isEmpty)
        #expect(self.calls.expire(at: 100) == [.offerTimeout])
        #expect(self.calls.ports.taken.isEmpty)
    }

    @Test func aCallEndsWhenEveryStreamHasFallenSilent() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let callee = try self.calls.plan(port: offer.port()).id
        self.calls.lastPacket[callee] = MonotonicTime(seconds: 50)
        #expect(self.calls.expire(at: 100).isEmpty)
        #expect(self.calls.expire(at: 110) == [.timeout])
    }

    @Test func aHeldCallMayBeSilentForLonger() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000, direction: "inactive"))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000, direction: "inactive"))
        #expect(self.calls.expire(at: 599).isEmpty)
        #expect(self.calls.expire(at: 600) == [.silentTimeout])
    }

    @Test func signallingCountsAsLife() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        self.calls.now = 50
        _ = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000))
        #expect(self.calls.expire(at: 100).isEmpty)
    }

    @Test func theFinalTimeoutEndsAnyCall() throws {
        self.calls.table.settings.finalTimeoutSeconds = 10
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        self.calls.lastPacket[try self.calls.plan(port: offer.port()).id] = MonotonicTime(seconds: 10)
        #expect(self.calls.expire(at: 10) == [.finalTimeout])
    }
}

@Suite struct PortPoolTests {
    @Test func portsAreEvenDistinctAndReusedLast() throws {
        var pool = PortPool(range: 30001...30010, seed: 7)
        #expect(pool.totalCount == 4)
        let first = (0..<4).compactMap { _ in pool.take() }
        try #require(first.count == 4)
        #expect(Set(first) == [30002, 30004, 30006, 30008])
        #expect(pool.take() == nil)
        pool.giveBack(first[2])
        pool.giveBack(first[0])
        #expect(pool.freeCount == 2)
        #expect(pool.take() == first[2])
        #expect(pool.take() == first[0])
    }

    @Test func theSeedDecidesTheOrder() throws {
        func order(_ seed: UInt64) -> [UInt16] {
            var pool = PortPool(range: 30000...31000, seed: seed)
            return (0..<pool.totalCount).compactMap { _ in pool.take() }
        }
        #expect(order(1) == order(1))
        #expect(order(1) != order(2))
    }

    @Test(arguments: [(0, 1), (65534, 65535), (65535, 65535), (10, 10)] as [(UInt16, UInt16)])
    func theEdgesOfTheRangeDoNotTrap(low: UInt16, high: UInt16) {
        var pool = PortPool(range: low...high, seed: 1)
        while let port = pool.take() { #expect(port >= low && port < high) }
    }
}
