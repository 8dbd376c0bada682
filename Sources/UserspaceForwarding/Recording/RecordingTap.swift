internal import CLinux
internal import Glibc
public import RelayPlanning
internal import Synchronization
public import WireFormat

/// What is known of a recorded packet besides its octets.
public struct RecordedPacket: Sendable, Hashable {
    /// The recording of the port's plan.
    public var recording: RecordingID
    /// When the worker took it.
    public var received: MonotonicTime
    /// Who sent it.
    public var source: TransportAddress
    /// The port of ours on which it arrived.
    public var local: TransportAddress
}

/// Where workers put copies of the packets on ports whose plans name a recording, and one writer takes them.
///
/// Unchecked: the rings' memory lives as long as this object, each ring has one worker at one end and the writer at the
/// other, and they meet in atomics only.
public final class RecordingTap: @unchecked Sendable {
    private let rings: [RecordingRing]
    private let memories: [UnsafeMutablePointer<UInt64>]
    private let positions: UnsafeMutablePointer<RecordingRing.Positions>
    private let wakeup: Int32

    /// Reserves the rings; pages are only used once something is recorded.
    ///
    /// - Parameters:
    ///   - workers: how many workers there will be at most.
    ///   - octetsPerWorker: how much each can put aside while the writer is busy; rounded up to a power of two.
    public init(workers: Int, octetsPerWorker: Int = 1 << 24) throws(SystemError) {
        let count = min(max(1, workers), ForwarderConfiguration.maximumWorkers)
        let wanted = min(max(octetsPerWorker, RecordingRing.minimumOctets), 1 << 30)
        let capacity = 1 << (Int.bitWidth - (wanted - 1).leadingZeroBitCount)
        let wakeup = try checked(crosspoint_eventfd_open(), "opening an eventfd")
        let positions = UnsafeMutablePointer<RecordingRing.Positions>.allocate(capacity: count)
        for index in 0..<count { (positions + index).initialize(to: RecordingRing.Positions()) }
        let memories = (0..<count).map { _ in LazyMemory.allocate(UInt64.self, count: capacity / 8) }
        self.wakeup = wakeup
        self.positions = positions
        self.memories = memories
        self.rings = memories.enumerated().map { index, memory in
            RecordingRing(
                memory: UnsafeMutableRawPointer(memory), capacity: capacity, positions: positions + index,
                wakeup: wakeup)
        }
    }

    deinit {
        for memory in self.memories { LazyMemory.free(memory) }
        for index in self.rings.indices { (self.positions + index).deinitialize(count: 1) }
        self.positions.deallocate()
        crosspoint_close(self.wakeup)
    }

    /// The ring of one worker.
    func ring(of worker: Int) -> RecordingRing? {
        self.rings.indices.contains(worker) ? self.rings[worker] : nil
    }

    /// Packets that found no room since the start, over all workers.
    public var lostPackets: UInt64 { self.rings.reduce(0) { $0 &+ $1.lost } }

    /// Waits until a ring fills or ``wake()`` is called, at most so many milliseconds; only for the writer.
    public func wait(milliseconds: Int32) {
        guard crosspoint_wait_readable(self.wakeup, milliseconds) == 1 else { return }
        var signals: UInt64 = 0
        _ = read(self.wakeup, &signals, MemoryLayout<UInt64>.size)
    }

    /// Ends the writer's waiting; on any thread.
    public func wake() { _ = crosspoint_eventfd_signal(self.wakeup) }

    /// Hands out all packets that are there, those of each worker in their order; only for the writer.
    public func drain(_ body: (RecordedPacket, UnsafeRawBufferPointer) -> Void) {
        for ring in self.rings { ring.drain(body) }
    }
}
