/// The mean opinion score a narrow-band listener would give, estimated by a simplified E-model: 1.0 to 4.5.
///
/// The rating factor is that of ITU-T G.107 with its default values, so that only delay and loss remain:
/// `R = 93.2 − Id − Ie,eff`
/// - `Ie,eff = Ie + (95 − Ie) · Ppl / (Ppl + Bpl)` (G.107, equation 7-29, random loss) with `Ie = 0` and
///   `Bpl = 25.1`: G.711 with packet loss concealment (G.113, appendix I). `Ppl` is the loss in per cent.
/// - `Id = 0.024 · Ta + 0.11 · (Ta − 177.3)` with the second term only where it is positive: the fit of Cole and
///   Rosenbluth ("Voice over IP performance monitoring", 2001) to G.107's delay curves. The one-way delay `Ta` in
///   milliseconds is half of the round trip, plus a play-out buffer of twice the jitter, plus 10 ms for coding.
///
/// The score is `1 + 0.035 · R + R · (R − 60) · (100 − R) · 7 · 10⁻⁶` (G.107, annex B), 1 below `R = 0` and 4.5 above
/// `R = 100`.
///
/// - Parameters:
///   - lossPercent: packets lost in per cent.
///   - jitterMilliseconds: interarrival jitter.
///   - roundTripMilliseconds: the round trip between the two ends; zero leaves it out of account (listening quality).
/// - Returns: the score, from 1.0 to 4.5.
public func meanOpinionScore(
    lossPercent: Double, jitterMilliseconds: Double, roundTripMilliseconds: Double
) -> Double {
    let loss = min(max(lossPercent, 0), 100)
    let delay = max(roundTripMilliseconds, 0) / 2 + max(jitterMilliseconds, 0) * 2 + 10
    let equipmentImpairment = 95 * loss / (loss + 25.1)
    let delayImpairment = 0.024 * delay + 0.11 * max(delay - 177.3, 0)
    return meanOpinionScore(ratingFactor: 93.2 - delayImpairment - equipmentImpairment)
}

/// The score that belongs to a rating factor (G.107, annex B), never below 1: the cubic dips under it for R < 6.5.
func meanOpinionScore(ratingFactor rating: Double) -> Double {
    guard rating > 0 else { return 1 }
    guard rating < 100 else { return 4.5 }
    return max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
}
