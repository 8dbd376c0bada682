/// A reading of a clock that never goes back, handed to protocol code by whoever owns the clock.
///
/// Pure modules take it as an argument and never read a clock themselves, so tests own the time.
public struct MonotonicTime: Comparable, Hashable, Sendable {
    /// Nanoseconds since an arbitrary start.
    public let nanoseconds: UInt64

    /// A reading of `nanoseconds` since an arbitrary start.
    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// A reading of whole seconds since an arbitrary start, for tests and tables.
    public init(seconds: Double) {
        self.nanoseconds = UInt64(max(0, seconds) * 1e9)
    }

    /// True if this reading is earlier than `other`.
    @inlinable
    public static func < (one: Self, other: Self) -> Bool { one.nanoseconds < other.nanoseconds }

    /// The reading a non-negative number of nanoseconds later, saturating at the end of time.
    @inlinable
    public func advanced(byNanoseconds nanoseconds: UInt64) -> MonotonicTime {
        let (sum, overflow) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return MonotonicTime(nanoseconds: overflow ? .max : sum)
    }

    /// The reading a duration later; negative durations count as zero.
    public func advanced(by duration: Duration) -> MonotonicTime {
        let parts = duration.components
        guard parts.seconds >= 0, parts.attoseconds >= 0 else { return self }
        let (whole, overflow) = UInt64(parts.seconds).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return MonotonicTime(nanoseconds: .max) }
        return self.advanced(byNanoseconds: whole).advanced(
            byNanoseconds: UInt64(parts.attoseconds / 1_000_000_000))
    }

    /// Nanoseconds from `earlier` to this reading; zero if `earlier` is in fact later.
    @inlinable
    public func nanoseconds(since earlier: MonotonicTime) -> UInt64 {
        self.nanoseconds > earlier.nanoseconds ? self.nanoseconds - earlier.nanoseconds : 0
    }

    /// Seconds from `earlier` to this reading; zero if `earlier` is in fact later.
    @inlinable
    public func seconds(since earlier: MonotonicTime) -> Double {
        Double(self.nanoseconds(since: earlier)) / 1e9
    }
}
