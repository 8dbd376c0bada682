public import WireFormat

/// One direction of one stream as the kernel forwards it.
///
/// A packet from `source` to our `local` leaves from our `relay` to `destination`.
public struct KernelFlow: Sendable, Hashable {
    /// The learnt address of the sender.
    public var source: TransportAddress
    /// Our port that the sender sends to.
    public var local: TransportAddress
    /// Our port that the receiver sees as the sender.
    public var relay: TransportAddress
    /// The learnt address of the receiver.
    public var destination: TransportAddress

    /// Names the four ends.
    public init(
        source: TransportAddress, local: TransportAddress, relay: TransportAddress,
        destination: TransportAddress
    ) {
        self.source = source
        self.local = local
        self.relay = relay
        self.destination = destination
    }

    /// The same stream seen from the other end.
    public var reversed: KernelFlow {
        KernelFlow(source: destination, local: relay, relay: local, destination: source)
    }
}

/// Packets and octets of one flow, as counted by whoever forwarded them.
public struct TrafficCounters: Sendable, Hashable {
    /// Packets forwarded.
    public var packets: UInt64
    /// Octets forwarded, UDP payload only.
    public var bytes: UInt64

    /// Counters with the given values.
    public init(packets: UInt64 = 0, bytes: UInt64 = 0) {
        self.packets = packets
        self.bytes = bytes
    }

    /// The sum of two counters.
    public static func + (one: Self, other: Self) -> Self {
        Self(packets: one.packets &+ other.packets, bytes: one.bytes &+ other.bytes)
    }

    /// Adds another counter.
    public static func += (one: inout Self, other: Self) { one = one + other }
}
