import RTPPackets
import Testing
import WireFormat

@Suite struct QualityHistoryTests {
    private func sample(
        _ score: UInt8, at seconds: Double, loss: UInt8 = 0, jitter: UInt32 = 0, trip: UInt32? = nil,
        leg: UInt32? = nil
    ) -> QualitySample {
        QualitySample(
            scoreTenths: score, reportedAt: MonotonicTime(seconds: seconds), packetLossPercent: loss,
            jitterMicroseconds: jitter, roundTripMicroseconds: trip, legRoundTripMicroseconds: leg)
    }

    @Test func withoutSamplesThereIsNothing() {
        let history = QualityHistory()
        #expect(history.samples == 0)
        #expect(history.lowest == nil && history.highest == nil && history.average == nil)
        #expect(history.latest == nil)
    }

    @Test func theExtremesAreTheFirstOfTheirKindAndTheAverageIsRounded() {
        var history = QualityHistory()
        for sample in [
            self.sample(43, at: 1, loss: 0, jitter: 1000, trip: 100_000, leg: 40_000),
            self.sample(36, at: 2, loss: 5, jitter: 2000, trip: 200_000, leg: 50_000),
            self.sample(36, at: 3, loss: 6, jitter: 2001), self.sample(43, at: 4, jitter: 3000),
            self.sample(40, at: 5),
        ] { history.add(sample) }
        #expect(history.samples == 5)
        #expect(history.lowest?.reportedAt == MonotonicTime(seconds: 2))
        #expect(history.highest?.reportedAt == MonotonicTime(seconds: 1))
        #expect(history.latest?.scoreTenths == 40)
        // 198 / 5 = 39.6; 11 / 5 = 2.2; 8001 / 5 = 1600.2; trips only of the two that had one.
        #expect(
            history.average
                == self.sample(40, at: 5, loss: 2, jitter: 1600, trip: 150_000, leg: 45_000))
        #expect(history.scoreTenths.sum == 198 && history.scoreTenths.count == 5)
        #expect(history.scoreTenths.squares == 7890)
        #expect(history.legRoundTripMicroseconds.sum == 90_000 && history.legRoundTripMicroseconds.count == 2)
    }

    @Test(arguments: [(UInt32(0), UInt32(0)), (499, 0), (500, 1), (1499, 1), (1500, 2), (.max, 4_294_967)])
    func jitterIsRoundedToMilliseconds(microseconds: UInt32, milliseconds: UInt32) {
        #expect(self.sample(40, at: 0, jitter: microseconds).jitterMilliseconds == milliseconds)
    }
}
