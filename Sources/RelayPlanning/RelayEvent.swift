public import WireFormat

/// What the userspace forwarder tells the control side, in the order it happened.
public enum RelayEvent: Sendable, Hashable {
    /// The address of the party behind a port changed or settled; `epoch` is the plan's learning epoch it belongs to.
    case learnt(RelayPortID, address: TransportAddress, isSettled: Bool, epoch: UInt32)
}

/// Why a packet that reached a relay port was not forwarded; each is a counter with this name.
public enum DropReason: UInt8, Sendable, Hashable, CaseIterable {
    /// Our SDP with this port has not been handed out yet.
    case notPublished
    /// There is no other party to send it to.
    case noSink
    /// The other party's address is unknown, or it is on hold.
    case noDestination
    /// The source is not the one this stream is locked to.
    case unknownSource
    /// Shorter than the header it claims to carry.
    case truncated
    /// Neither RTP nor RTCP on a port that carries RTP, and no agent here that would read it.
    case unexpectedProtocol
    /// Larger than the receive buffers.
    case tooLarge
    /// The send queue or the buffer ring was exhausted.
    case overload
    /// The kernel refused to send (unreachable, no route, no permission).
    case sendFailed
    /// It arrived for a port that was just closed.
    case portClosed
    /// RTCP that holds nothing but feedback (RFC 4585), for a party whose profile has none.
    case unwantedFeedback
    /// Media, telephone events or all traffic of the party is blocked.
    case blocked
    /// The other party was not heard yet, and its side waits for that (`NAT wait`).
    case partyNotHeard
}
