/// One packet of a compound RTCP packet, as a view on the datagram; its lengths have been validated.
public struct RTCPPacket: ~Escapable {
    /// The packet type: 192 to 223, see ``RTCPPacketType`` for the known ones.
    public let packetType: UInt8
    /// The five bits that count report blocks, chunks or sources, or name the kind of feedback.
    public let count: Int
    /// The packet from its first octet to its last one before padding.
    public let bytes: RawSpan

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) {
        self.packetType = bytes.octet(at: 1)
        self.count = Int(bytes.octet(at: 0) & 0x1F)
        self.bytes = bytes
    }

    /// The packet type, if it is one of those known by name.
    public var knownType: RTCPPacketType? { RTCPPacketType(rawValue: self.packetType) }

    /// The SSRC of who sent the packet; nil for types that begin otherwise (SDES, BYE, unknown ones).
    public var senderSSRC: UInt32? {
        switch self.knownType {
        case .senderReport, .receiverReport, .applicationDefined, .transportFeedback, .payloadFeedback,
            .extendedReport:
            self.bytes.uint32(at: 4)
        case .sourceDescription, .goodbye, nil: nil
        }
    }

    /// The sender's part of a sender report; nil for other types.
    public var senderReport: SenderReport? {
        self.knownType == .senderReport ? SenderReport(self.bytes, at: 4) : nil
    }

    /// How many report blocks follow: 0 to 31, and 0 for types other than SR and RR.
    public var reportBlockCount: Int { self.firstReportBlock == nil ? 0 : self.count }

    /// A report block; nil if `index` is not below ``reportBlockCount``.
    public func reportBlock(at index: Int) -> ReportBlock? {
        guard let first = self.firstReportBlock, index >= 0, index < self.count else { return nil }
        return ReportBlock(self.bytes, at: first &+ index &* ReportBlock.byteCount)
    }

    private var firstReportBlock: Int? {
        switch self.knownType {
        case .senderReport: 28
        case .receiverReport: 8
        default: nil
        }
    }
}
