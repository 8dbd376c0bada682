import RTPPackets
import Testing
import WireFormat

@Suite struct RoundTripTests {
    @Test(
        arguments: [
            // Sent and returned in microseconds, held in 1/65536 s, leg in microseconds.
            (UInt64(1_000_000), UInt64(1_080_000), UInt32(0), UInt32(80_000)),
            (1_000_000, 6_080_000, 5 * 65536, 80_000), (1_000_000, 1_500_000, 32768, 0),
            // RFC 3550, figure 2: 6.125 s later, held for 5.25 s, as seen by the sender itself.
            (1_000_000, 7_125_000, 0x0005_4000, 875_000),
            (0, 0, 0, 0), (1_000_000, 1_499_000, 32768, 0), (1_000_000, 1_498_999, 32768, nil),
            (1_000_000, 999_999, 0, nil), (0, 60_000_000, 0, 60_000_000), (0, 60_000_001, 0, nil),
            // Held for 18 hours, the most that can be said: no product overflows.
            (0, 65_536_010_000, .max, 10_016), (0, 1, .max, nil), (0, 18_000_000_000_000, 0, nil),
        ] as [(UInt64, UInt64, UInt32, UInt32?)])
    func theLegIsWhatTheHeldTimeLeaves(sent: UInt64, returned: UInt64, held: UInt32, leg: UInt32?) {
        let measured = RoundTrip.legMicroseconds(
            sent: MonotonicTime(nanoseconds: sent * 1000),
            returned: MonotonicTime(nanoseconds: returned * 1000), delay: held)
        #expect(measured == leg)
    }
}
