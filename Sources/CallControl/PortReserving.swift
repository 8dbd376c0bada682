public import RelayPlanning
public import WireFormat

/// The relay ports of one media section that face one party: RTP and, unless the media is not RTP, RTCP one above.
public struct PortPair: Sendable, Hashable {
    /// The port of the `m=` line.
    public var rtp: ReservedPort
    /// The port one above; nil for media that is not RTP.
    public var rtcp: ReservedPort?

    /// A pair, or a single port.
    public init(rtp: ReservedPort, rtcp: ReservedPort?) {
        self.rtp = rtp
        self.rtcp = rtcp
    }

    /// The one or two ports.
    public var ports: [ReservedPort] { [self.rtp] + (self.rtcp.map { [$0] } ?? []) }
}

/// One bound relay port.
public struct ReservedPort: Sendable, Hashable {
    /// Its name.
    public var id: RelayPortID
    /// The concrete address it is bound to.
    public var local: TransportAddress

    /// A port that is bound.
    public init(id: RelayPortID, local: TransportAddress) {
        self.id = id
        self.local = local
    }
}

/// Why no relay ports could be had.
public struct PortReservationError: Error, Sendable, Hashable {
    /// What was tried and what failed, in words for a log.
    public var reason: String

    /// An error with its reason.
    public init(reason: String) {
        self.reason = reason
    }
}

/// Hands out relay ports that are really bound; the daemon does it with sockets, tests with a counter.
public protocol PortReserving: AnyObject {
    /// Binds an even port and, if `withRTCP`, the odd one above it, on the address and within the ports of `interface`.
    func reserve(
        on interface: InterfaceAddress, withRTCP: Bool, trafficClass: UInt8
    ) throws(PortReservationError) -> PortPair
    /// Gives back ports that no plan ever named.
    func release(_ pair: PortPair)
}
