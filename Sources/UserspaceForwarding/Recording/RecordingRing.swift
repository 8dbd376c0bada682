internal import CLinux
internal import RelayPlanning
internal import Synchronization
internal import WireFormat

/// Copies of packets on their way from one worker to the recording's writer: a ring of octets with one thread at either
/// end.
///
/// The worker's end neither waits, locks nor allocates: a packet that finds no room is lost to the recording, and only
/// to it. Positions grow for ever, so the ring is empty when they are equal. The memory belongs to ``RecordingTap``.
struct RecordingRing {
    /// How far either end has come, in octets.
    struct Positions: ~Copyable {
        let written = Atomic<Int>(0)
        let read = Atomic<Int>(0)
        /// True from the wake-up of the writer until it has looked.
        let isSignalled = Atomic<Bool>(false)
        /// Packets that found no room.
        let lost = Atomic<UInt64>(0)
    }

    /// Room for many of the largest datagrams.
    static let minimumOctets = 1 << 18
    /// What stands before each payload.
    private static let headerOctets = 56
    /// In place of a payload's length: the rest up to the end of the memory is not used.
    private static let endMark = UInt32.max

    private let memory: UnsafeMutableRawPointer
    private let capacity: Int
    private let positions: UnsafeMutablePointer<Positions>
    /// An eventfd that the writer waits for.
    private let wakeup: Int32

    /// A ring over zeroed memory; `capacity` is a power of two.
    init(
        memory: UnsafeMutableRawPointer, capacity: Int, positions: UnsafeMutablePointer<Positions>,
        wakeup: Int32
    ) {
        self.memory = memory
        self.capacity = capacity
        self.positions = positions
        self.wakeup = wakeup
    }

    /// Packets that found no room since the start.
    var lost: UInt64 { self.positions.pointee.lost.load(ordering: .relaxed) }

    // MARK: The worker's end

    /// Copies a packet that a party sent to `local`; counts it as lost if there is no room.
    @inline(__always)
    func record(
        _ bytes: RawSpan, of recording: RecordingID, from source: TransportAddress,
        to local: TransportAddress,
        counters: PortCounters, at now: MonotonicTime
    ) {
        guard !self.push(bytes, of: recording, from: source, to: local, at: now) else { return }
        counters.add(1, to: .lostToRecording)
        let lost = self.positions.pointee.lost.load(ordering: .relaxed)
        self.positions.pointee.lost.store(lost &+ 1, ordering: .relaxed)
    }

    private func push(
        _ bytes: RawSpan, of recording: RecordingID, from source: TransportAddress,
        to local: TransportAddress,
        at now: MonotonicTime
    ) -> Bool {
        let written = self.positions.pointee.written.load(ordering: .relaxed)
        let read = self.positions.pointee.read.load(ordering: .acquiring)
        var offset = written & (self.capacity - 1)
        let octets = Self.recordOctets(bytes.byteCount)
        let unused = offset + octets > self.capacity ? self.capacity - offset : 0
        let end = written + unused + octets
        guard end - read <= self.capacity else { return false }
        if unused > 0 {
            self.memory.storeBytes(of: Self.endMark, toByteOffset: offset, as: UInt32.self)
            offset = 0
        }
        let place = self.memory + offset
        place.storeBytes(of: UInt32(bytes.byteCount), as: UInt32.self)
        place.storeBytes(of: recording.rawValue, toByteOffset: 4, as: UInt32.self)
        place.storeBytes(of: now.nanoseconds, toByteOffset: 8, as: UInt64.self)
        Self.store(source, at: place + 16)
        Self.store(local, at: place + 36)
        bytes.withUnsafeBytes { octets in
            guard let start = octets.baseAddress else { return }
            (place + Self.headerOctets).copyMemory(from: start, byteCount: octets.count)
        }
        self.positions.pointee.written.store(end, ordering: .releasing)
        if end - read > self.capacity / 4 { self.wakeWriter() }
        return true
    }

    /// The writer looks by itself now and then; only much to write makes that too late.
    private func wakeWriter() {
        guard !self.positions.pointee.isSignalled.load(ordering: .relaxed) else { return }
        self.positions.pointee.isSignalled.store(true, ordering: .relaxed)
        _ = crosspoint_eventfd_signal(self.wakeup)
    }

    // MARK: The writer's end

    /// Hands out what was there when the call began, oldest first, and makes room.
    func drain(_ body: (RecordedPacket, UnsafeRawBufferPointer) -> Void) {
        self.positions.pointee.isSignalled.store(false, ordering: .relaxed)
        let written = self.positions.pointee.written.load(ordering: .acquiring)
        var read = self.positions.pointee.read.load(ordering: .relaxed)
        while read < written {
            let place = self.memory + (read & (self.capacity - 1))
            let length = place.load(as: UInt32.self)
            if length == Self.endMark {
                read += self.capacity - read & (self.capacity - 1)
            } else {
                body(
                    Self.packet(at: place),
                    UnsafeRawBufferPointer(start: place + Self.headerOctets, count: Int(length)))
                read += Self.recordOctets(Int(length))
            }
            self.positions.pointee.read.store(read, ordering: .releasing)
        }
    }

    private static func packet(at place: UnsafeMutableRawPointer) -> RecordedPacket {
        RecordedPacket(
            recording: RecordingID(rawValue: place.load(fromByteOffset: 4, as: UInt32.self)),
            received: MonotonicTime(nanoseconds: place.load(fromByteOffset: 8, as: UInt64.self)),
            source: Self.address(at: place + 16), local: Self.address(at: place + 36))
    }

    /// Whole words, so that headers stay aligned.
    private static func recordOctets(_ payload: Int) -> Int { (Self.headerOctets + payload + 7) & ~7 }

    private static func store(_ address: TransportAddress, at place: UnsafeMutableRawPointer) {
        place.storeBytes(of: address.address.high, as: UInt64.self)
        place.storeBytes(of: address.address.low, toByteOffset: 8, as: UInt64.self)
        place.storeBytes(of: address.port, toByteOffset: 16, as: UInt16.self)
        place.storeBytes(of: address.family.rawValue, toByteOffset: 18, as: UInt8.self)
    }

    private static func address(at place: UnsafeMutableRawPointer) -> TransportAddress {
        let high = place.loadUnaligned(as: UInt64.self)
        let low = place.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        let isIPv4 = place.load(fromByteOffset: 18, as: UInt8.self) == AddressFamily.ipv4.rawValue
        let address =
            isIPv4 ? IPAddress(ipv4: UInt32(truncatingIfNeeded: low)) : IPAddress(ipv6High: high, low: low)
        return TransportAddress(address, port: place.load(fromByteOffset: 16, as: UInt16.self))
    }
}
