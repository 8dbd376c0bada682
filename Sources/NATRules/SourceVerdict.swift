/// What to do with a packet after its source was looked at, and what that did to the latch.
///
/// After every case but ``accept`` and ``reject`` the owner reads ``SourceLatch/destination`` and
/// ``SourceLatch/isSettled`` anew and tells whoever follows them.
public enum SourceVerdict: UInt8, Sendable, Hashable, CaseIterable {
    /// Relay it; nothing changed.
    case accept
    /// Relay it; the destination is now this packet's source, whether the latch is settled is as before.
    case acceptAndMoved
    /// Relay it; the latch has just settled, on a destination that may have changed with it.
    case acceptAndSettled
    /// Drop it: the source is not one this stream takes packets from.
    case reject
    /// Drop it: the learning window is over and the latch has just settled on a better source seen before.
    case rejectAndSettled

    /// True if the packet is to be relayed.
    @inlinable
    public var isAccepted: Bool {
        switch self {
        case .accept, .acceptAndMoved, .acceptAndSettled: true
        case .reject, .rejectAndSettled: false
        }
    }
}
