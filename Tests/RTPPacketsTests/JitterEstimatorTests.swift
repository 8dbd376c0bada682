import RTPPackets
import Testing
import WireFormat

@Suite struct JitterEstimatorTests {
    private func at(_ milliseconds: UInt64) -> MonotonicTime {
        MonotonicTime(nanoseconds: 1_000_000_000 + milliseconds * 1_000_000)
    }

    /// By hand after RFC 3550, appendix A.8, at 8000 Hz with 160 units a packet. J is sixteen times the jitter,
    /// J += |D| − ((J + 8) >> 4): 0, 40, 77, 72, 227, 373.
    @Test func theEstimateIsThatOfTheRFC() {
        let arrivals: [(UInt64, UInt32)] = [(20, 0), (45, 2), (60, 4), (80, 4), (120, 14), (120, 23)]
        var estimator = JitterEstimator(timestamp: 0, at: self.at(0), clockRate: 8000)
        for (number, (milliseconds, jitter)) in arrivals.enumerated() {
            estimator.receive(
                timestamp: UInt32(160 * (number + 1)), at: self.at(milliseconds), clockRate: 8000)
            #expect(estimator.jitter == jitter, "packet \(number)")
        }
        #expect(estimator.microseconds == 373 * 62500 / 8000)
    }

    @Test func aSteadyStreamHasNoJitterAcrossTheWrapOfItsTimestamp() {
        let first = UInt32.max - 400
        var estimator = JitterEstimator(timestamp: first, at: self.at(0), clockRate: 8000)
        for number in 1...50 {
            estimator.receive(
                timestamp: first &+ UInt32(160 * number), at: self.at(UInt64(20 * number)), clockRate: 8000)
        }
        #expect(estimator.jitter == 0)
    }

    @Test func alternatingDelaysSettleAtTheirDifference() {
        var estimator = JitterEstimator(timestamp: 0, at: self.at(0), clockRate: 48000)
        for number in 1...2000 {
            let late: UInt64 = number % 2 == 0 ? 0 : 10
            estimator.receive(
                timestamp: UInt32(960 * number), at: self.at(UInt64(20 * number) + late), clockRate: 48000)
        }
        // The step of A.8 rounds, so J rests where (J + 8) >> 4 equals |D|.
        #expect(estimator.jitter == 479 || estimator.jitter == 480)
        #expect((9970...10_010).contains(estimator.microseconds))
    }

    @Test func aTelephoneEventThatRepeatsItsTimestampIsNoJitter() {
        var estimator = JitterEstimator(timestamp: 0, at: self.at(0), clockRate: 8000)
        for number in 1...10 {
            estimator.receive(timestamp: 160, at: self.at(UInt64(20 * number)), clockRate: 8000)
        }
        estimator.receive(timestamp: 160 * 11, at: self.at(220), clockRate: 8000)
        #expect(estimator.jitter == 0)
    }

    @Test(arguments: [0x8000_0000, 0x7FFF_FFFF, 248_000, UInt32.max - 248_000])
    func aNewTimestampOriginIsNoJitter(origin: UInt32) {
        var estimator = JitterEstimator(timestamp: 0, at: self.at(0), clockRate: 8000)
        estimator.receive(timestamp: origin, at: self.at(20), clockRate: 8000)
        estimator.receive(timestamp: origin &+ 160, at: self.at(40), clockRate: 8000)
        #expect(estimator.jitter == 0)
    }

    @Test func aPauseOfSecondsIsJitter() {
        var estimator = JitterEstimator(timestamp: 0, at: self.at(0), clockRate: 8000)
        estimator.receive(timestamp: 160, at: self.at(10_020), clockRate: 8000)
        #expect(estimator.jitter == 5000)
    }

    @Test func aChangeOfClockRateConvertsTheEstimate() {
        var estimator = JitterEstimator(timestamp: 0, at: self.at(0), clockRate: 8000)
        for number in 1...200 {
            let late: UInt64 = number % 2 == 0 ? 0 : 10
            estimator.receive(
                timestamp: UInt32(160 * number), at: self.at(UInt64(20 * number) + late), clockRate: 8000)
        }
        let before = estimator.microseconds
        #expect(before > 9000)
        estimator.receive(timestamp: 123_456, at: self.at(4020), clockRate: 48000)
        #expect(estimator.clockRate == 48000)
        #expect(before - estimator.microseconds < 30)
    }

    @Test func noTimestampAndNoTimeMakesItTrap() {
        var random = SplitMix64(seed: 77)
        var estimator = JitterEstimator(timestamp: 0, at: MonotonicTime(nanoseconds: .max), clockRate: 8000)
        for _ in 0..<20_000 {
            let rate: UInt32 = [1, 8000, 90000, .max][random.below(4)]
            estimator.receive(
                timestamp: UInt32(truncatingIfNeeded: random.next()),
                at: MonotonicTime(nanoseconds: random.next()), clockRate: rate)
            #expect(estimator.clockRate > 0)
        }
    }
}
