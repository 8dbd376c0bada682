/// What the sequence numbers of one source tell (RFC 3550, appendices A.1 and A.3), with duplicates told apart.
///
/// Differences from the RFC's sample code: there is no probation, since a relay counts what it forwards; duplicates are
/// recognised exactly (the window covers all that A.1 takes as misordered) and do not hide losses; a restart keeps
/// the totals.
public struct SequenceStatistics: Sendable, Hashable {
    /// A jump ahead of at least this many packets is a restart, not a loss (RFC 3550, `MAX_DROPOUT`).
    public static let maximumDropoutPackets: UInt16 = 3000
    /// A packet at most this far behind is late, not a restart (RFC 3550, `MAX_MISORDER`).
    public static let maximumMisorderPackets: UInt16 = 100

    /// What one packet turned out to be.
    public enum Arrival: UInt8, Sendable, Hashable {
        /// The next one, or one after a gap.
        case inOrder
        /// Late, but not seen before.
        case reordered
        /// Seen before.
        case duplicate
        /// Far from what was expected; counts for nothing until its successor confirms a restart.
        case stray
        /// The second packet of a new numbering.
        case restart
        /// Seen here while others go, or went, another way: how many is unknown.
        case afterInterruption
    }

    private enum Continuity: UInt8, Sendable {
        /// Every packet should be seen here.
        case unbroken
        /// Packets go another way; the few seen here say nothing of those between.
        case interrupted
        /// The next packet is the first of an unbroken sequence again.
        case resuming
    }

    /// The highest sequence number, with the number of wraps in the upper half.
    public private(set) var highestExtended: UInt32
    /// Packets that arrived, whatever they turned out to be.
    public private(set) var received: UInt64 = 1
    /// Packets that should have arrived, over all numberings.
    public private(set) var expected: UInt64 = 1
    /// Packets that arrived again.
    public private(set) var duplicates: UInt64 = 0
    /// Packets that arrived after a later one.
    public private(set) var reordered: UInt64 = 0
    /// How often the source began a new numbering.
    public private(set) var restarts: UInt32 = 0
    /// Packets that belong to no numbering.
    public private(set) var strays: UInt64 = 0

    /// Packets expected in the present numbering.
    private var expectedSinceStart: UInt64 = 1
    /// Bit n is set if the packet n before the highest arrived.
    private var seen: UInt128 = 1
    /// The number that would confirm a restart.
    private var restartCandidate: UInt16?
    private var continuity = Continuity.unbroken
    private var intervalExpected: UInt64 = 0
    private var intervalLost: UInt64 = 0

    /// Begins with the first packet of a source.
    public init(first sequenceNumber: UInt16) {
        self.highestExtended = UInt32(sequenceNumber)
    }

    /// Packets that never arrived: what is expected, less what arrived at least once.
    public var lost: UInt64 {
        let unique = self.received &- self.duplicates &- self.strays
        return self.expected > unique ? self.expected - unique : 0
    }

    /// Counts one more packet.
    public mutating func receive(_ sequenceNumber: UInt16) -> Arrival {
        self.received &+= 1
        let highest = UInt16(truncatingIfNeeded: self.highestExtended)
        let ahead = sequenceNumber &- highest
        guard self.continuity == .unbroken else { return self.rebase(ahead) }
        if ahead != 0, ahead < Self.maximumDropoutPackets {
            self.advance(by: ahead, expecting: UInt64(ahead))
            return .inOrder
        }
        let behind = highest &- sequenceNumber
        if behind <= Self.maximumMisorderPackets { return self.receiveLate(behind) }
        return self.receiveFarOff(sequenceNumber)
    }

    /// Says that packets go another way from now on: until ``resume()`` no gap is a loss.
    public mutating func interrupt() { self.continuity = .interrupted }

    /// Says that packets come this way again; the gap before the next one is no loss.
    public mutating func resume() {
        if self.continuity == .interrupted { self.continuity = .resuming }
    }

    /// The share of packets lost since the last call in units of 1/256 (RFC 3550, appendix A.3).
    public mutating func takeFractionLost() -> UInt8 {
        let expected = self.expected &- self.intervalExpected
        let lost = self.lost
        let newlyLost = lost > self.intervalLost ? lost - self.intervalLost : 0
        self.intervalExpected = self.expected
        self.intervalLost = lost
        guard expected > 0 else { return 0 }
        return UInt8(clamping: newlyLost * 256 / expected)
    }

    private mutating func advance(by ahead: UInt16, expecting count: UInt64) {
        self.highestExtended &+= UInt32(ahead)
        self.expected &+= count
        self.expectedSinceStart &+= count
        self.seen = (ahead < 128 ? self.seen << UInt128(ahead) : 0) | 1
    }

    private mutating func receiveLate(_ behind: UInt16) -> Arrival {
        let bit = UInt128(1) << UInt128(behind)
        if self.seen & bit != 0 {
            self.duplicates &+= 1
            return .duplicate
        }
        self.seen |= bit
        self.reordered &+= 1
        // Older than the packet that came first: the numbering began earlier than was thought.
        if UInt64(behind) >= self.expectedSinceStart {
            self.expected &+= UInt64(behind) &+ 1 &- self.expectedSinceStart
            self.expectedSinceStart = UInt64(behind) &+ 1
        }
        return .reordered
    }

    private mutating func receiveFarOff(_ sequenceNumber: UInt16) -> Arrival {
        guard self.restartCandidate == sequenceNumber else {
            self.restartCandidate = sequenceNumber &+ 1
            self.strays &+= 1
            return .stray
        }
        // The packet before this one was taken for a stray, but began the new numbering.
        self.strays &-= 1
        self.restarts &+= 1
        self.restartCandidate = nil
        self.highestExtended = UInt32(sequenceNumber)
        self.expected &+= 2
        self.expectedSinceStart = 2
        self.seen = 0b11
        return .restart
    }

    private mutating func rebase(_ ahead: UInt16) -> Arrival {
        if self.continuity == .resuming { self.continuity = .unbroken }
        self.restartCandidate = nil
        // The half of the number space behind is the past.
        self.highestExtended &+= UInt32(bitPattern: Int32(Int16(bitPattern: ahead)))
        self.expected &+= 1
        self.expectedSinceStart = 1
        self.seen = 1
        return .afterInterruption
    }
}
