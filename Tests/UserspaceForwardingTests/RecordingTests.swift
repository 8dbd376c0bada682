import NATRules
import RTPPackets
import RelayPlanning
import Synchronization
import Testing
import WireFormat

@testable import UserspaceForwarding

/// Copies of packets on their way to the files.
@Suite("Recording taps")
struct RecordingTests {
    private static let phone = TransportAddress(IPAddress(ipv4: 0xC000_0201), port: 4000)
    private static let stranger = TransportAddress(IPAddress(ipv4: 0xC633_6407), port: 4001)
    private static let local = TransportAddress(IPAddress(ipv4: 0x0A00_0001), port: 30000)

    private static func taken(_ tap: RecordingTap) -> [(packet: RecordedPacket, payload: [UInt8])] {
        var packets: [(RecordedPacket, [UInt8])] = []
        tap.drain { packets.append(($0, Array($1))) }
        return packets
    }

    /// Port 0 with a recording; what it faces may be changed.
    private static func table(
        _ tap: RecordingTap, recording: RecordingID? = RecordingID(rawValue: 9),
        _ change: (inout PortPlan) -> Void = { _ in }
    ) -> PortTable {
        var table = PortTable(
            counterTable: PortCounterTable(capacity: 4), totals: TotalsBlock(), recorder: tap.ring(of: 0))
        var plan = PortPlan(id: RelayPortID(0), local: Self.local, component: .rtp)
        plan.signalled = Self.phone
        plan.isPublished = true
        plan.recording = recording
        plan.learning.strictSource = true
        plan.learning.mode = .off
        change(&plan)
        let isOpen = table.open(plan, quality: QualityTracker(), at: MonotonicTime(seconds: 1))
        #expect(isOpen)
        return table
    }

    private static func receive(
        _ bytes: [UInt8], from source: TransportAddress = Self.phone, _ table: inout PortTable
    ) {
        _ = bytes.withUnsafeBytes {
            table.receive($0.bytes, on: 0, from: source, at: MonotonicTime(seconds: 2))
        }
    }

