public import RelayPlanning
public import WireFormat

/// How many datagrams were dropped for each reason.
public struct DropCounters: Sendable {
    /// One for each reason; a port's block has room for no more. In place, because the counters of a port are read often.
    private var counts = InlineArray<14, UInt64>(repeating: 0)

    /// Nothing dropped.
    public init() {}

    init(reading count: (DropReason) -> UInt64) {
        for reason in DropReason.allCases { self.counts[Int(reason.rawValue)] = count(reason) }
    }

    /// The datagrams dropped for one reason.
    public subscript(reason: DropReason) -> UInt64 { self.counts[Int(reason.rawValue)] }

    /// The datagrams dropped for any reason.
    public var total: UInt64 {
        var total: UInt64 = 0
        for index in self.counts.indices { total &+= self.counts[index] }
        return total
    }

    /// The reasons that occurred, with their counts, in a fixed order.
    public var occurred: [(reason: DropReason, count: UInt64)] {
        DropReason.allCases.compactMap { self[$0] > 0 ? ($0, self[$0]) : nil }
    }

    /// Adds another set of counters.
    public static func += (one: inout Self, other: Self) {
        for index in one.counts.indices { one.counts[index] &+= other.counts[index] }
    }
}

extension DropCounters: Hashable {
    /// True if every reason was counted as often.
    public static func == (one: Self, other: Self) -> Bool {
        one.counts.indices.allSatisfy { one.counts[$0] == other.counts[$0] }
    }

    /// Hashes the counts in the order of the reasons.
    public func hash(into hasher: inout Hasher) {
        for index in self.counts.indices { hasher.combine(self.counts[index]) }
    }
}

/// What a port's worker counted since the port was opened.
///
/// The numbers are read one by one while the worker goes on, so they may differ by the packets of an instant.
public struct PortStatistics: Sendable, Hashable {
    /// What arrived on this port, dropped or not; octets of UDP payload.
    public var received = TrafficCounters()
    /// What left by this port.
    public var sent = TrafficCounters()
    /// What should have left by this port, but the kernel refused it.
    public var sendErrors: UInt64 = 0
    /// The errno of the last refusal, 0 if there was none.
    public var lastSendErrno: Int32 = 0
    /// What arrived on this port and was not forwarded, by reason.
    public var drops = DropCounters()
    /// Datagrams the kernel dropped because the socket's buffer was full; as of the last look at the port's quality, or
    /// of its closing. They are not among those received.
    public var lostInSocket: UInt64 = 0
    /// Datagrams of which the port's recording has no copy, because its ring was full.
    public var lostToRecording: UInt64 = 0
    /// When the party's last datagram arrived, not a stranger's; nil before the first one.
    public var lastReceived: MonotonicTime?

    /// Nothing counted.
    public init() {}

    /// Datagrams that arrived on this port and left by another.
    public var forwardedPackets: UInt64 {
        let dropped = self.drops.total
        return self.received.packets > dropped ? self.received.packets - dropped : 0
    }
}

extension PortStatistics {
    init(_ counters: PortCounters) {
        // Refusals first: they were submitted before. One may still be told after the slot has its next port, which
        // submitted nothing yet.
        let refused = TrafficCounters(
            packets: counters.load(.refusedPackets), bytes: counters.load(.refusedBytes))
        self.sendErrors = refused.packets
        self.lastSendErrno = Int32(truncatingIfNeeded: counters.load(.lastSendErrno))
        self.lostInSocket = counters.load(.lostInSocket)
        self.lostToRecording = counters.load(.lostToRecording)
        self.drops = counters.loadDrops()
        self.sent = TrafficCounters(
            packets: Self.difference(counters.load(.submittedPackets), refused.packets),
            bytes: Self.difference(counters.load(.submittedBytes), refused.bytes))
        self.received = TrafficCounters(
            packets: counters.load(.receivedPackets), bytes: counters.load(.receivedBytes))
        self.lastReceived = counters.lastReceived
    }

    private static func difference(_ all: UInt64, _ some: UInt64) -> UInt64 { all > some ? all - some : 0 }
}
