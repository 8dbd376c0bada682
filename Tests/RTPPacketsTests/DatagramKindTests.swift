import RTPPackets
import Testing

@Suite struct DatagramKindTests {
    /// RFC 7983, section 7, and RFC 5761, section 4, written once more as a table of ranges.
    private static func expected(_ first: UInt8, _ second: UInt8) -> DatagramKind {
        if first <= 3 { return .stun }
        if first >= 20, first <= 63 { return .dtls }
        guard first >= 128, first <= 191 else { return .other }
        return second >= 192 && second <= 223 ? .rtcp : .rtp
    }

    @Test func everyPairOfFirstOctetsIsToldApart() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second, 0, 0]
                let kind = DatagramKind.of(bytes.span.bytes)
                #expect(kind == Self.expected(first, second), "\(first) \(second)")
            }
        }
    }

    @Test(arguments: [[], [0x80], [0x00], [0x16]] as [[UInt8]])
    func aDatagramTooShortToTellIsSomethingElse(bytes: [UInt8]) {
        #expect(DatagramKind.of(bytes.span.bytes) == .other)
    }

    @Test func aMarkedPacketOfADynamicTypeIsRTP() throws {
        // Marker and payload type 96 make 224, the first value above RTCP; payload types 64 to 95 are the ones lost.
        let bytes = RTPBuilder(payloadType: 96, marker: true).bytes
        #expect(DatagramKind.of(bytes.span.bytes) == .rtp)
    }
}
