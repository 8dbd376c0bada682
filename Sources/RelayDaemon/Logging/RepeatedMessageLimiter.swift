import WireFormat

/// Keeps a warning that comes with every packet from filling the log: a few lines an interval for each kind
/// of message.
struct RepeatedMessageLimiter<Kind: Hashable & Sendable>: Sendable {
    /// What to do with a message.
    enum Verdict: Equatable {
        /// Write it; if `repeats` is not zero, say that as many like it were left out since the last one.
        case write(repeats: Int)
        /// Leave it out.
        case omit
    }

    private struct Entry {
        var begun: MonotonicTime
        var written = 1
        var omitted = 0
    }

    /// The time after which lines of a kind are written again.
    let interval: Duration
    /// The lines of a kind that are written in this time.
    let burst: Int
    /// The most kinds that are remembered; beyond it the one begun longest ago is forgotten.
    let capacity: Int
    private var entries: [Kind: Entry] = [:]

    /// A limiter that has seen nothing; `capacity` and `burst` of at least one.
    init(interval: Duration = .seconds(60), burst: Int = 1, capacity: Int = 256) {
        self.interval = interval
        self.burst = max(1, burst)
        self.capacity = max(1, capacity)
    }

    /// Decides about a message of a kind that came up now.
    mutating func admit(_ kind: Kind, at now: MonotonicTime) -> Verdict {
        if var entry = self.entries[kind] {
            if now >= entry.begun.advanced(by: self.interval) {
                self.entries[kind] = Entry(begun: now)
                return .write(repeats: entry.omitted)
            }
            let isWritten = entry.written < self.burst
            if isWritten { entry.written += 1 } else { entry.omitted &+= 1 }
            self.entries[kind] = entry
            return isWritten ? .write(repeats: 0) : .omit
        }
        if self.entries.count >= self.capacity,
            let oldest = self.entries.min(by: { $0.value.begun < $1.value.begun })
        {
            self.entries[oldest.key] = nil
        }
        self.entries[kind] = Entry(begun: now)
        return .write(repeats: 0)
    }

    /// What to add to a message that is written: nothing, or that it was repeated since the last line.
    static func suffix(repeats: Int) -> String {
        switch repeats {
        case 0: ""
        case 1: " (repeated once since the last line)"
        default: " (repeated \(repeats) times since the last line)"
        }
    }
}
