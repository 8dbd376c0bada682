public import WireFormat

/// Arithmetic of round trips through a relay in the middle.
///
/// A sender report of one party passes the relay and is named by the other party's report block, together with how long
/// that party held it (RFC 3550, section 6.4.1). What remains of the time between the two packets at the relay is the
/// round trip of that party's leg; both legs together are the end-to-end round trip. Sender reports are recognised by
/// SSRC and NTP time, never calculated with, so no clock of the parties matters and no wrap of theirs either.
public enum RoundTrip {
    /// A held time longer than the real one by at most this much is rounding and clock drift: the result is zero.
    public static let toleratedExcessMicroseconds: UInt64 = 1000
    /// Anything longer is not believed.
    public static let longestBelievedMicroseconds: UInt64 = 60_000_000

    /// The round trip of one leg.
    ///
    /// - Parameters:
    ///   - sent: when the sender report passed the relay.
    ///   - now: when the report block that names it arrived.
    ///   - delay: how long the party held it in units of 1/65536 s (DLSR).
    /// - Returns: microseconds; nil if the times contradict each other or are not believable.
    public static func legMicroseconds(
        sent: MonotonicTime, returned now: MonotonicTime, delay: UInt32
    ) -> UInt32? {
        guard now >= sent else { return nil }
        let elapsed = now.nanoseconds(since: sent) / 1000
        let held = (UInt64(delay) * 1_000_000) >> 16
        guard elapsed >= held else {
            return held - elapsed <= self.toleratedExcessMicroseconds ? 0 : nil
        }
        let leg = elapsed - held
        return leg <= self.longestBelievedMicroseconds ? UInt32(leg) : nil
    }
}
