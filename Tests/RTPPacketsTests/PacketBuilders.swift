import RTPPackets

/// Builds an RTP packet from its fields.
struct RTPBuilder {
    var payloadType: UInt8 = 0
    var marker = false
    var sequence: UInt16 = 1
    var timestamp: UInt32 = 0
    var ssrc: UInt32 = 0x1111_1111
    var contributing: [UInt32] = []
    var extensionWords: Int?
    var payload = [UInt8](repeating: 0xD5, count: 160)
    var padding: UInt8?

    var bytes: [UInt8] {
        let flags: UInt8 = 0x80 | (self.padding != nil ? 0x20 : 0) | (self.extensionWords != nil ? 0x10 : 0)
        var bytes = [flags | UInt8(self.contributing.count), (self.marker ? 0x80 : 0) | self.payloadType]
        bytes += bigEndian(self.sequence) + bigEndian(self.timestamp) + bigEndian(self.ssrc)
        for source in self.contributing { bytes += bigEndian(source) }
        if let words = self.extensionWords {
            bytes += [0xBE, 0xDE] + bigEndian(UInt16(words)) + [UInt8](repeating: 0x11, count: words * 4)
        }
        bytes += self.payload
        if let padding = self.padding {
            bytes += [UInt8](repeating: 0, count: max(0, Int(padding) - 1)) + [padding]
        }
        return bytes
    }

    func header() throws -> RTPHeader { try RTPHeader(self.bytes.span.bytes) }
}

/// Builds RTCP packets.
enum RTCPBuilder {
    struct Block {
        var ssrc: UInt32
        var fractionLost: UInt8 = 0
        var cumulativeLost: Int32 = 0
        var highest: UInt32 = 0
        var jitter: UInt32 = 0
        var lastSenderReport: UInt32 = 0
        var delay: UInt32 = 0

        var bytes: [UInt8] {
            let loss = UInt32(self.fractionLost) << 24 | UInt32(bitPattern: self.cumulativeLost) & 0xFF_FFFF
            return bigEndian(self.ssrc) + bigEndian(loss) + bigEndian(self.highest)
                + bigEndian(self.jitter) + bigEndian(self.lastSenderReport) + bigEndian(self.delay)
        }
    }

    /// A packet whose body is a multiple of four octets.
    static func packet(_ type: UInt8, count: Int, _ body: [UInt8]) -> [UInt8] {
        [0x80 | UInt8(count), type] + bigEndian(UInt16(body.count / 4)) + body
    }

    static func senderReport(
        ssrc: UInt32, ntp: UInt64, rtp: UInt32 = 0, packets: UInt32 = 0, octets: UInt32 = 0,
        blocks: [Block] = []
    ) -> [UInt8] {
        let body: [UInt8] =
            bigEndian(ssrc) + bigEndian(ntp) + bigEndian(rtp) + bigEndian(packets) + bigEndian(octets)
        return self.packet(200, count: blocks.count, body + blocks.flatMap(\.bytes))
    }

    static func receiverReport(ssrc: UInt32, blocks: [Block] = []) -> [UInt8] {
        self.packet(201, count: blocks.count, bigEndian(ssrc) + blocks.flatMap(\.bytes))
    }

    /// One chunk with the CNAME "abc".
    static func sourceDescription(ssrc: UInt32) -> [UInt8] {
        self.packet(202, count: 1, bigEndian(ssrc) + [1, 3, 0x61, 0x62, 0x63, 0, 0, 0])
    }
}
