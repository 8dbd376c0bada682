import CLinux
import NATRules
import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

extension OneAtATime {
    @Suite("Blocks, waits, punctures and copies over sockets")
    struct FeatureSocketTests {
        @Test(
            "A block takes effect at once and ends at once, and leaves the sequence numbers alone",
            arguments: EngineChoice.tested)
        func blocks(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let (caller, callee) = (try Party(), try Party())
            var (port, _) = try bench.join(caller, callee)
            caller.send(Datagram.rtp(1), to: port.local)
            #expect(callee.receive()?.bytes == Datagram.rtp(1))
            port.blocks = .media
            try await bench.update(port)
            for number in 2...5 as ClosedRange<UInt16> { caller.send(Datagram.rtp(number), to: port.local) }
            caller.send(Datagram.rtcp, to: port.local)
            #expect(callee.receive()?.bytes == Datagram.rtcp)
            port.blocks = []
            try await bench.update(port)
            caller.send(Datagram.rtp(6), to: port.local)
            #expect(callee.receive()?.bytes == Datagram.rtp(6))
            #expect(bench.statistics(port).drops[.blocked] == 4)
        }

        @Test("Nothing reaches a party behind NAT wait before it has sent", arguments: EngineChoice.tested)
        func waits(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let (caller, callee) = (try Party(), try Party())
            let (one, other) = try bench.join(caller, callee) { $0.waitsForParty = true }
            caller.send(Datagram.rtp(1), to: one.local)
            #expect(callee.hearsNothing())
            callee.send(Datagram.rtp(1, ssrc: 7), to: other.local)
            #expect(caller.receive() != nil)
            caller.send(Datagram.rtp(2), to: one.local)
            #expect(callee.receive()?.bytes == Datagram.rtp(2))
            #expect(bench.statistics(one).drops[.partyNotHeard] == 1)
        }

        @Test(
            "A worker without any traffic pierces every second until the party answers",
            arguments: [IPAddress.loopback, .loopback6], EngineChoice.tested)
        func pierces(host: IPAddress, engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party(host)
            let started = MonotonicTime(nanoseconds: crosspoint_monotonic_nanoseconds())
            let port = try bench.open(0, host) {
                $0.signalled = caller.address
                $0.piercesNAT = true
            }
            for _ in 0..<3 {
                let puncture = caller.receive(withinMilliseconds: 1500)
                #expect(puncture?.bytes == PortTable.punctureHeader)
                #expect(puncture?.source == port.local)
            }
            let spent = MonotonicTime(nanoseconds: crosspoint_monotonic_nanoseconds()).nanoseconds(
                since: started)
            #expect(spent > 1_900_000_000)
            #expect(spent < 2_900_000_000)
            #expect(bench.statistics(port).sent == TrafficCounters(packets: 3, bytes: 36))
            caller.send(Datagram.rtp(), to: port.local)
            #expect(caller.receive(withinMilliseconds: 1300) == nil)
        }

        @Test(
            "Punctures that the kernel refuses count as errors of their port, and nothing stops",
            arguments: EngineChoice.tested)
        func refusedPunctures(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let (caller, callee) = (try Party(), try Party())
            // Nothing that comes from a loopback address may leave this host.
            let stuck = try bench.open(7) {
                $0.signalled = TransportAddress(IPAddress(ipv4: 0xC000_0201), port: 9)
                $0.piercesNAT = true
            }
            let (one, _) = try bench.join(caller, callee)
            caller.send(Datagram.rtp(), to: one.local)
            #expect(callee.receive() != nil)
            #expect(eventually { bench.statistics(stuck).sendErrors == 1 })
            #expect(bench.statistics(stuck).sent == TrafficCounters())
        }

        @Test(
            "Subscribers get what the party they listen to sends, whatever becomes of each other",
            arguments: EngineChoice.tested)
        func copies(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let (caller, callee) = (try Party(), try Party())
            let subscribers = try (0..<3).map { _ in try Party() }
            // One of them cannot be reached: nothing that comes from a loopback address may leave this host.
            let unreachable = TransportAddress(IPAddress(ipv4: 0xC000_0201), port: 9)
            for (index, subscriber) in subscribers.enumerated() {
                _ = try bench.open(UInt32(2 + index)) {
                    $0.signalled = index == 1 ? unreachable : subscriber.address
                    $0.nextCopy = index < 2 ? RelayPortID(UInt32(3 + index)) : nil
                }
            }
            var (one, other) = try bench.join(caller, callee) { plan in
                if plan.id.index == 0 { plan.firstCopy = RelayPortID(2) }
            }
            for number in 0..<200 as Range<UInt16> {
                caller.send(Datagram.rtp(number), to: one.local)
                for party in [callee, subscribers[0], subscribers[2]] {
                    #expect(party.receive()?.bytes == Datagram.rtp(number))
                }
            }
            callee.send(Datagram.rtp(1, ssrc: 9), to: other.local)
            #expect(caller.receive() != nil)
            #expect(subscribers[0].hearsNothing())
            #expect(eventually { bench.forwarder.statistics(of: RelayPortID(3)).sendErrors == 200 })
            #expect(bench.statistics(one).drops.total == 0)
            #expect(bench.statistics(one).forwardedPackets == 200)

            // A publisher has nobody to talk to.
            one.sink = nil
            try await bench.update(one)
            caller.send(Datagram.rtp(900), to: one.local)
            #expect(subscribers[2].receive()?.bytes == Datagram.rtp(900))
            #expect(callee.hearsNothing())
            #expect(bench.statistics(one).drops.total == 0)
        }

        @Test(
            "A flood that is copied thirty times uses every request and buffer again, and loses nothing of the main stream",
            arguments: EngineChoice.tested)
        func flood(engine: EngineChoice) throws {
            let bench = try Bench(
                ForwarderConfiguration(maximumPorts: 64, buffersPerWorker: 256), engine: engine)
            let (caller, callee) = (try Party(), try Party())
            let subscribers = try (0..<30).map { _ in try Party() }
            for (index, subscriber) in subscribers.enumerated() {
                _ = try bench.open(UInt32(2 + index)) {
                    $0.signalled = subscriber.address
                    $0.nextCopy = index < 29 ? RelayPortID(UInt32(3 + index)) : nil
                }
            }
            let (one, _) = try bench.join(caller, callee) { plan in
                if plan.id.index == 0 { plan.firstCopy = RelayPortID(2) }
            }
            for round in 0..<20 {
                for number in 0..<100 {
                    caller.send(Datagram.rtp(UInt16(round * 100 + number)), to: one.local)
                }
                for number in 0..<100 {
                    let expected = Datagram.rtp(UInt16(round * 100 + number))
                    #expect(callee.receive()?.bytes == expected)
                    for subscriber in subscribers { #expect(subscriber.receive()?.bytes == expected) }
                }
            }
            #expect(bench.statistics(one).drops.total == 0)
        }
    }
}
