public import WireFormat

/// The quality of one stream as one report gave it.
public struct QualitySample: Sendable, Hashable {
    /// The mean opinion score times ten: 10 to 45.
    public var scoreTenths: UInt8
    /// When the report arrived.
    public var reportedAt: MonotonicTime
    /// Packets lost since the report before, in per cent.
    public var packetLossPercent: UInt8
    /// Interarrival jitter in microseconds.
    public var jitterMicroseconds: UInt32
    /// End-to-end round trip in microseconds; nil while one of the legs is unknown.
    public var roundTripMicroseconds: UInt32?
    /// The reporting party's leg of it.
    public var legRoundTripMicroseconds: UInt32?

    /// Joins the figures of one report.
    public init(
        scoreTenths: UInt8, reportedAt: MonotonicTime, packetLossPercent: UInt8 = 0,
        jitterMicroseconds: UInt32 = 0, roundTripMicroseconds: UInt32? = nil,
        legRoundTripMicroseconds: UInt32? = nil
    ) {
        self.scoreTenths = scoreTenths
        self.reportedAt = reportedAt
        self.packetLossPercent = packetLossPercent
        self.jitterMicroseconds = jitterMicroseconds
        self.roundTripMicroseconds = roundTripMicroseconds
        self.legRoundTripMicroseconds = legRoundTripMicroseconds
    }

    /// Interarrival jitter in milliseconds, rounded.
    public var jitterMilliseconds: UInt32 {
        self.jitterMicroseconds / 1000 &+ (self.jitterMicroseconds % 1000) / 500
    }
}

/// Which quality the score speaks of (rtpengine's `--mos`).
public enum QualityScoring: UInt8, Sendable, Hashable, CaseIterable {
    /// Delay counts; there is no score until the end-to-end round trip is known (`CQ`).
    case conversational
    /// Only what is heard counts, not the round trip (`LQ`).
    case listening
}
