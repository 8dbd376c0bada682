public import WireFormat

/// The two clocks at the moment a command arrived: one for intervals, one for what people read.
public struct SignallingTime: Sendable, Hashable {
    /// The clock that never goes back.
    public var monotonic: MonotonicTime
    /// Microseconds since 1970, UTC.
    public var unixMicroseconds: Int64

    /// A reading of both clocks.
    public init(monotonic: MonotonicTime, unixMicroseconds: Int64) {
        self.monotonic = monotonic
        self.unixMicroseconds = unixMicroseconds
    }

    /// Whole seconds since 1970.
    public var unixSeconds: Int64 { self.unixMicroseconds / 1_000_000 }

    /// What the wall clock read at a moment of the monotonic clock.
    public func unixSeconds(of moment: MonotonicTime) -> Int64 {
        let ago =
            self.monotonic >= moment
            ? -Int64(clamping: self.monotonic.nanoseconds(since: moment) / 1000)
            : Int64(clamping: moment.nanoseconds(since: self.monotonic) / 1000)
        return (self.unixMicroseconds + ago) / 1_000_000
    }
}
