internal import CLinux
internal import RelayPlanning
internal import WireFormat

/// The counters of one port: 64-bit words in memory that never moves, written by the port's worker and read by anyone.
struct PortCounters {
    /// What the words are; the first line of cache holds all that a packet in good order touches.
    enum Word: Int {
        case receivedPackets
        case receivedBytes
        case lastReceivedNanoseconds
        case submittedPackets
        case submittedBytes
        case refusedPackets
        case refusedBytes
        case lastSendErrno
        case lostInSocket
        case lostToRecording
        case firstDropReason
    }

    /// Whole cache lines, so that neighbours in the table never share one.
    static let wordsPerPort = 24

    let words: UnsafeMutablePointer<UInt64>

    @inline(__always)
    func add(_ count: UInt64, to word: Word) {
        crosspoint_relaxed_add_single_writer(self.words + word.rawValue, count)
    }

    @inline(__always)
    func set(_ word: Word, to value: UInt64) {
        crosspoint_relaxed_store(self.words + word.rawValue, value)
    }

    @inline(__always)
    func drop(_ reason: DropReason) {
        crosspoint_relaxed_add_single_writer(
            self.words + Word.firstDropReason.rawValue + Int(reason.rawValue), 1)
    }

    func load(_ word: Word) -> UInt64 { crosspoint_relaxed_load(self.words + word.rawValue) }

    /// When the party's last datagram arrived; nil before the first one.
    var lastReceived: MonotonicTime? {
        let last = self.load(.lastReceivedNanoseconds)
        return last == 0 ? nil : MonotonicTime(nanoseconds: last)
    }

    func loadDrops() -> DropCounters {
        DropCounters { reason in
            crosspoint_relaxed_load(self.words + Word.firstDropReason.rawValue + Int(reason.rawValue))
        }
    }

    /// Sets every word to zero; only while no worker writes to them.
    func reset() {
        for word in 0..<Self.wordsPerPort { crosspoint_relaxed_store(self.words + word, 0) }
    }
}

/// The counters of all ports.
///
/// Unchecked: the memory lives as long as this object, each word has one writer at a time, and every access is a
/// relaxed atomic.
final class PortCounterTable: @unchecked Sendable {
    private let words: UnsafeMutablePointer<UInt64>
    let capacity: Int

    init(capacity: Int) {
        precondition(
            PortCounters.Word.firstDropReason.rawValue + DropReason.allCases.count
                <= PortCounters.wordsPerPort)
        self.capacity = capacity
        self.words = LazyMemory.allocate(UInt64.self, count: capacity * PortCounters.wordsPerPort)
    }

    deinit { LazyMemory.free(self.words) }

    func counters(of port: Int) -> PortCounters {
        precondition(port >= 0 && port < self.capacity)
        return PortCounters(words: self.words + port * PortCounters.wordsPerPort)
    }
}
