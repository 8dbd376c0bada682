import Dispatch
import Glibc
import Synchronization
import UserspaceForwarding

/// One event of the log, ready to be written.
struct LogEntry: Sendable {
    /// The lines, framed for where they go.
    var lines: [[UInt8]]
    var severity: SyslogSeverity
    /// True for the line at the end of a call.
    var isCDR = false

    /// Octets of its text.
    var octets: Int { self.lines.reduce(0) { $0 + $1.count } }
}

/// Writes the log on a thread of its own: a pipe that nobody reads, a journal that is stuck or a slow disk must not hold
/// up calls. What does not fit the queue is lost and counted, and the log says so once it is read again.
final class LogWriter: Sendable {
    /// Octets that wait at most; as many again may be on their way out.
    static let mostOctets = 1 << 20
    /// What an entry costs beside its text.
    private static let entryOctets = 64

    private let queue: LogQueue
    private let thread: WorkerThread?

    /// Begins a thread that calls `write` with one entry after the other; `write` may block.
    ///
    /// - Parameters:
    ///   - notice: makes the entry that tells of so many lost ones.
    ///   - write: returns false if the entry could not be written.
    init(
        notice: @escaping @Sendable (UInt64) -> LogEntry, write: @escaping @Sendable (LogEntry) -> Bool
    ) {
        let queue = LogQueue(notice: notice, write: write)
        self.queue = queue
        // Nobody joins it: it may be stuck in a write when the process ends.
        self.thread = try? WorkerThread(name: "log") { queue.run() }
        // Without a thread there is only the way that may block.
        if self.thread == nil { queue.writeWithoutThread() }
    }

    deinit { self.queue.end() }

    /// Entries that nobody will read: there was no room, or writing failed.
    var lost: UInt64 { self.queue.lost }

    /// Puts an entry at the end of the queue; never waits.
    func add(_ entry: LogEntry) { self.queue.add(entry, cost: entry.octets + Self.entryOctets) }

    /// Waits until everything is written, but no longer than this; false if something still waits.
    @discardableResult
    func flush(milliseconds: Int) -> Bool { self.queue.flush(milliseconds: milliseconds) }
}

/// What writer and thread share.
private final class LogQueue: Sendable {
    private struct State {
        var waiting: [LogEntry] = []
        var octets = 0
        var isWriting = false
        var isEnding = false
        var hasThread = true
        /// Lost since the log last said so.
        var untold: UInt64 = 0
        var lost: UInt64 = 0
    }

    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)
    private let notice: @Sendable (UInt64) -> LogEntry
    private let write: @Sendable (LogEntry) -> Bool

    init(notice: @escaping @Sendable (UInt64) -> LogEntry, write: @escaping @Sendable (LogEntry) -> Bool) {
        self.notice = notice
        self.write = write
    }

    var lost: UInt64 { self.state.withLock { $0.lost } }

    func add(_ entry: LogEntry, cost: Int) {
        let hasThread = self.state.withLock { state in
            guard state.hasThread else { return false }
            guard state.octets + cost <= LogWriter.mostOctets else {
                state.untold &+= 1
                state.lost &+= 1
                return true
            }
            state.waiting.append(entry)
            state.octets += cost
            return true
        }
        if hasThread { self.wakeUp.signal() } else { self.put(entry) }
    }

    /// Until the writer is gone and nothing waits any more.
    func run() {
        while true {
            let (entries, untold, isEnding) = self.state.withLock { state in
                let taken = (state.waiting, state.untold, state.isEnding)
                state.waiting = []
                state.octets = 0
                state.untold = 0
                state.isWriting = !taken.0.isEmpty || taken.1 > 0
                return taken
            }
            for entry in entries { self.put(entry) }
            if untold > 0 { _ = self.write(self.notice(untold)) }
            guard entries.isEmpty, untold == 0 else { continue }
            if isEnding { return }
            self.wakeUp.wait()
        }
    }

    private func put(_ entry: LogEntry) {
        if !self.write(entry) { self.state.withLock { $0.lost &+= 1 } }
    }

    func writeWithoutThread() { self.state.withLock { $0.hasThread = false } }

    func flush(milliseconds: Int) -> Bool {
        for _ in 0...max(0, milliseconds) {
            let isDone = self.state.withLock { $0.waiting.isEmpty && $0.untold == 0 && !$0.isWriting }
            if isDone { return true }
            usleep(1000)
        }
        return false
    }

    func end() {
        self.state.withLock { $0.isEnding = true }
        self.wakeUp.signal()
    }
}
