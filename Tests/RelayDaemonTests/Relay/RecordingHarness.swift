import CLinux
import ControlProtocols
import Foundation
import Logging
import NIOConcurrencyHelpers
import WireFormat

@testable import RelayDaemon

/// A relay that records below a directory of its own, with two phones on loopback.
final class RecordingHarness {
    let directory: URL
    let relay: RelayHarness
    let log: KeptLog
    private let phones = [UDPPhone(), UDPPhone()]
    private(set) var targets: [TransportAddress] = []

    init(
        ports: ClosedRange<UInt16>, prepare: (URL) throws -> Void = { _ in },
        change: (inout RecordingConfiguration) -> Void = { _ in }
    ) throws {
        self.directory = FileManager.default.temporaryDirectory.appending(path: "recording-\(UUID())")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        try prepare(self.directory)
        var configuration = RecordingConfiguration(directory: self.directory.path())
        change(&configuration)
        let log = KeptLog()
        self.log = log
        self.relay = try RelayHarness(
            ports: ports, recording: configuration, logger: Logger(label: "test") { _ in log })
    }

    deinit { try? FileManager.default.removeItem(at: self.directory) }

    /// Makes a call and remembers where each phone has to send.
    func call(_ id: String, from tag: String = "a", to toTag: String = "b") throws {
        let offer = try self.relay.offer(id, from: tag, port: Int(self.phones[0].port))
        let answer = try self.relay.answer(id, from: tag, to: toTag, port: Int(self.phones[1].port))
        self.targets = [answer, offer].compactMap { reply in
            (reply["sdp"] as? String)?.split(separator: "\r\n").first { $0.hasPrefix("m=audio ") }
                .flatMap { UInt16($0.split(separator: " ")[1]) }
                .map { TransportAddress(IPAddress(ipv4: 0x7F00_0001), port: $0) }
        }
    }

    /// Connects a party of one call to one of another.
    func connect(_ call: String, _ tag: String, to other: String, _ otherTag: String) throws {
        try self.relay.request([
            "command": "connect", "call-id": call, "from-tag": tag, "to-call-id": other, "to-tag": otherTag,
        ])
    }

    /// Sends numbered packets from one phone and waits until the other one has them.
    func send(_ numbers: Range<UInt16>, from phone: Int = 0, expectsNothing: Bool = false) -> Bool {
        for number in numbers { self.phones[phone].send(number, to: self.targets[phone]) }
        return expectsNothing || numbers.allSatisfy { _ in self.phones[1 - phone].receive() }
    }

    @discardableResult
    func command(
        _ word: RecordingWord, _ call: String, _ options: RecordingOptions = RecordingOptions()
    )
        throws -> [String: String]
    {
        let request = RecordingRequest(selector: CallSelector(callID: call), options: options)
        return try self.relay.on { relay in
            let now = relay.clock.now
            let reply =
                switch word {
                case .start: relay.startRecording(request, at: now)
                case .pause: relay.pauseRecording(request, at: now)
                case .stop: relay.stopRecording(request, at: now)
                }
            return Dictionary(
                uniqueKeysWithValues: reply.dictionary.entries.map { ($0.key, $0.value.text ?? "") })
        }
    }

    enum RecordingWord: Sendable { case start, pause, stop }

    /// The files below the directory, each with its path from there.
    var files: [String] {
        let all = FileManager.default.enumerator(atPath: self.directory.path())?.allObjects ?? []
        return all.compactMap { $0 as? String }.filter { path in
            var isDirectory = ObjCBool(false)
            let whole = self.directory.appending(path: path).path(percentEncoded: false)
            _ = FileManager.default.fileExists(atPath: whole, isDirectory: &isDirectory)
            return !isDirectory.boolValue
        }.sorted()
    }

    func contents(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: self.directory.path() + "/" + path)))
    }

    func text(_ path: String) throws -> String { String(decoding: try self.contents(path), as: UTF8.self) }

    /// Waits until the files are as they should be.
    func wait(until isSo: () throws -> Bool) rethrows -> Bool {
        for _ in 0..<500 {
            if try isSo() { return true }
            usleep(10_000)
        }
        return false
    }

    /// The RTP sequence numbers in a raw capture, in order, and the ports they came from and went to.
    func packets(_ path: String) throws -> [(number: UInt16, from: UInt16, to: UInt16)] {
        let bytes = try self.contents(path)
        var packets: [(UInt16, UInt16, UInt16)] = []
        var place = 24
        func big(_ offset: Int) -> UInt16 { UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1]) }
        while place + 16 + 32 <= bytes.count {
            let length = Int(bytes[place + 8]) | Int(bytes[place + 9]) << 8
            let packet = place + 16
            packets.append((big(packet + 30), big(packet + 20), big(packet + 22)))
            place = packet + length
        }
        return packets
    }
}

/// A UDP socket on loopback that sends numbered RTP.
private final class UDPPhone {
    private let descriptor: Int32
    let port: UInt16

    init() {
        var local = crosspoint_address(high: 0, low: 0x7F00_0001, port: 0, family: 4)
        var attempted: UnsafePointer<CChar>?
        self.descriptor = crosspoint_udp_open(local, crosspoint_udp_options(), &attempted)
        _ = crosspoint_udp_local_address(self.descriptor, &local)
        self.port = local.port
    }

    deinit { crosspoint_close(self.descriptor) }

    func send(_ number: UInt16, to target: TransportAddress) {
        let head: [UInt8] = [0x80, 0, UInt8(number >> 8), UInt8(number & 255), 0, 0, 0, 0, 0, 0, 0, 1]
        let packet = head + [UInt8](repeating: 0x55, count: 160)
        let address = crosspoint_address(
            high: 0, low: target.address.low, port: target.port, family: 4)
        _ = crosspoint_udp_send(self.descriptor, packet, packet.count, address)
    }

    func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 2000)
        var datagram = crosspoint_datagram()
        return crosspoint_wait_readable(self.descriptor, 2000) == 1
            && crosspoint_udp_receive(self.descriptor, &buffer, buffer.count, &datagram) == 0
    }
}

/// Keeps what is logged.
struct KeptLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug
    private let kept = NIOLockedValueBox<[String]>([])

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    /// `level: message`, of one level or all.
    func lines(_ level: Logger.Level? = nil) -> [String] {
        self.kept.withLockedValue { lines in
            lines.filter { line in level.map { line.hasPrefix("\($0): ") } ?? true }
        }
    }

    func log(event: LogEvent) {
        let line = "\(event.level): [\(self.metadata["call"]?.description ?? "")] \(event.message)"
        self.kept.withLockedValue { $0.append(line) }
    }
}
