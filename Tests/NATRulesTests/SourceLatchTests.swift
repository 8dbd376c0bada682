import NATRules
import Testing
import WireFormat

@Suite struct SourceLatchTests {
    @Test(
        arguments: scenariosWithoutLearning + scenariosOfLearning + scenariosOfHeuristics + scenariosOfFlags)
    func packetsGetTheVerdictsOfTheirScenario(scenario: LatchScenario) throws {
        var latch = scenario.latch()
        for (number, step) in scenario.steps.enumerated() {
            let source = try #require(TransportAddress(step.source))
            let now = MonotonicTime(
                nanoseconds: LatchScenario.openedAt + step.milliseconds * 1_000_000)
            #expect(latch.receive(from: source, at: now) == step.verdict, "step \(number)")
            #expect(latch.destination?.description == step.destination, "step \(number)")
            #expect(latch.isSettled == step.isSettled, "step \(number)")
        }
    }

    @Test(arguments: LearningMode.allCases)
    func withoutPacketsTheSignalledAddressIsTheDestinationAndOnlyModeOffIsSettled(mode: LearningMode) {
        let latch = SourceLatch(
            policy: LearningPolicy(mode: mode), signalled: TransportAddress(named),
            openedAt: MonotonicTime(seconds: 1))
        #expect(latch.destination?.description == named)
        #expect(latch.isSettled == (mode == .off))
    }

    @Test(arguments: [nil, "0.0.0.0:5004", "192.0.2.1:0", "[::]:5004", "224.0.0.1:5004"])
    func nothingIsSentBeforeAPacketCameIfNoUsableAddressIsSignalled(signalled: String?) {
        for mode in LearningMode.allCases {
            for asymmetric in [false, true] {
                let latch = SourceLatch(
                    policy: LearningPolicy(mode: mode, asymmetric: asymmetric),
                    signalled: signalled.flatMap { TransportAddress($0) },
                    openedAt: MonotonicTime(seconds: 1))
                #expect(latch.destination == nil)
                #expect(!latch.isSettled)
            }
        }
    }

    @Test(arguments: [LearningMode.delayed, .heuristic])
    func theWindowEndsExactlyThreeSecondsAfterTheSignallingEvent(mode: LearningMode) throws {
        let source = try #require(TransportAddress(natted))
        let opened = MonotonicTime(nanoseconds: 7)
        for (nanoseconds, isSettled) in [
            (UInt64(0), false), (7, false), (8, false), (3_000_000_006, false), (3_000_000_007, true),
            (3_000_000_008, true), (.max, true),
        ] {
            var latch = SourceLatch(
                policy: LearningPolicy(mode: mode), signalled: TransportAddress(named), openedAt: opened)
            let verdict = latch.receive(from: source, at: MonotonicTime(nanoseconds: nanoseconds))
            #expect(verdict == (isSettled ? .acceptAndSettled : .acceptAndMoved), "\(nanoseconds)")
            #expect(latch.isSettled == isSettled, "\(nanoseconds)")
        }
    }

    @Test func aWindowThatWouldEndAfterTheEndOfTimeStillCloses() throws {
        var latch = SourceLatch(
            policy: LearningPolicy(mode: .delayed), signalled: nil,
            openedAt: MonotonicTime(nanoseconds: .max - 1))
        let source = try #require(TransportAddress(natted))
        #expect(latch.receive(from: source, at: MonotonicTime(nanoseconds: .max - 1)) == .acceptAndMoved)
        #expect(latch.receive(from: source, at: MonotonicTime(nanoseconds: .max)) == .acceptAndSettled)
    }

    @Test func verdictsSayWhetherThePacketIsRelayed() {
        let accepted = SourceVerdict.allCases.filter(\.isAccepted)
        #expect(accepted == [.accept, .acceptAndMoved, .acceptAndSettled])
    }
}
