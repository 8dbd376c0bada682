internal import RelayPlanning
internal import WireFormat

/// What happens to one datagram. An engine does what it says, and nothing else.
enum PacketDecision {
    /// It leaves from the socket of the port `sink`, as it is, to `destination`.
    case forward(sink: Int, destination: TransportAddress)
    /// So does its beginning.
    case forwardPrefix(bytes: Int, sink: Int, destination: TransportAddress)
    /// It goes nowhere; the reason was counted.
    case drop(DropReason)
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
