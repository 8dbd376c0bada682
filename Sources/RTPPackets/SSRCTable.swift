public import WireFormat

/// The last few synchronization sources heard on one port; a newcomer takes the place of the longest silent one.
///
/// Fixed size, no heap: a sender that changes its SSRC with every packet costs accuracy, never memory.
public struct SSRCTable: Sendable {
    /// How many sources are kept, as many as rtpengine does.
    public static var capacity: Int { SSRCSlots<SSRCStatistics>.capacity }

    private var slots = SSRCSlots<SSRCStatistics>()
    private var latest = 0
    private var isInterrupted = false
    /// How many sources lost their place to another.
    public private(set) var evictions: UInt64 = 0

    /// An empty table.
    public init() {}

    /// Counts one RTP packet of `bytes` octets (the UDP payload).
    public mutating func receiveRTP(
        _ header: RTPHeader, bytes: Int, at now: MonotonicTime, clockRates: ClockRates
    ) {
        if self.slots[self.latest]?.ssrc != header.ssrc { self.latest = self.slots.place(for: header.ssrc) }
        if self.slots[self.latest]?.ssrc == header.ssrc {
            self.slots[self.latest]?.receive(header, bytes: bytes, at: now, clockRates: clockRates)
            return
        }
        if self.slots[self.latest] != nil { self.evictions &+= 1 }
        var statistics = SSRCStatistics(header, bytes: bytes, at: now, clockRates: clockRates)
        if self.isInterrupted { statistics.interrupt() }
        self.slots[self.latest] = statistics
    }

    /// What was counted of one source, if it is still kept.
    public subscript(ssrc: UInt32) -> SSRCStatistics? { self.slots[ssrc: ssrc] }

    /// Everything kept, in no particular order.
    public var all: [SSRCStatistics] { self.slots.all }

    /// Says that packets go another way from now on: until ``resume()`` no gap is a loss.
    public mutating func interrupt() {
        self.isInterrupted = true
        self.slots.forEach { $0.interrupt() }
    }

    /// Says that packets come this way again.
    public mutating func resume() {
        self.isInterrupted = false
        self.slots.forEach { $0.resume() }
    }
}

extension SSRCStatistics: SSRCKeyed {}
