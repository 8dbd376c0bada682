import RTPPackets
import Testing

@Suite struct MeanOpinionScoreTests {
    /// Worked out from the formula of G.107, independently of this program.
    @Test(arguments: [
        (0.0, 0.0, 0.0, 4.40459), (0, 0, 100, 4.37970), (1, 0, 100, 4.29027), (3, 5, 150, 4.05305),
        (5, 20, 300, 3.60273), (20, 0, 600, 1.56958), (100, 0, 0, 1.1708), (100, 500, 5000, 1.0),
    ])
    func knownPointsComeOut(loss: Double, jitter: Double, roundTrip: Double, score: Double) {
        let computed = meanOpinionScore(
            lossPercent: loss, jitterMilliseconds: jitter, roundTripMilliseconds: roundTrip)
        #expect(abs(computed - score) < 0.00005)
    }

    @Test func moreLossJitterOrDelayNeverRaisesTheScore() {
        for fixed in [0.0, 10, 40] {
            for step in 0..<200 {
                let (less, more) = (Double(step), Double(step + 1))
                #expect(Self.score(less / 2, fixed, fixed) >= Self.score(more / 2, fixed, fixed))
                #expect(Self.score(fixed, less, fixed) >= Self.score(fixed, more, fixed))
                #expect(Self.score(fixed, fixed, less * 10) >= Self.score(fixed, fixed, more * 10))
            }
        }
    }

    @Test(arguments: [-1.0, 0, 1e-300, 1, 100, 1e6, 1e300, .infinity])
    func theScoreStaysWithinItsBounds(value: Double) {
        for other in [-5.0, 0, 3, 1e9] {
            for score in [
                Self.score(value, other, other), Self.score(other, value, other),
                Self.score(other, other, value),
            ] {
                #expect(score >= 1 && score <= 4.5)
            }
        }
    }

    private static func score(_ loss: Double, _ jitter: Double, _ roundTrip: Double) -> Double {
        meanOpinionScore(lossPercent: loss, jitterMilliseconds: jitter, roundTripMilliseconds: roundTrip)
    }
}
