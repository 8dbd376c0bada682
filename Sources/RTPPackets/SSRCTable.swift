public import WireFormat

/// The last few synchronization sources heard on one port; a newcomer takes the place of the longest silent one.
///
/// Fixed size, no heap: a sender that changes its SSRC with every packet costs accuracy, never memory.
public struct SSRCTable: Sendable {
    /// How many sources are kept, as many as rtpengine does.
    public static var capacity: Int { SSRCSlots<SSRCStatistics>.capacity }

    private var slots = SSRCSlots<SSRCStatistics>()
    /// The source of the latest packet and its place: most packets have the same, and asking the slots copies them.
    private var latest: (ssrc: UInt32, place: Int)?
    private var isInterrupted = false
    /// How many sources lost their place to another.
    public private(set) var evictions: UInt64 = 0

    /// An empty table.
    public init() {}

    /// Counts one RTP packet of `bytes` octets (the UDP payload), whose payload type has this clock rate in hertz.
    public mutating func receiveRTP(
        _ header: RTPHeader, bytes: Int, at now: MonotonicTime, clockRate: UInt32
    ) {
        let place: Int
        if let latest = self.latest, latest.ssrc == header.ssrc {
            place = latest.place
        } else {
            guard let known = self.slots.index(of: header.ssrc) else {
                return self.insert(header, bytes: bytes, at: now, clockRate: clockRate)
            }
            place = known
            self.latest = (header.ssrc, known)
        }
        self.slots[place].receive(header, bytes: bytes, at: now, clockRate: clockRate)
    }

    /// What was counted of one source, if it is still kept.
    public subscript(ssrc: UInt32) -> SSRCStatistics? {
        self.slots.index(of: ssrc).map { self.slots[$0] }
    }

    /// How many sources are kept at present.
    var count: Int { self.slots.count }

    /// The source in a place below ``count`` with its clock rate.
    func clock(at index: Int) -> KnownClock {
        KnownClock(ssrc: self.slots[index].ssrc, hertz: self.slots[index].jitter.clockRate)
    }

    /// Everything kept, in no particular order.
    public var all: [SSRCStatistics] { self.slots.all }

    /// Says that packets go another way from now on: until ``resume()`` no gap is a loss.
    public mutating func interrupt() {
        self.isInterrupted = true
        for index in 0..<self.slots.count { self.slots[index].interrupt() }
    }

    /// Says that packets come this way again.
    public mutating func resume() {
        self.isInterrupted = false
        for index in 0..<self.slots.count { self.slots[index].resume() }
    }

    private mutating func insert(
        _ header: RTPHeader, bytes: Int, at now: MonotonicTime, clockRate: UInt32
    ) {
        if self.slots.count == Self.capacity { self.evictions &+= 1 }
        var statistics = SSRCStatistics(header, bytes: bytes, at: now, clockRate: clockRate)
        if self.isInterrupted { statistics.interrupt() }
        self.latest = (header.ssrc, self.slots.insert(statistics))
    }
}