    @Test("A packet of the party comes out as it came, with its addresses and its time")
    func copied() throws {
        let tap = try RecordingTap(workers: 1)
        var table = Self.table(tap)
        Self.receive(Datagram.rtp(), &table)
        let taken = Self.taken(tap)
        try #require(taken.count == 1)
        #expect(taken[0].payload == Datagram.rtp())
        #expect(
            taken[0].packet
                == RecordedPacket(
                    recording: RecordingID(rawValue: 9), received: MonotonicTime(seconds: 2),
                    source: Self.phone, local: Self.local))
        #expect(Self.taken(tap).isEmpty)
    }

    @Test("IPv6 addresses come out whole")
    func ipv6() throws {
        let tap = try RecordingTap(workers: 1)
        let address = IPAddress(ipv6High: 0x2001_0DB8_FFFF_FFFE, low: 0x0102_0304_0506_0708)
        let source = TransportAddress(address, port: 65535)
        let local = TransportAddress(IPAddress(ipv6High: 0x2001_0DB8 << 32, low: 1), port: 2)
        var table = Self.table(tap) { plan in
            plan.local = local
            plan.signalled = source
        }
        Self.receive(Datagram.rtp(), from: source, &table)
        #expect(Self.taken(tap).map(\.packet.source) == [source])
        Self.receive(Datagram.rtcp, from: source, &table)
        #expect(Self.taken(tap).map(\.packet.local) == [local])
    }

    @Test("Packets of strangers, of ports without a recording and of ports not published are not copied")
    func notCopied() throws {
        let tap = try RecordingTap(workers: 1)
        var strict = Self.table(tap)
        Self.receive(Datagram.rtp(), from: Self.stranger, &strict)
        Self.receive(Datagram.stun, &strict)
        var unrecorded = Self.table(tap, recording: nil)
        Self.receive(Datagram.rtp(), &unrecorded)
        var unpublished = Self.table(tap) { $0.isPublished = false }
        Self.receive(Datagram.rtp(), &unpublished)
        #expect(Self.taken(tap).isEmpty)
    }

    @Test("A ring goes round and round without mixing anything up")
    func wrapping() throws {
        let tap = try RecordingTap(workers: 1, octetsPerWorker: 1)
        var table = Self.table(tap)
        var sent = 0
        for round in 0..<400 {
            var expected: [[UInt8]] = []
            for _ in 0..<(round % 50) {
                let packet = Datagram.rtp() + [UInt8](repeating: UInt8(sent % 251), count: sent * 7919 % 1400)
                Self.receive(packet, &table)
                expected.append(packet)
                sent += 1
            }
            #expect(Self.taken(tap).map(\.payload) == expected)
        }
        #expect(tap.lostPackets == 0)
    }

    @Test("What finds no room is counted, and there is room again once the writer has looked")
    func full() throws {
        let tap = try RecordingTap(workers: 1, octetsPerWorker: 1)
        var table = Self.table(tap)
        let packet = Datagram.rtp() + [UInt8](repeating: 0, count: 1000)
        for _ in 0..<1000 { Self.receive(packet, &table) }
        let kept = Self.taken(tap).count
        #expect(kept > 200 && kept < 300)
        #expect(tap.lostPackets == UInt64(1000 - kept))
        Self.receive(packet, &table)
        #expect(Self.taken(tap).count == 1)
    }

    @Test("A ring that fills wakes the writer, a packet does not")
    func waking() throws {
        let tap = try RecordingTap(workers: 1, octetsPerWorker: 1)
        var table = Self.table(tap)
        let packet = Datagram.rtp() + [UInt8](repeating: 0, count: 1000)
        func millisecondsWaited() -> Duration { ContinuousClock().measure { tap.wait(milliseconds: 300) } }
        Self.receive(packet, &table)
        #expect(millisecondsWaited() >= .milliseconds(290))
        for _ in 0..<100 { Self.receive(packet, &table) }
        #expect(millisecondsWaited() < .milliseconds(250))
        // Once only, until the writer has looked.
        #expect(millisecondsWaited() >= .milliseconds(290))
        #expect(Self.taken(tap).count == 101)
    }

    @Test("A worker and a writer on two threads lose nothing of what fits")
    func twoThreads() async throws {
        let tap = try RecordingTap(workers: 1, octetsPerWorker: 1)
        let count = 20_000
        let isDone = Atomic(false)
        let seen = Mutex<[UInt32]>([])
        let writer = try WorkerThread(name: "writer") {
            var last = false
            repeat {
                last = isDone.load(ordering: .acquiring)
                tap.wait(milliseconds: 1)
                tap.drain { _, payload in
                    let number = payload.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
                    seen.withLock { $0.append(number) }
                }
            } while !last
        }
        var table = Self.table(tap)
        for number in 0..<UInt32(count) {
            let tail = withUnsafeBytes(of: number) { Array($0) }
            Self.receive([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] + tail, &table)
        }
        isDone.store(true, ordering: .releasing)
        writer.join()
        let numbers = seen.withLock { $0 }
        #expect(UInt64(numbers.count) + tap.lostPackets == UInt64(count))
        #expect(numbers == numbers.sorted())
    }

    @Test("Once the pending commands are done, nothing more is recorded", arguments: EngineChoice.tested)
    func pendingCommands(engine: EngineChoice) async throws {
        let tap = try RecordingTap(workers: 1)
        var configuration = ForwarderConfiguration(workers: 1, maximumPorts: 8)
        configuration.engine = engine
        let forwarder = try UserspaceForwarder(configuration: configuration, recording: tap) { _ in }
        defer { forwarder.stop() }
        await withCheckedContinuation { continuation in
            forwarder.afterPendingCommands(ofWorker: 0) { continuation.resume() }
        }
        await withCheckedContinuation { continuation in
            forwarder.afterPendingCommands(ofWorker: 7) { continuation.resume() }
        }
        forwarder.stop()
        await withCheckedContinuation { continuation in
            forwarder.afterPendingCommands(ofWorker: 0) { continuation.resume() }
        }
    }
}
