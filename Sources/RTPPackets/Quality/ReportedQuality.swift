public import WireFormat

/// What one party reported by RTCP about one stream it receives through the relay.
public struct ReportedQuality: Sendable, Hashable {
    /// The source of the stream.
    public let ssrc: UInt32
    /// The latest report block.
    public private(set) var report: ReportBlock
    /// When it arrived.
    public private(set) var reportedAt: MonotonicTime
    /// Its jitter in microseconds.
    public private(set) var jitterMicroseconds: UInt32
    /// The latest round trip of the reporting party's leg, in microseconds.
    public private(set) var legRoundTripMicroseconds: UInt32?
    /// The latest end-to-end round trip, in microseconds.
    public private(set) var roundTripMicroseconds: UInt32?
    /// Scores so far.
    public private(set) var history = QualityHistory()

    /// Begins with the first report block on a stream.
    init(_ report: ReportBlock, at now: MonotonicTime) {
        self.ssrc = report.ssrc
        self.report = report
        self.reportedAt = now
        self.jitterMicroseconds = 0
    }

    /// Takes a report block with what could be found out about round trips.
    mutating func receive(
        _ report: ReportBlock, at now: MonotonicTime, clockRate: UInt32, trip: MeasuredTrip,
        scoring: QualityScoring
    ) {
        self.report = report
        self.reportedAt = now
        self.jitterMicroseconds = UInt32(
            clamping: UInt64(report.jitter) * 1_000_000 / UInt64(max(1, clockRate)))
        self.legRoundTripMicroseconds = trip.leg ?? self.legRoundTripMicroseconds
        self.roundTripMicroseconds = trip.endToEnd ?? self.roundTripMicroseconds
        guard trip.endToEnd != nil || scoring == .listening else { return }
        self.history.add(self.sample(of: trip, scoring: scoring))
    }

    private func sample(of trip: MeasuredTrip, scoring: QualityScoring) -> QualitySample {
        let lossPercent = Double(self.report.fractionLost) * 100 / 256
        let counted = scoring == .conversational ? trip.endToEnd ?? 0 : 0
        let score = meanOpinionScore(
            lossPercent: lossPercent, jitterMilliseconds: Double(self.jitterMicroseconds) / 1000,
            roundTripMilliseconds: Double(counted) / 1000)
        return QualitySample(
            scoreTenths: UInt8((score * 10).rounded()), reportedAt: self.reportedAt,
            packetLossPercent: UInt8(lossPercent.rounded()), jitterMicroseconds: self.jitterMicroseconds,
            roundTripMicroseconds: trip.endToEnd, legRoundTripMicroseconds: trip.leg)
    }
}

/// Round trips in microseconds that one report block gave away.
struct MeasuredTrip: Sendable, Hashable {
    /// Between the relay and the party that reports.
    var leg: UInt32?
    /// Between the two parties.
    var endToEnd: UInt32?
}

extension ReportedQuality: SSRCKeyed {
    static var vacant: ReportedQuality {
        ReportedQuality(.vacant, at: MonotonicTime(nanoseconds: 0))
    }

    var lastHeard: MonotonicTime { self.reportedAt }
}
