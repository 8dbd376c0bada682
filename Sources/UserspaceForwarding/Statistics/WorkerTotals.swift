internal import CLinux
public import RelayPlanning
internal import WireFormat

/// What one worker did since it was started, over all its ports, closed ones included.
public struct WorkerTotals: Sendable, Hashable {
    /// Datagrams that arrived.
    public var received = TrafficCounters()
    /// Datagrams given to the kernel for sending, less those it refused.
    public var sent = TrafficCounters()
    /// Datagrams not forwarded, by reason.
    public var drops = DropCounters()
    /// Times the worker woke up.
    public var wakeups: UInt64 = 0
    /// Times the kernel found no free receive buffer; the datagrams wait in the sockets meanwhile.
    public var bufferShortages: UInt64 = 0
    /// Receive errors other than a lack of buffers.
    public var receiveErrors: UInt64 = 0
    /// Ports open at the moment.
    public var openPorts: UInt64 = 0

    /// Nothing counted.
    public init() {}
}

/// A worker's own counters: plain words that only it touches, published after each batch.
struct WorkerCounters: ~Copyable {
    enum Word: Int {
        case receivedPackets
        case receivedBytes
        case sentPackets
        case sentBytes
        case wakeups
        case bufferShortages
        case receiveErrors
        case openPorts
        case firstDropReason
    }

    private let words: UnsafeMutablePointer<UInt64>
    private let block: TotalsBlock

    init(publishingTo block: TotalsBlock) {
        self.block = block
        self.words = LazyMemory.allocate(UInt64.self, count: TotalsBlock.wordCount)
    }

    deinit { LazyMemory.free(self.words) }

    @inline(__always)
    func add(_ count: UInt64, to word: Word) { self.words[word.rawValue] &+= count }

    @inline(__always)
    func subtract(_ count: UInt64, from word: Word) { self.words[word.rawValue] &-= count }

    @inline(__always)
    func drop(_ reason: DropReason) {
        self.words[Word.firstDropReason.rawValue + Int(reason.rawValue)] &+= 1
    }

    /// Makes the present values visible to readers.
    func publish() { self.block.store(self.words) }
}

/// A worker's totals as others see them.
///
/// Unchecked: the memory lives as long as this object, has one writer, and every access is a relaxed atomic.
final class TotalsBlock: @unchecked Sendable {
    static let wordCount = WorkerCounters.Word.firstDropReason.rawValue + DropReason.allCases.count

    private let words = LazyMemory.allocate(UInt64.self, count: TotalsBlock.wordCount)

    deinit { LazyMemory.free(self.words) }

    fileprivate func store(_ values: UnsafeMutablePointer<UInt64>) {
        for word in 0..<Self.wordCount { crosspoint_relaxed_store(self.words + word, values[word]) }
    }

    func load() -> WorkerTotals {
        func word(_ word: WorkerCounters.Word) -> UInt64 {
            crosspoint_relaxed_load(self.words + word.rawValue)
        }
        var totals = WorkerTotals()
        totals.received = TrafficCounters(packets: word(.receivedPackets), bytes: word(.receivedBytes))
        totals.sent = TrafficCounters(packets: word(.sentPackets), bytes: word(.sentBytes))
        totals.wakeups = word(.wakeups)
        totals.bufferShortages = word(.bufferShortages)
        totals.receiveErrors = word(.receiveErrors)
        totals.openPorts = word(.openPorts)
        totals.drops = DropCounters { reason in
            crosspoint_relaxed_load(
                self.words + WorkerCounters.Word.firstDropReason.rawValue + Int(reason.rawValue))
        }
        return totals
    }
}
