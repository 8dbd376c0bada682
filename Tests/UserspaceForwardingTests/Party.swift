import CLinux
import WireFormat

@testable import UserspaceForwarding

/// A phone on loopback: a plain UDP socket that sends to relay ports and receives from them.
final class Party: Sendable {
    struct Received {
        let bytes: [UInt8]
        let source: TransportAddress
        let trafficClass: Int32
    }

    let descriptor: Int32
    let address: TransportAddress

    init(_ host: IPAddress = .loopback, port: UInt16 = 0) throws {
        let socket = try RelaySocket.open(
            local: TransportAddress(host, port: port), receiveBufferBytes: 4 << 20)
        self.address = socket.local
        self.descriptor = socket.takeDescriptor()
        _ = crosspoint_udp_report_traffic_class(self.descriptor, host.family.rawValue)
    }

    deinit { crosspoint_close(self.descriptor) }

    /// Sends a datagram; returns false if the system had no room for it.
    @discardableResult
    func send(_ bytes: [UInt8], to destination: TransportAddress) -> Bool {
        bytes.withUnsafeBytes {
            crosspoint_udp_send(self.descriptor, $0.baseAddress, $0.count, destination.system)
        } == Int64(bytes.count)
    }

    /// The next datagram, or nil if there is none in time.
    func receive(withinMilliseconds timeout: Int32 = 1000) -> Received? {
        guard crosspoint_wait_readable(self.descriptor, timeout) == 1 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65536)
        var datagram = crosspoint_datagram()
        let result = buffer.withUnsafeMutableBytes {
            crosspoint_udp_receive(self.descriptor, $0.baseAddress, $0.count, &datagram)
        }
        guard result == 0, let source = TransportAddress(datagram.source) else { return nil }
        return Received(
            bytes: Array(buffer.prefix(Int(datagram.length))), source: source,
            trafficClass: datagram.traffic_class)
    }

    /// True if nothing arrives for a while.
    func hearsNothing() -> Bool { self.receive(withinMilliseconds: 60) == nil }
}

extension IPAddress {
    static let loopback = IPAddress(ipv4: 0x7F00_0001)
    static let loopback6 = IPAddress(ipv6High: 0, low: 1)
}

/// Datagrams as they are seen on media ports.
enum Datagram {
    /// PCMU with 20 ms of payload that begins with `mark`.
    static func rtp(_ sequence: UInt16 = 1, ssrc: UInt32 = 0x1122_3344, mark: UInt32 = 0) -> [UInt8] {
        let timestamp = UInt32(sequence) &* 160
        var bytes: [UInt8] = [0x80, 0x00]
        bytes += Self.octets(UInt32(sequence)).suffix(2)
        bytes += Self.octets(timestamp)
        bytes += Self.octets(ssrc)
        bytes += Self.octets(mark)
        bytes += [UInt8](repeating: 0xFF, count: 156)
        return bytes
    }

    /// An empty receiver report (RFC 3550, section 6.4.2).
    static let rtcp: [UInt8] = [0x80, 201, 0, 1, 0x11, 0x22, 0x33, 0x44]
    /// The header of a STUN binding request (RFC 8489, section 5).
    static let stun: [UInt8] = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42] + [UInt8](repeating: 7, count: 12)
    /// The beginning of a DTLS client hello.
    static let dtls: [UInt8] = [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4]

    static func octets(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }

    static func mark(_ bytes: [UInt8]) -> UInt32 {
        bytes[12..<16].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
