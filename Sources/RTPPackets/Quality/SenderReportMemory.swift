import WireFormat

/// A sender report as the relay remembers it.
struct SenderReportMark: Sendable, Hashable {
    /// The sender.
    var ssrc: UInt32
    /// The middle 32 bits of its NTP time.
    var ntpMiddle: UInt32
    /// When it arrived at the relay.
    var arrival: MonotonicTime
}

/// The last sender reports that left by one port; fixed size.
struct SenderReportMemory: Sendable {
    /// How many are kept: two for each of four sources, since a report may cross with the answer to the one before.
    static let capacity = 8

    private var marks = InlineArray<8, SenderReportMark?>(repeating: nil)
    private var next = 0

    /// Keeps one more; the oldest is forgotten.
    mutating func remember(_ mark: SenderReportMark) {
        self.marks[self.next] = mark
        self.next = (self.next &+ 1) % Self.capacity
    }

    /// When the report that a block names passed; the latest if several carry the same time.
    func arrival(namedBy block: ReportBlock) -> MonotonicTime? {
        // Zero says that no sender report was heard yet.
        guard block.lastSenderReport != 0 else { return nil }
        var latest: MonotonicTime?
        for index in self.marks.indices {
            guard let mark = self.marks[index], mark.ssrc == block.ssrc,
                mark.ntpMiddle == block.lastSenderReport
            else { continue }
            if latest.map({ mark.arrival >= $0 }) ?? true { latest = mark.arrival }
        }
        return latest
    }
}
