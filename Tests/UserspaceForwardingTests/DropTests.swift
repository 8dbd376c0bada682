import NATRules
import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

/// What arrives, and why it goes nowhere.
private let unreadableDatagrams: [(String, [UInt8], DropReason)] = [
    ("empty", [], .truncated),
    ("one octet", [0x80], .truncated),
    ("half an RTP header", Array(Datagram.rtp().prefix(11)), .truncated),
    ("RTP that ends within its CSRC list", [0x8F] + Datagram.rtp().prefix(20).dropFirst(), .truncated),
    ("STUN", Datagram.stun, .unexpectedProtocol),
    ("DTLS", Datagram.dtls, .unexpectedProtocol),
    ("ZRTP", [0x10, 0, 0, 1] + [UInt8](repeating: 0, count: 24), .unexpectedProtocol),
]

extension OneAtATime {
    @Suite("Datagrams that are not relayed")
    struct DropTests {
        @Test(
            "Nothing is relayed, counted as forwarded or learnt before the port was published",
            arguments: EngineChoice.tested)
        func notPublished(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, _) = try bench.join(caller, callee) { $0.isPublished = false }
            caller.send(Datagram.rtp(), to: callerPort.local)
            #expect(bench.statistics(callerPort, received: 1).drops[.notPublished] == 1)
            #expect(callee.hearsNothing())
            #expect(bench.events.isEmpty)

            var published = callerPort
            published.isPublished = true
            try await bench.update(published)
            caller.send(Datagram.rtp(), to: callerPort.local)
            #expect(callee.receive() != nil)
            #expect(
                eventually {
                    bench.events == [
                        .learnt(callerPort.id, address: caller.address, isSettled: true, epoch: 0)
                    ]
                })
        }

        @Test(
            "A datagram sent after a plan was handed over meets that plan, however busy the worker is",
            arguments: EngineChoice.tested)
        func plansGoBeforeDatagrams(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let (caller, callee) = (try Party(), try Party())
            let (busyPort, _) = try bench.join(try Party(), try Party())
            var (callerPort, _) = try bench.join(caller, callee, first: 2) { $0.isPublished = false }
            for round in 1...100 {
                for _ in 0..<20 { caller.send(Datagram.stun, to: busyPort.local) }
                callerPort.isPublished = true
                try bench.forwarder.update(callerPort)
                caller.send(Datagram.rtp(), to: callerPort.local)
                let statistics = bench.statistics(callerPort, received: UInt64(round))
                #expect(statistics.drops[.notPublished] == 0, "round \(round)")
                callerPort.isPublished = false
                try bench.forwarder.update(callerPort)
            }
        }

        @Test(
            "Without another party, or without its address, packets are dropped and say so",
            arguments: EngineChoice.tested)
        func nowhereToGo(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let alone = try bench.open(0) { $0.signalled = caller.address }
            caller.send(Datagram.rtp(), to: alone.local)
            #expect(bench.statistics(alone, received: 1).drops[.noSink] == 1)

            let held = try bench.open(1) { $0.sink = alone.id }
            var joined = alone
            joined.sink = held.id
            try await bench.update(joined)
            caller.send(Datagram.rtp(), to: alone.local)
            #expect(bench.statistics(alone, received: 2).drops[.noDestination] == 1)
        }

        @Test(
            "What is neither RTP nor RTCP is dropped", arguments: unreadableDatagrams, EngineChoice.tested)
        func unreadable(datagram: (String, [UInt8], DropReason), engine: EngineChoice) throws {
            let (name, bytes, reason) = datagram
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, _) = try bench.join(caller, callee)
            caller.send(bytes, to: callerPort.local)
            let statistics = bench.statistics(callerPort, received: 1)
            #expect(statistics.drops[reason] == 1, "\(name)")
            #expect(statistics.drops.total == 1)
            #expect(callee.hearsNothing())
        }

        @Test(
            "On a port with opaque payload everything is relayed, STUN and the empty datagram too",
            arguments: EngineChoice.tested)
        func opaque(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, _) = try bench.join(caller, callee) { $0.payload = .opaque }
            for bytes in [Datagram.stun, Datagram.dtls, [], [0x42]] {
                caller.send(bytes, to: callerPort.local)
                #expect(callee.receive()?.bytes == bytes)
            }
            #expect(bench.statistics(callerPort).drops.total == 0)
        }

        @Test(
            "A datagram as large as allowed is relayed, one octet more is dropped",
            arguments: EngineChoice.tested)
        func tooLarge(engine: EngineChoice) throws {
            let bench = try Bench(
                ForwarderConfiguration(maximumPorts: 16, maximumPayloadBytes: 1200), engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, _) = try bench.join(caller, callee)
            let header = Datagram.rtp().prefix(12)
            caller.send(header + [UInt8](repeating: 1, count: 1188), to: callerPort.local)
            #expect(callee.receive()?.bytes.count == 1200)
            caller.send(header + [UInt8](repeating: 1, count: 1189), to: callerPort.local)
            caller.send(header + [UInt8](repeating: 1, count: 30_000), to: callerPort.local)
            let statistics = bench.statistics(callerPort, received: 3)
            #expect(statistics.drops[.tooLarge] == 2)
            #expect(callee.hearsNothing())
        }

        @Test(
            "SRTP with the padding bit is relayed: its last octet is no padding length",
            arguments: EngineChoice.tested)
        func encryptedPadding(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, _) = try bench.join(caller, callee)
            var bytes = Datagram.rtp()
            bytes[0] |= 0x20
            caller.send(bytes, to: callerPort.local)
            #expect(callee.receive()?.bytes == bytes)
        }

        @Test(
            "What the kernel refuses to send is counted on both ports and as nothing sent",
            arguments: EngineChoice.tested)
        func refused(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, calleePort) = try bench.join(caller, callee)
            // Nothing that comes from a loopback address may leave this host.
            var broken = calleePort
            broken.signalled = TransportAddress(IPAddress(ipv4: 0xC000_0201), port: 9)
            try await bench.update(broken)
            for number in 0..<3 as Range<UInt16> { caller.send(Datagram.rtp(number), to: callerPort.local) }
            #expect(eventually { bench.statistics(callerPort).drops.total == 3 })
            let one = bench.statistics(callerPort)
            let other = bench.statistics(calleePort)
            #expect(one.drops[.sendFailed] == 3)
            #expect(other.sendErrors == 3)
            #expect(other.lastSendErrno != 0)
            #expect(one.forwardedPackets == 0)
            #expect(other.sent == TrafficCounters())
        }
    }
}
