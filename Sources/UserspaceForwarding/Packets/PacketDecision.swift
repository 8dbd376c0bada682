internal import RelayPlanning
internal import WireFormat

/// What happens to one datagram. An engine does what it says, and nothing else.
enum PacketDecision {
    /// It leaves from the socket of the port `sink`, as it is, to `destination`.
    case forward(sink: Int, destination: TransportAddress)
    /// So does its beginning.
    case forwardPrefix(bytes: Int, sink: Int, destination: TransportAddress)
    /// Its beginning, or all of it, leaves by every route that ``PortTable/next(of:)`` gives; there is at least one.
    case forwardByMany(bytes: Int, RouteList)
    /// It goes nowhere; the reason was counted.
    case drop(DropReason)
}

/// One way for a datagram to leave.
struct Route: Equatable {
    /// The port whose socket sends it.
    var sink: Int
    var destination: TransportAddress
    /// True for a copy: what becomes of it is not the arriving datagram's fate.
    var isCopy: Bool
}

/// The ways by which a datagram and its copies leave, found one after the other so that nothing is allocated.
struct RouteList {
    /// The route that is already known; the main one, or that of the first copy if there is no main one.
    var first: Route?
    /// The port of the next copy that was not looked at.
    var nextCopy: RelayPortID?
    /// How many of them may still be looked at.
    var remaining = PortPlan.maximumCopies
    /// The port that the datagram arrived on.
    let arrival: Int
    /// True if copies leave by the ports for RTCP.
    let isRTCP: Bool
}

/// Whether a slot of the port table is in use.
enum PortPhase: UInt8 {
    /// Free.
    case closed
    /// Datagrams are relayed.
    case open
    /// Nothing is relayed any more, but requests on its socket may still be in flight.
    case closing
}
