public import WireFormat

/// The last few synchronization sources heard on one port; a newcomer takes the place of the longest silent one.
///
/// Fixed size, no heap: a sender that changes its SSRC with every packet costs accuracy, never memory.
public struct SSRCTable: Sendable {
    /// How many sources are kept, as many as rtpengine does.
    public static let capacity = 4

    private var entries = InlineArray<4, SSRCStatistics?>(repeating: nil)
    private var latest = 0
    /// How many sources lost their place to another.
    public private(set) var evictions: UInt64 = 0

    /// An empty table.
    public init() {}

    /// Counts one RTP packet of `bytes` octets (the UDP payload).
    public mutating func receiveRTP(
        _ header: RTPHeader, bytes: Int, at now: MonotonicTime, clockRates: ClockRates
    ) {
        if self.entries[self.latest]?.ssrc != header.ssrc { self.latest = self.place(for: header.ssrc) }
        if self.entries[self.latest]?.ssrc == header.ssrc {
            self.entries[self.latest]?.receive(header, bytes: bytes, at: now, clockRates: clockRates)
        } else {
            if self.entries[self.latest] != nil { self.evictions &+= 1 }
            self.entries[self.latest] = SSRCStatistics(
                header, bytes: bytes, at: now, clockRates: clockRates)
        }
    }

    /// What was counted of one source, if it is still kept.
    public subscript(ssrc: UInt32) -> SSRCStatistics? {
        for index in self.entries.indices where self.entries[index]?.ssrc == ssrc {
            return self.entries[index]
        }
        return nil
    }

    /// Everything kept, in no particular order.
    public var all: [SSRCStatistics] { self.entries.indices.compactMap { self.entries[$0] } }

    /// Says that packets go another way for a while: see ``SequenceStatistics/interrupt()``.
    public mutating func interrupt() {
        for index in self.entries.indices { self.entries[index]?.interrupt() }
    }

    private func place(for ssrc: UInt32) -> Int {
        var oldest = 0
        for index in self.entries.indices {
            guard let entry = self.entries[index] else { return index }
            if entry.ssrc == ssrc { return index }
            guard let other = self.entries[oldest] else { return oldest }
            if entry.lastHeard < other.lastHeard { oldest = index }
        }
        return oldest
    }
}
