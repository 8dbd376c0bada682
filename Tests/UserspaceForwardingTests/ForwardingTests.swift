import Glibc
import NATRules
import RTPPackets
import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

extension OneAtATime {
    @Suite("Userspace forwarding")
    struct ForwardingTests {
        @Test(
            "Packets go both ways, unchanged, and come from the port that faces the receiver",
            arguments: EngineChoice.tested)
        func bothWays(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, calleePort) = try bench.join(caller, callee)

            caller.send(Datagram.rtp(1, mark: 42), to: callerPort.local)
            let heard = try #require(callee.receive())
            #expect(heard.bytes == Datagram.rtp(1, mark: 42))
            #expect(heard.source == calleePort.local)

            callee.send(Datagram.rtp(2, mark: 43), to: calleePort.local)
            let answer = try #require(caller.receive())
            #expect(answer.bytes == Datagram.rtp(2, mark: 43))
            #expect(answer.source == callerPort.local)
        }

        @Test(
            "IPv4 and IPv6 parties hear each other",
            arguments: [
                (IPAddress.loopback, IPAddress.loopback6), (IPAddress.loopback6, IPAddress.loopback6),
            ], EngineChoice.tested)
        func families(addresses: (IPAddress, IPAddress), engine: EngineChoice) throws {
            let (one, other) = addresses
            let bench = try Bench(engine: engine)
            let caller = try Party(one)
            let callee = try Party(other)
            let (callerPort, calleePort) = try bench.join(caller, callee)
            caller.send(Datagram.rtp(1), to: callerPort.local)
            #expect(callee.receive()?.source == calleePort.local)
            callee.send(Datagram.rtp(2), to: calleePort.local)
            #expect(caller.receive()?.source == callerPort.local)
        }

        @Test("Statistics count every packet and octet, in and out, by port", arguments: EngineChoice.tested)
        func statistics(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, calleePort) = try bench.join(caller, callee)
            for number in 0..<25 as Range<UInt16> { caller.send(Datagram.rtp(number), to: callerPort.local) }
            for number in 0..<10 as Range<UInt16> { callee.send(Datagram.rtp(number), to: calleePort.local) }
            caller.send(Datagram.stun, to: callerPort.local)

