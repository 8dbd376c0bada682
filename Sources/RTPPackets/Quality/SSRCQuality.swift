/// All that is known of one synchronization source.
public struct SSRCQuality: Sendable, Hashable {
    /// The source.
    public let ssrc: UInt32
    /// What was counted of its packets in userspace.
    public var received: SSRCStatistics?
    /// What it said it has sent.
    public var sent: SenderActivity?
    /// What the party that hears it reported.
    public var reported: ReportedQuality?

    /// Nothing known yet of a source.
    public init(ssrc: UInt32) {
        self.ssrc = ssrc
    }

    /// Joins what several ports know of the same sources: a stream is counted where it arrives, and reported on where
    /// it leaves. Sorted by SSRC; where two ports know the same thing, the one with more packets or the later report
    /// counts.
    public static func joined(_ lists: [[SSRCQuality]]) -> [SSRCQuality] {
        var sources: [UInt32: SSRCQuality] = [:]
        for entry in lists.joined() { sources[entry.ssrc, default: SSRCQuality(ssrc: entry.ssrc)].add(entry) }
        return sources.values.sorted { $0.ssrc < $1.ssrc }
    }

    private mutating func add(_ other: SSRCQuality) {
        if let new = other.received, self.received.map({ new.packets > $0.packets }) ?? true {
            self.received = new
        }
        if let new = other.sent, self.sent.map({ new.reportedAt > $0.reportedAt }) ?? true { self.sent = new }
        if let new = other.reported, self.reported.map({ new.reportedAt > $0.reportedAt }) ?? true {
            self.reported = new
        }
    }
}
