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
}