            let one = bench.statistics(callerPort, received: 26)
            let other = bench.statistics(calleePort, received: 10)
            #expect(one.received == TrafficCounters(packets: 26, bytes: 25 * 172 + 20))
            #expect(one.drops[.unexpectedProtocol] == 1)
            #expect(one.drops.total == 1)
            #expect(one.forwardedPackets == 25)
            #expect(one.sent == TrafficCounters(packets: 10, bytes: 1720))
            #expect(other.received == TrafficCounters(packets: 10, bytes: 1720))
            #expect(other.sent == TrafficCounters(packets: 25, bytes: 25 * 172))
            #expect(one.sendErrors == 0)
            #expect(one.lastReceived != nil)
            #expect(eventually { bench.forwarder.totals(ofWorker: 0).received.packets == 36 })
            let totals = bench.forwarder.totals(ofWorker: 0)
            #expect(totals.sent.packets == 35)
            #expect(totals.drops[.unexpectedProtocol] == 1)
            #expect(totals.openPorts == 2)
        }

        @Test("The sources heard on a port are measured", arguments: EngineChoice.tested)
        func quality(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, _) = try bench.join(caller, callee)
            for number in [1, 2, 3, 5, 5] as [UInt16] {
                caller.send(Datagram.rtp(number, ssrc: 77), to: callerPort.local)
            }
            _ = bench.statistics(callerPort, received: 5)
            let sources = try #require(await bench.forwarder.quality(of: [callerPort.id])[callerPort.id])
            let source = try #require(sources.first?.received)
            #expect(source.ssrc == 77)
            #expect(source.packets == 5)
            #expect(source.sequence.lost == 1)
            #expect(source.sequence.duplicates == 1)
        }

        @Test(
            "The traffic class of the plan is set on what leaves, and a new plan changes it",
            arguments: EngineChoice.tested)
        func trafficClass(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party(.loopback6)
            let (callerPort, calleePort) = try bench.join(caller, callee)
            var marked = calleePort
            marked.trafficClass = 0xB8
            try await bench.update(marked)
            caller.send(Datagram.rtp(), to: callerPort.local)
            #expect(callee.receive()?.trafficClass == 0xB8)

            var back = callerPort
            back.trafficClass = 0x88
            try await bench.update(back)
            callee.send(Datagram.rtp(), to: calleePort.local)
            #expect(caller.receive()?.trafficClass == 0x88)
        }

        @Test("A socket opened with a traffic class has it", arguments: EngineChoice.tested)
        func trafficClassAtOpening(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let socket = try RelaySocket.open(local: TransportAddress(.loopback, port: 0), trafficClass: 0xB8)
            var plan = PortPlan(id: RelayPortID(1), local: socket.local, component: .rtp)
            plan.signalled = callee.address
            plan.trafficClass = 0xB8
            try bench.forwarder.open(plan, socket: socket, worker: 0)
            let callerPort = try bench.open(0) { $0.sink = RelayPortID(1) }
            caller.send(Datagram.rtp(), to: callerPort.local)
            #expect(callee.receive()?.trafficClass == 0xB8)
        }

        @Test("Ten thousand numbered packets arrive once each, in order", arguments: EngineChoice.tested)
        func numbered(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, _) = try bench.join(caller, callee)
            var expected: UInt32 = 0
            // Fifty at a time: far less than any socket buffer holds.
            for start in stride(from: 0, to: 10_000, by: 50) as StrideTo<UInt32> {
                for number in start..<start + 50 {
                    caller.send(
                        Datagram.rtp(UInt16(truncatingIfNeeded: number), mark: number), to: callerPort.local)
                }
                for _ in 0..<50 {
                    let heard = try #require(callee.receive())
                    #expect(Datagram.mark(heard.bytes) == expected)
                    expected += 1
                }
            }
            #expect(callee.hearsNothing())
            #expect(bench.statistics(callerPort).drops.total == 0)
        }

        @Test(
            "What the kernel dropped because a socket was full is told, and the rest is relayed",
            arguments: EngineChoice.tested)
        func lostInSocket(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            // Nobody reads the socket before it is handed over, so its small buffer fills up.
            let socket = try RelaySocket.open(
                local: TransportAddress(.loopback, port: 0), receiveBufferBytes: 4096)
            for number in 0..<200 as Range<UInt16> { caller.send(Datagram.rtp(number), to: socket.local) }
            var plan = PortPlan(id: RelayPortID(0), local: socket.local, component: .rtp)
            plan.isPublished = true
            try bench.forwarder.open(plan, socket: socket, worker: 0)
            #expect(
                eventually {
                    let received = bench.statistics(plan).received.packets
                    return received > 0 && received == bench.statistics(plan).drops[.noSink]
                })
            _ = await bench.forwarder.quality(of: [plan.id])
            let statistics = bench.statistics(plan)
            #expect(statistics.lostInSocket > 0)
            #expect(statistics.lostInSocket + statistics.received.packets == 200)
        }

        @Test("A datagram the kernel refuses takes no other along", arguments: EngineChoice.tested)
        func refusedAmongOthers(engine: EngineChoice) throws {
            let bench = try Bench(
                ForwarderConfiguration(maximumPorts: 16, maximumPayloadBytes: 65_535), engine: engine)
            let caller = try Party(.loopback6)
            let callee = try Party()
            let socket = try RelaySocket.open(
                local: TransportAddress(.loopback6, port: 0), receiveBufferBytes: 8 << 20)
            var callerPort = PortPlan(id: RelayPortID(0), local: socket.local, component: .rtp)
            callerPort.isPublished = true
            callerPort.sink = RelayPortID(1)
            let calleePort = try bench.open(1) { $0.signalled = callee.address }
            // All of them wait in the socket, so that several are sent at once. IPv6 carries more than IPv4 can.
            let tooLarge = Datagram.rtp() + [UInt8](repeating: 1, count: 65_520 - 172)
            for mark in 0..<40 as Range<UInt32> {
                caller.send(mark % 10 == 7 ? tooLarge : Datagram.rtp(mark: mark), to: socket.local)
            }
            try bench.forwarder.open(callerPort, socket: socket, worker: 0)
            for mark in 0..<40 as Range<UInt32> where mark % 10 != 7 {
                #expect(callee.receive().map { Datagram.mark($0.bytes) } == mark)
            }
            let one = bench.statistics(callerPort, received: 40)
            let other = bench.statistics(calleePort)
            #expect(one.drops[.sendFailed] == 4)
            #expect(other.sendErrors == 4)
            #expect(other.lastSendErrno == EMSGSIZE)
            #expect(other.sent.packets == 36)
        }

        @Test("A party whose port is closed for a while hears again", arguments: EngineChoice.tested)
        func unreachableForAWhile(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            var callee: Party? = try Party()
            let address = try #require(callee?.address)
            let (callerPort, calleePort) = try bench.join(caller, try #require(callee))
            caller.send(Datagram.rtp(1), to: callerPort.local)
            #expect(callee?.receive() != nil)
            callee = nil
            // Each of these is answered by an ICMP error to the relay's socket.
            for number in 2..<40 as Range<UInt16> {
                caller.send(Datagram.rtp(number), to: callerPort.local)
                usleep(1000)
            }
            let back = try Party(.loopback, port: address.port)
            caller.send(Datagram.rtp(99), to: callerPort.local)
            #expect(back.receive() != nil)
            back.send(Datagram.rtp(1), to: calleePort.local)
            #expect(caller.receive() != nil)
        }

        @Test(
            "Several workers relay side by side; a sink on another worker is refused",
            arguments: EngineChoice.tested)
        func workers(engine: EngineChoice) throws {
            let bench = try Bench(ForwarderConfiguration(workers: 2, maximumPorts: 256), engine: engine)
            let parties = try (0..<4).map { _ in try Party() }
            let (first, _) = try bench.join(parties[0], parties[1], first: 0, worker: 0)
            let (second, _) = try bench.join(parties[2], parties[3], first: 2, worker: 1)
            parties[0].send(Datagram.rtp(mark: 1), to: first.local)
            parties[2].send(Datagram.rtp(mark: 2), to: second.local)
            #expect(parties[1].receive().map { Datagram.mark($0.bytes) } == 1)
            #expect(parties[3].receive().map { Datagram.mark($0.bytes) } == 2)
            var crossed = first
            crossed.sink = RelayPortID(3)
            #expect(throws: ForwarderError.sinkOnAnotherWorker(RelayPortID(3))) {
                try bench.forwarder.update(crossed)
            }
        }
    }
}
