import WireFormat

/// What the tracker of the port across the relay contributes to understanding a report.
public struct OtherSide: Sendable {
    /// How long a measured leg is taken for the present one: several RTCP intervals.
    static let legLifetimeNanoseconds: UInt64 = 60_000_000_000

    private(set) var legMicroseconds: UInt32?
    private(set) var legMeasuredAt: MonotonicTime
    private(set) var clockRates: InlineArray<4, KnownClock?>

    init(legMicroseconds: UInt32?, legMeasuredAt: MonotonicTime, clockRates: InlineArray<4, KnownClock?>) {
        self.legMicroseconds = legMicroseconds
        self.legMeasuredAt = legMeasuredAt
        self.clockRates = clockRates
    }

    /// The other leg's round trip, unless it was measured too long ago.
    func legMicroseconds(at now: MonotonicTime) -> UInt32? {
        now.nanoseconds(since: self.legMeasuredAt) <= Self.legLifetimeNanoseconds ? self.legMicroseconds : nil
    }

    /// The clock rate of a source that was heard over there.
    func clockRate(of ssrc: UInt32) -> UInt32? {
        for index in self.clockRates.indices {
            if let known = self.clockRates[index], known.ssrc == ssrc { return known.hertz }
        }
        return nil
    }
}

/// The clock rate of a source that was heard.
struct KnownClock: Sendable, Hashable {
    /// The source.
    var ssrc: UInt32
    /// Its clock rate in hertz.
    var hertz: UInt32
}
