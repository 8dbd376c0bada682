public import WireFormat

/// Interarrival jitter (RFC 3550, section 6.4.1 and appendix A.8), in timestamp units of the source's clock.
///
/// Packets that carry the timestamp of the one before give no sample: telephone events (RFC 4733) and video frames
/// repeat it while time goes on, which says nothing of the network.
public struct JitterEstimator: Sendable, Hashable {
    /// The clock rate the estimate is kept in, in hertz.
    public private(set) var clockRate: UInt32
    /// Sixteen times the jitter, in timestamp units.
    private var scaledJitter: UInt32 = 0
    private var transit: UInt32
    private var lastTimestamp: UInt32

    /// Begins with the first packet of a source; `clockRate` is not zero.
    public init(timestamp: UInt32, at now: MonotonicTime, clockRate: UInt32) {
        self.clockRate = clockRate
        self.lastTimestamp = timestamp
        self.transit = Self.units(now, clockRate) &- timestamp
    }

    /// The jitter in timestamp units, rounded down.
    public var jitter: UInt32 { self.scaledJitter >> 4 }

    /// The jitter in microseconds.
    public var microseconds: UInt32 {
        UInt32(clamping: UInt64(self.scaledJitter) * 62500 / UInt64(max(1, self.clockRate)))
    }

    /// Takes one more packet; a change of clock rate converts the estimate and gives no sample.
    public mutating func receive(timestamp: UInt32, at now: MonotonicTime, clockRate: UInt32) {
        guard timestamp != self.lastTimestamp else { return }
        self.lastTimestamp = timestamp
        guard clockRate == self.clockRate else { return self.change(to: clockRate, timestamp, now) }
        let transit = Self.units(now, clockRate) &- timestamp
        let difference = Int32(bitPattern: transit &- self.transit).magnitude
        self.transit = transit
        // Half a minute is no jitter but a new timestamp origin.
        guard difference < clockRate &* 30 else { return }
        self.scaledJitter &+= difference &- ((self.scaledJitter &+ 8) >> 4)
    }

    /// Says that the next packet's transit time cannot be compared with the last one's.
    public mutating func rebase(timestamp: UInt32, at now: MonotonicTime) {
        self.lastTimestamp = timestamp
        self.transit = Self.units(now, self.clockRate) &- timestamp
    }

    private mutating func change(to clockRate: UInt32, _ timestamp: UInt32, _ now: MonotonicTime) {
        let converted = UInt64(self.scaledJitter) * UInt64(clockRate) / UInt64(max(1, self.clockRate))
        self.scaledJitter = UInt32(clamping: converted)
        self.clockRate = clockRate
        self.rebase(timestamp: timestamp, at: now)
    }

    /// A reading in units of the clock, modulo 2^32.
    private static func units(_ now: MonotonicTime, _ clockRate: UInt32) -> UInt32 {
        let second: UInt64 = 1_000_000_000
        let seconds = now.nanoseconds / second
        let rest = now.nanoseconds &- seconds &* second
        let units = seconds &* UInt64(clockRate) &+ rest &* UInt64(clockRate) / second
        return UInt32(truncatingIfNeeded: units)
    }
}
