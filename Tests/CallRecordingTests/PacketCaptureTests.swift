import Testing
import WireFormat

@testable import CallRecording

/// Files that tcpdump and Wireshark read; the octets are those of rtpengine 10.5 but for the checksums, which it leaves
/// zero. (The laboratory asks tshark.)
@Suite("Capture files")
struct PacketCaptureTests {
    private static let source = TransportAddress(IPAddress(ipv4: 0x7F00_0001), port: 42043)
    private static let destination = TransportAddress(IPAddress(ipv4: 0x7F00_0001), port: 41016)
    private static let payload = [UInt8](repeating: 0x80, count: 3)

    static func record(
        _ payload: [UInt8], from source: TransportAddress = Self.source,
        to destination: TransportAddress = Self.destination, at unixMicroseconds: Int64 = 1_000_002,
        framing: CaptureFraming = .raw
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        let datagram = CapturedDatagram(
            source: source, destination: destination, payload: payload.span.bytes)
        PacketCapture.append(datagram, unixMicroseconds: unixMicroseconds, framing: framing, to: &bytes)
        return bytes
    }

    @Test("The headers of files are rtpengine's")
    func fileHeaders() {
        let common: [UInt8] = [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0]
        #expect(PacketCapture.fileHeader(.raw) == common + [101, 0, 0, 0])
        #expect(PacketCapture.fileHeader(.ethernet) == common + [1, 0, 0, 0])
    }

    @Test("A raw record is the time, both lengths and the IP packet")
    func rawRecord() {
        let bytes = Self.record(Self.payload)
        #expect(bytes.prefix(16) == [1, 0, 0, 0, 2, 0, 0, 0, 31, 0, 0, 0, 31, 0, 0, 0])
        #expect(
            bytes[16..<36] == [
                0x45, 0, 0, 31, 0, 0, 0, 0, 64, 17, 0x7C, 0xCC, 127, 0, 0, 1, 127, 0, 0, 1,
            ])
        #expect(bytes[36..<42] == [0xA4, 0x3B, 0xA0, 0x38, 0, 11])
        #expect(bytes.dropFirst(44) == Self.payload[...])
        #expect(bytes.count == 16 + 31)
    }

    @Test("With Ethernet framing fourteen octets come first")
    func ethernetRecord() {
        let raw = Self.record(Self.payload)
        let framed = Self.record(Self.payload, framing: .ethernet)
        #expect(framed.prefix(16) == [1, 0, 0, 0, 2, 0, 0, 0, 45, 0, 0, 0, 45, 0, 0, 0])
        #expect(framed[16..<30] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0])
        #expect(framed.dropFirst(30) == raw.dropFirst(16))
    }

    @Test("IPv6 packets have their own header and EtherType")
    func ipv6Record() {
        let source = TransportAddress(IPAddress(ipv6High: 0x2001_0DB8_0000_0000, low: 1), port: 1)
        let destination = TransportAddress(IPAddress(ipv6High: 0x2001_0DB8_0000_0000, low: 2), port: 2)
        let bytes = Self.record([1, 2], from: source, to: destination, framing: .ethernet)
        #expect(bytes[28..<30] == [0x86, 0xDD])
        #expect(bytes[30..<38] == [0x60, 0, 0, 0, 0, 10, 17, 64])
        #expect(Array(bytes[38..<54]) == source.address.octets)
        #expect(Array(bytes[54..<70]) == destination.address.octets)
        #expect(bytes[70..<76] == [0, 1, 0, 2, 0, 10])
        #expect(bytes.count == 16 + 14 + 40 + 8 + 2)
    }

    @Test("Checksums come out as RFC 1071 wants them", arguments: 0..<40)
    func checksums(length: Int) {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37 + 200) }
        let bytes = Self.record(payload)
        // A packet with its checksum in place sums up to all ones.
        #expect(Self.sum(bytes[16..<36]) == 0xFFFF)
        let pseudo: [UInt8] = Array(bytes[28..<36]) + [0, 17] + Array(bytes[40..<42])
        let padding: [UInt8] = length % 2 == 1 ? [0] : []
        #expect(Self.sum(pseudo + Array(bytes[36...]) + padding) == 0xFFFF)
    }

    private static func sum(_ bytes: some Collection<UInt8>) -> UInt32 {
        let octets = Array(bytes)
        var sum = stride(from: 0, to: octets.count, by: 2).reduce(UInt32(0)) {
            $0 + UInt32(octets[$1]) << 8 + UInt32(octets[$1 + 1])
        }
        while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
        return sum
    }

    @Test("A checksum of zero is written as all ones")
    func zeroChecksum() {
        // The payload that makes the sum come out as zero: what is missing to it.
        let plain = Self.record([0, 0])
        let missing = Array(plain[42..<44])
        #expect(Self.record(missing)[42..<44] == [0xFF, 0xFF])
    }

    @Test("The longest datagram is cut at the snapshot length, and nothing overflows")
    func longest() {
        let source = TransportAddress(IPAddress(ipv6High: 1, low: 1), port: 1)
        let payload = [UInt8](repeating: 7, count: 65527)
        let bytes = Self.record(payload, from: source, to: source, framing: .ethernet)
        #expect(bytes.count == 16 + 65535)
        #expect(bytes[8..<16] == [0xFF, 0xFF, 0, 0, 53, 0, 1, 0])
    }

    @Test("Times that the format has no room for become its bounds")
    func times() {
        #expect(Self.record([], at: -5).prefix(8) == [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(Self.record([], at: .max).prefix(4) == [0xFF, 0xFF, 0xFF, 0xFF])
    }
}
