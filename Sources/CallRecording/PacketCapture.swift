internal import WireFormat

/// How packets are framed in a capture file (`recording-format`).
public enum CaptureFraming: String, Sendable, Hashable, CaseIterable {
    /// They begin with the IP header (LINKTYPE_RAW).
    case raw
    /// They begin with an Ethernet header that has no addresses (LINKTYPE_ETHERNET).
    case ethernet = "eth"

    /// The number in the file's header, from the registry of link-layer types of the tcpdump group.
    var linkType: UInt32 {
        switch self {
        case .raw: 101
        case .ethernet: 1
        }
    }
}

/// The classic pcap format (draft-ietf-opsawg-pcap): a header, then a record for each packet; little-endian, with
/// microseconds, as rtpengine writes it.
public enum PacketCapture {
    /// Octets of the file's header.
    public static let fileHeaderOctets = 24
    /// Octets of a record's header.
    public static let recordHeaderOctets = 16
    /// No record holds more octets of a packet than this.
    public static let snapshotOctets = 65535

    /// The header of a file.
    public static func fileHeader(_ framing: CaptureFraming) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.fileHeaderOctets)
        bytes.appendLittle(UInt32(0xA1B2_C3D4))
        bytes.appendLittle(UInt16(2))
        bytes.appendLittle(UInt16(4))
        // Time zone and accuracy: zero in all known files.
        bytes.appendLittle(UInt32(0))
        bytes.appendLittle(UInt32(0))
        bytes.appendLittle(UInt32(Self.snapshotOctets))
        bytes.appendLittle(framing.linkType)
        return bytes
    }

    /// Appends a record with a datagram, and the headers it might have had on the wire.
    ///
    /// - Parameters:
    ///   - datagram: addresses and payload.
    ///   - unixMicroseconds: when it arrived; before 1970 and after 2106 cannot be written and become the bounds.
    ///   - framing: that of the file.
    ///   - bytes: where the record goes.
    public static func append(
        _ datagram: CapturedDatagram, unixMicroseconds: Int64, framing: CaptureFraming,
        to bytes: inout [UInt8]
    ) {
        let wireOctets = (framing == .ethernet ? EthernetHeader.octets : 0) + datagram.packetOctets
        let kept = min(wireOctets, Self.snapshotOctets)
        bytes.appendLittle(UInt32(clamping: unixMicroseconds / 1_000_000))
        bytes.appendLittle(UInt32(clamping: unixMicroseconds % 1_000_000))
        bytes.appendLittle(UInt32(kept))
        bytes.appendLittle(UInt32(wireOctets))
        let end = bytes.count + kept
        if framing == .ethernet { EthernetHeader.append(datagram.source.family, to: &bytes) }
        datagram.appendPacket(to: &bytes)
        if bytes.count > end { bytes.removeLast(bytes.count - end) }
    }
}

/// An Ethernet header without addresses: nobody knows them any more.
enum EthernetHeader {
    static let octets = 14

    static func append(_ family: AddressFamily, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: repeatElement(0, count: 12))
        bytes.appendBig(family == .ipv4 ? UInt16(0x0800) : UInt16(0x86DD))
    }
}

extension [UInt8] {
    mutating func appendLittle(_ value: UInt16) {
        self.append(UInt8(truncatingIfNeeded: value))
        self.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    mutating func appendLittle(_ value: UInt32) {
        self.appendLittle(UInt16(truncatingIfNeeded: value))
        self.appendLittle(UInt16(truncatingIfNeeded: value >> 16))
    }

    mutating func appendBig(_ value: UInt16) {
        self.append(UInt8(truncatingIfNeeded: value >> 8))
        self.append(UInt8(truncatingIfNeeded: value))
    }
}
