/// When the source address of observed packets replaces the address the SDP named (`--endpoint-learning`).
public enum LearningMode: String, Sendable, Hashable, CaseIterable {
    /// The SDP is believed; nothing is learnt.
    case off
    /// The first packet's source is taken and frozen.
    case immediate
    /// Sources are followed for the learning window; the first packet after it freezes its source.
    case delayed
    /// As `delayed`, but candidates are ranked by how well they match the SDP, and a full match freezes at once.
    case heuristic
}

/// How one relay port treats the sources of the packets that arrive on it.
public struct LearningPolicy: Sendable, Hashable {
    /// When observed sources replace the signalled address.
    public var mode: LearningMode
    /// Drop packets from any other source, also while the learning window is open and the source matches worse.
    public var strictSource: Bool
    /// A packet from a new source moves a frozen stream at once.
    public var mediaHandover: Bool
    /// The party sends from elsewhere than it receives: accept any source, never move the destination.
    public var asymmetric: Bool

    /// A policy with everything but the mode switched off.
    public init(
        mode: LearningMode = .heuristic, strictSource: Bool = false, mediaHandover: Bool = false,
        asymmetric: Bool = false
    ) {
        self.mode = mode
        self.strictSource = strictSource
        self.mediaHandover = mediaHandover
        self.asymmetric = asymmetric
    }
}
