import WireFormat

/// Keeps a warning that comes with every packet from filling the log: one line an interval for each kind of message.
struct RepeatedMessageLimiter<Kind: Hashable> {
    /// What to do with a message.
    enum Verdict: Equatable {
        /// Write it; if `repeats` is not zero, say that as many like it were left out since the last one.
        case write(repeats: Int)
        /// Leave it out.
        case omit
    }

    private struct Entry {
        var written: MonotonicTime
        var omitted = 0
    }

    /// The time between two lines of the same kind.
    let interval: Duration
    /// The most kinds that are remembered; beyond it the one written longest ago is forgotten.
    let capacity: Int
    private var entries: [Kind: Entry] = [:]

    /// A limiter that has seen nothing; `capacity` of at least one.
    init(interval: Duration = .seconds(60), capacity: Int = 256) {
        self.interval = interval
        self.capacity = max(1, capacity)
    }

    /// Decides about a message of a kind that came up now.
    mutating func admit(_ kind: Kind, at now: MonotonicTime) -> Verdict {
        if var entry = self.entries[kind] {
            guard now >= entry.written.advanced(by: self.interval) else {
                entry.omitted &+= 1
                self.entries[kind] = entry
                return .omit
            }
            self.entries[kind] = Entry(written: now)
            return .write(repeats: entry.omitted)
        }
        if self.entries.count >= self.capacity,
            let oldest = self.entries.min(by: { $0.value.written < $1.value.written })
        {
            self.entries[oldest.key] = nil
        }
        self.entries[kind] = Entry(written: now)
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
