public import WireFormat

/// Learns where the party behind one relay port really is, and says which sources its packets may come from.
///
/// One latch belongs to one relay port, so RTP and RTCP learn apart; when they share a port they share the latch. A
/// signalling event that restarts learning makes a new latch. Only packets that may take part in learning are given
/// to ``receive(from:at:)``: the port was handed out in an SDP, and where there is SRTP the packet authenticated.
///
/// What each mode does until the latch is settled:
///
/// | mode | the destination | settles |
/// |---|---|---|
/// | off | is the signalled address | at once, without any packet |
/// | immediate | is the signalled address | on the first packet's source |
/// | delayed | follows every new source | on the source of the first packet after the window |
/// | heuristic | is the best match with the signalled address seen, of equals the latest | on a full match at once, else with the first packet after the window on the best match seen |
///
/// Matches rank: address and port equal to the signalled ones, then address, then port, then anything. A source of
/// the other address family is "anything"; an IPv4-mapped IPv6 address is not folded into IPv4. Without a usable
/// signalled address (on hold) everything is "anything" and there is no destination until a source was seen.
///
/// **Once settled, packets from any other source are rejected, strict source or not.** rtpengine takes them unless
/// strict-source is set, which lets anyone who finds the port speak into the call ("RTP bleed", rtpengine's
/// ES2025-01); here strangers can neither inject into a settled stream, nor receive it, nor move it. The exceptions are
/// what an operator asked for by name:
/// - `asymmetric`: any source is accepted and the destination stays the signalled one, which wins over every other
///   setting. It is settled for sending, but no exact source is ever known.
/// - `mediaHandover`: a new source moves the settled destination at once. It wins over `strictSource`.
/// - mode off: any source is accepted and the destination stays, unless `strictSource` (only the signalled address is
///   accepted) or `mediaHandover` is set as well.
///
/// `strictSource` also rejects worse matches than the best one while the heuristic window is open.
public struct SourceLatch: Sendable, Hashable {
    /// How long sources are followed after a signalling event: 3 s, as rtpengine does.
    public static let learningWindowNanoseconds: UInt64 = 3_000_000_000

    @usableFromInline
    enum Stage: UInt8, Sendable {
        /// Nothing is final yet.
        case learning
        /// Exactly ``destination`` may send.
        case locked
        /// Whoever sends becomes the destination.
        case handover
        /// Anyone may send; the destination stays.
        case open
    }

    /// Where to send what is meant for this party; nil while nothing is known.
    public private(set) var destination: TransportAddress?
    @usableFromInline
    var stage: Stage
    private var policy: LearningPolicy
    private let signalled: TransportAddress?
    private let windowEnd: MonotonicTime
    /// How well the destination matches; nil until a packet was seen.
    private var bestMatch: SourceMatch?

    /// A latch as it is after the signalling event at `openedAt` that named `signalled`.
    ///
    /// - Parameters:
    ///   - policy: what is learnt, and who may send.
    ///   - signalled: where the SDP (or received-from) says to send; an unusable address counts as none.
    ///   - openedAt: when the learning window opened.
    ///   - previous: where the party was until now; sent to until a packet arrives, without any rank of its own. The
    ///     private address of a phone behind NAT is no place to send to meanwhile.
    public init(
        policy: LearningPolicy, signalled: TransportAddress?, openedAt: MonotonicTime,
        previous: TransportAddress? = nil
    ) {
        let usable = signalled.flatMap { $0.isUsableForMedia ? $0 : nil }
        self.policy = policy
        self.signalled = usable
        self.windowEnd = openedAt.advanced(byNanoseconds: Self.learningWindowNanoseconds)
        self.stage = Self.firstStage(policy, hasAddress: usable != nil)
        self.destination = self.stage == .learning ? previous ?? usable : usable
    }

    private static func firstStage(_ policy: LearningPolicy, hasAddress: Bool) -> Stage {
        if policy.asymmetric { return .open }
        guard policy.mode == .off else { return .learning }
        if policy.mediaHandover, hasAddress { return .handover }
        return policy.strictSource ? .locked : .open
    }

    /// Changes who may send from now on, and keeps what was learnt.
    ///
    /// - Parameter strictSource: drop worse matches in the heuristic window, too.
    /// - Parameter mediaHandover: a new source moves a settled destination.
    public mutating func change(strictSource: Bool, mediaHandover: Bool) {
        self.policy.strictSource = strictSource
        self.policy.mediaHandover = mediaHandover
        switch self.stage {
        case .learning: break
        case .locked, .handover:
            let wasTold = self.policy.mode == .off && !strictSource
            self.stage = mediaHandover ? .handover : (wasTold ? .open : .locked)
        case .open:
            self.stage = Self.firstStage(self.policy, hasAddress: self.destination != nil)
        }
    }

    /// True if ``destination`` is final as far as this policy goes.
    @inlinable
    public var isSettled: Bool { self.stage != .learning && self.destination != nil }

    /// Looks at the source of a packet that arrived, learns from it, and says what to do with the packet.
    @inlinable
    public mutating func receive(from source: TransportAddress, at now: MonotonicTime) -> SourceVerdict {
        if self.stage == .locked { return self.destination == source ? .accept : .reject }
        return self.receiveUnlocked(from: source, at: now)
    }

    @usableFromInline
    mutating func receiveUnlocked(from source: TransportAddress, at now: MonotonicTime) -> SourceVerdict {
        switch self.stage {
        case .open:
            return .accept
        case .locked:
            return self.destination == source ? .accept : .reject
        case .handover:
            guard self.destination != source else { return .accept }
            // Nothing could ever be sent to such a source.
            guard source.isUsableForMedia else { return .reject }
            self.destination = source
            return .acceptAndMoved
        case .learning:
            guard source.isUsableForMedia else { return .reject }
            return self.learn(source, at: now)
        }
    }

    private mutating func learn(_ source: TransportAddress, at now: MonotonicTime) -> SourceVerdict {
        switch self.policy.mode {
        case .off:
            return .accept
        case .immediate:
            return self.settle(on: source)
        case .delayed:
            return now < self.windowEnd ? self.follow(source) : self.settle(on: source)
        case .heuristic:
            return self.rank(source, at: now)
        }
    }

    private mutating func rank(_ source: TransportAddress, at now: MonotonicTime) -> SourceVerdict {
        let match = SourceMatch(of: source, with: self.signalled)
        if match == .full { return self.settle(on: source) }
        let isBest = self.bestMatch.map { match >= $0 } ?? true
        if now < self.windowEnd {
            guard isBest else { return self.policy.strictSource ? .reject : .accept }
            self.bestMatch = match
            return self.follow(source)
        }
        // With handover a newcomer would take over right after settling anyway.
        if isBest || self.policy.mediaHandover { return self.settle(on: source) }
        self.stage = .locked
        return self.destination == source ? .acceptAndSettled : .rejectAndSettled
    }

    private mutating func follow(_ source: TransportAddress) -> SourceVerdict {
        guard self.destination != source else { return .accept }
        self.destination = source
        return .acceptAndMoved
    }

    private mutating func settle(on source: TransportAddress) -> SourceVerdict {
        self.destination = source
        self.stage = self.policy.mediaHandover ? .handover : .locked
        return .acceptAndSettled
    }
}
