import CallControl
import Foundation
import Logging
import NATRules
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RelayPlanning
import Testing
import UserspaceForwarding
import WireFormat

@testable import RelayDaemon

/// A relay without a kernel path on loopback, with real sockets and workers, driven as a controller would.
final class RelayHarness {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let relay: NIOLoopBound<Relay>
    private var lastCookie = 0
    private let log = KeptLines()

    /// The lines of the log so far.
    var lines: [String] { self.log.lines.withLockedValue { $0 } }

    init(
        ports: ClosedRange<UInt16>, maxPorts: UInt32 = 64, recording: RecordingConfiguration? = nil,
        logger givenLogger: Logger? = nil
    ) throws {
        let loop = self.group.next()
        let log = self.log
        let address = try #require(IPAddress("127.0.0.1"))
        self.relay = try loop.submit {
            let box = NIOLoopBoundBox.makeEmptyBox(valueType: NIOLoopBound<Relay>.self, eventLoop: loop)
            let logger = givenLogger ?? Logger(label: "test") { _ in KeepingLogHandler(log: log) }
            let recorder = try CallRecorder.opened(recording, workers: 2, logger: logger)
            let userspace = try UserspaceForwarder(
                configuration: ForwarderConfiguration(workers: 2, maximumPorts: Int(maxPorts)),
                recording: recorder?.tap
            ) { events in loop.execute { box.value?.value.receive(events) } }
            var settings = RelaySettings(
                interfaces: [LogicalInterface(name: "lo", addresses: [InterfaceAddress(local: address)])])
            settings.learningMode = .immediate
            let relay = Relay(
                eventLoop: loop, logger: logger, clock: SystemClock(), settings: settings,
                ports: RelayPorts(
                    interfaces: settings.interfaceAddresses, range: ports, maxPorts: maxPorts, seed: 1),
                userspace: userspace, kernel: KernelPath(unavailable: .kernelPathDisabled, logger: logger),
                recorder: recorder)
            recorder?.listen { news in loop.execute { box.value?.value.receive(news) } }
            box.value = NIOLoopBound(relay, eventLoop: loop)
            return NIOLoopBound(relay, eventLoop: loop)
        }.wait()
    }

    deinit {
        let relay = self.relay
        try? self.group.next().submit { relay.value.stop() }.wait()
        try? self.group.syncShutdownGracefully()
    }

    /// Looks at the relay, or calls it, on its event loop.
    func on<Result: Sendable>(_ body: @escaping @Sendable (Relay) throws -> Result) throws -> Result {
        let relay = self.relay
        return try self.group.next().submit { try body(relay.value) }.wait()
    }

    /// Sends a request in JSON and returns the reply.
    @discardableResult
    func request(_ fields: [String: Any]) throws -> [String: Any] {
        self.lastCookie += 1
        let body = try JSONSerialization.data(withJSONObject: fields)
        let datagram = Array("cookie\(self.lastCookie) ".utf8) + Array(body)
        let reply = self.group.next().makePromise(of: [UInt8].self)
        try self.on { $0.receive(datagram: datagram, from: "test") { reply.succeed($0) } }
        let bytes = try reply.futureResult.wait()
        let start = try #require(bytes.firstIndex(of: UInt8(ascii: "{")))
        return try #require(JSONSerialization.jsonObject(with: Data(bytes[start...])) as? [String: Any])
    }

    @discardableResult
    func offer(
        _ call: String, from tag: String = "a", to toTag: String? = nil, port: Int
    ) throws -> [String: Any] {
        var fields: [String: Any] = [
            "command": "offer", "call-id": call, "from-tag": tag, "sdp": Self.audio(port: port),
        ]
        fields["to-tag"] = toTag
        return try self.request(fields)
    }

    @discardableResult
    func answer(
        _ call: String, from tag: String = "a", to toTag: String = "b", port: Int
    ) throws -> [String: Any] {
        try self.request([
            "command": "answer", "call-id": call, "from-tag": tag, "to-tag": toTag,
            "sdp": Self.audio(port: port),
        ])
    }

    @discardableResult
    func delete(_ call: String, from tag: String = "a") throws -> [String: Any] {
        try self.request(["command": "delete", "call-id": call, "from-tag": tag, "delete delay": 0])
    }

    /// Sends a line as `crosspointctl` would and returns the answer.
    func control(_ line: String) throws -> String {
        let reply = self.group.next().makePromise(of: String.self)
        try self.on { $0.receive(controlLine: line) { reply.succeed($0) } }
        return try reply.futureResult.wait()
    }

    /// Waits for a line of the log.
    func waitForLine(where isWanted: (String) -> Bool) -> String? {
        for _ in 0..<500 {
            if let line = self.lines.first(where: isWanted) { return line }
            usleep(10_000)
        }
        return nil
    }

    /// Waits until the workers have closed all but `count` ports.
    func waitForPorts(_ count: Int) throws -> Bool {
        for _ in 0..<500 {
            let open = try self.on { relay in
                relay.collectClosedPorts()
                return relay.ports.openCount
            }
            if open == count { return true }
            usleep(10_000)
        }
        return false
    }

    /// Sends a packet to every open port and waits until one of them has counted it.
    func beHeard() throws -> Bool {
        let ids = try self.on { Array($0.callOfPort.keys) }
        let locals = try self.on { relay in ids.compactMap { relay.ports.local(of: $0) } }
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        for local in locals {
            let packet: [UInt8] = [0x80, 0] + [UInt8](repeating: 1, count: 170)
            _ = local.withSocketAddress { sendto(descriptor, packet, packet.count, 0, $0, $1) }
        }
        for _ in 0..<500 {
            let isHeard = try self.on { relay in
                ids.contains { relay.userspace.statistics(of: $0).received.packets > 0 }
            }
            if isHeard { return true }
            usleep(10_000)
        }
        return false
    }

    static func audio(port: Int) -> String {
        [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
            "m=audio \(port) RTP/AVP 0", "",
        ].joined(separator: "\r\n")
    }
}

/// The lines of a log.
private final class KeptLines: Sendable {
    let lines = NIOLockedValueBox<[String]>([])
}

/// Keeps lines as the daemon would write them.
private struct KeepingLogHandler: LogHandler {
    let log: KeptLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(log: KeptLines) { self.log = log }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }
        let lines = LogRecord.lines(
            severity: SyslogSeverity(event.level), message: event.message.description, metadata: metadata,
            framing: .plain)
        self.log.lines.withLockedValue { $0 += lines.map { String(decoding: $0, as: UTF8.self) } }
    }
}
