public import RelayPlanning
public import WireFormat

/// What both paths counted on one port at one moment.
public struct PortTraffic: Sendable, Hashable {
    /// Packets from the party.
    public var received = TrafficCounters()
    /// Those of them that the kernel forwarded.
    public var receivedInKernel = TrafficCounters()
    /// Packets to the party.
    public var sent = TrafficCounters()
    /// Packets from the party that were not forwarded.
    public var receiveErrors: UInt64 = 0
    /// Packets to the party that could not be sent.
    public var sendErrors: UInt64 = 0
    /// When userspace last received a packet; nil before any.
    public var lastUser: MonotonicTime?
    /// When the kernel was last seen to have forwarded a packet; nil before any.
    public var lastKernel: MonotonicTime?
    /// Where packets for the party go now: learnt, or signalled; nil while neither is known.
    public var remote: TransportAddress?
    /// True once learning is over.
    public var isSettled = false
    /// True while the kernel forwards what arrives.
    public var isInKernel = false

    /// Nothing counted yet.
    public init() {}
}
