import Glibc
import NATRules
import RelayPlanning
import Synchronization
import Testing
import WireFormat

@testable import UserspaceForwarding

extension OneAtATime {
    @Suite("Opening and closing relay ports")
    struct LifetimeTests {
        // Descriptors are counted in a process of its own, where no other test opens any.
        @Test("Two thousand ports open and close again and again without leaving anything behind")
        func manyPorts() async {
            await #expect(processExitsWith: .success) {
                for engine in EngineChoice.tested {
                    let bench = try Bench(engine: engine)
                    let before = openDescriptors()
                    for _ in 0..<3 {
                        for index in 0..<2000 as Range<UInt32> { _ = try bench.open(index) }
                        let closed = Mutex(0)
                        for index in 0..<2000 as Range<UInt32> {
                            try bench.forwarder.close(RelayPortID(index)) { closed.withLock { $0 += 1 } }
                        }
                        #expect(eventually { closed.withLock { $0 } == 2000 })
                    }
                    #expect(eventually { openDescriptors() < before + runtimeDescriptors })
                    #expect(eventually { bench.forwarder.totals(ofWorker: 0).openPorts == 0 })
                }
            }
        }

        @Test("Forwarders come and go without leaving descriptors")
        func forwarders() async {
            await #expect(processExitsWith: .success) {
                let before = openDescriptors()
                for engine in EngineChoice.tested {
                    for _ in 0..<5 {
                        let bench = try Bench(
                            ForwarderConfiguration(workers: 2, maximumPorts: 64), engine: engine)
                        _ = try bench.open(1)
                    }
                }
                #expect(eventually { openDescriptors() < before + runtimeDescriptors })
            }
        }

        @Test(
            "A local port can be bound again as soon as the completion was called",
            arguments: EngineChoice.tested)
        func rebinding(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            var local = TransportAddress(.loopback, port: 0)
            for _ in 0..<200 {
                let socket = try RelaySocket.open(local: local)
                local = socket.local
                var plan = PortPlan(id: RelayPortID(7), local: local, component: .rtp)
                plan.isPublished = true
                try bench.forwarder.open(plan, socket: socket, worker: 0)
                caller.send(Datagram.rtp(), to: local)
                try await bench.forwarder.close(plan.id)
            }
            #expect(throws: ForwarderError.notOpen(RelayPortID(7))) {
                try bench.forwarder.close(RelayPortID(7), completion: nil)
            }
        }

        @Test(
            "A port that is open cannot be opened; what is not open cannot be updated",
            arguments: EngineChoice.tested)
        func misuse(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let plan = try bench.open(3)
            #expect(throws: ForwarderError.stillInUse(plan.id)) { _ = try bench.open(3) }
            #expect(throws: ForwarderError.identifierTooLarge(RelayPortID(4096))) { _ = try bench.open(4096) }
            #expect(throws: ForwarderError.noSuchWorker(9)) { _ = try bench.open(4, worker: 9) }
            var absent = plan
            absent.id = RelayPortID(5)
            #expect(throws: ForwarderError.notOpen(RelayPortID(5))) { try bench.forwarder.update(absent) }
        }

        @Test("An address that is taken, or not ours, is a typed error that says what was attempted")
        func bindErrors() throws {
            let taken = try Party()
            do throws(SystemError) {
                _ = try RelaySocket.open(local: taken.address)
                Issue.record("bound twice")
            } catch {
                #expect(error.errno == EADDRINUSE)
                #expect(error.attempted == "binding \(taken.address)")
            }
            do throws(SystemError) {
                _ = try RelaySocket.open(local: TransportAddress(IPAddress(ipv4: 0xC000_0201), port: 4000))
                Issue.record("bound an address of another host")
            } catch {
                #expect(error.errno == EADDRNOTAVAIL)
            }
        }

        @Test(
            "Stopping closes every socket, and later calls find the forwarder stopped",
            arguments: EngineChoice.tested)
        func stopping(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let plan = try bench.open(1)
            bench.forwarder.stop()
            _ = try RelaySocket.open(local: plan.local)
            #expect(throws: ForwarderError.stopped) { _ = try bench.open(2) }
            #expect(throws: ForwarderError.stopped) { try bench.forwarder.update(plan) }
            #expect(await bench.forwarder.quality(of: [plan.id]) == [:])
            try await bench.forwarder.close(plan.id)
            bench.forwarder.stop()
        }

        @Test(
            "Ports close under load: every packet that was received is accounted for",
            arguments: EngineChoice.tested)
        func underLoad(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            for round in 0..<100 as Range<UInt32> {
                let (callerPort, calleePort) = try bench.join(caller, callee, first: round % 8 * 2)
                for number in 0..<40 as Range<UInt16> {
                    caller.send(Datagram.rtp(number, mark: round), to: callerPort.local)
                    callee.send(Datagram.rtp(number, mark: round), to: calleePort.local)
                }
                try await bench.forwarder.close(round % 2 == 0 ? calleePort.id : callerPort.id)
                caller.send(Datagram.rtp(50), to: callerPort.local)
                try await bench.forwarder.close(round % 2 == 0 ? callerPort.id : calleePort.id)
                let one = bench.statistics(callerPort)
                let other = bench.statistics(calleePort)
                #expect(one.forwardedPackets == other.sent.packets)
                #expect(other.forwardedPackets == one.sent.packets)
            }
            while let heard = callee.receive(withinMilliseconds: 0) {
                #expect(heard.bytes.count == 172)
            }
        }

        @Test(
            "A burst larger than the receive buffers is relayed whole once buffers are free again",
            arguments: EngineChoice.tested)
        func bufferShortage(engine: EngineChoice) throws {
            let bench = try Bench(
                ForwarderConfiguration(maximumPorts: 64, buffersPerWorker: 8), engine: engine)
            let pairs = try (0..<8).map { _ in (try Party(), try Party()) }
            let ports = try pairs.enumerated().map { index, pair in
                try bench.join(pair.0, pair.1, first: UInt32(index) * 2).0
            }
            for round in 0..<20 as Range<UInt32> {
                for number in 0..<10 as Range<UInt32> {
                    for (pair, port) in zip(pairs, ports) {
                        pair.0.send(Datagram.rtp(mark: round * 10 + number), to: port.local)
                    }
                }
                for (_, callee) in pairs {
                    for number in 0..<10 as Range<UInt32> {
                        let heard = try #require(callee.receive())
                        #expect(Datagram.mark(heard.bytes) == round * 10 + number)
                    }
                }
            }
            // Only io_uring fills buffers that nobody asked to have filled.
            #expect((bench.forwarder.totals(ofWorker: 0).bufferShortages > 0) == (engine == .ioUring))
            #expect(ports.allSatisfy { bench.statistics($0).drops.total == 0 })
        }
    }
}

/// More than the runtime opens for its own ends at any time, less than one leak a round would add up to.
private let runtimeDescriptors = 5

/// How many descriptors this process has open.
private func openDescriptors() -> Int {
    guard let directory = opendir("/proc/self/fd") else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}
