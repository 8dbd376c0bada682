internal import NATRules
internal import RelayPlanning
internal import WireFormat

/// What a worker has to know of one open port to decide about a datagram; small, so that many ports fit the caches.
struct PortState {
    private(set) var plan: PortPlan
    private var latch: SourceLatch
    let counters: PortCounters
    /// True while the port is on the list of those the control side has to be told of.
    var isChanged = false

    /// The port as its first plan describes it.
    init(plan: PortPlan, counters: PortCounters, at now: MonotonicTime) {
        self.plan = plan
        self.latch = Self.freshLatch(plan, at: now)
        self.counters = counters
    }

    /// Where to send what is meant for this port's party.
    var destination: TransportAddress? { self.latch.destination }

    private static func freshLatch(
        _ plan: PortPlan, at now: MonotonicTime, previous: TransportAddress? = nil
    ) -> SourceLatch {
        SourceLatch(policy: plan.learning, signalled: plan.signalled, openedAt: now, previous: previous)
    }

    /// Takes a new plan; returns true if learning began anew.
    ///
    /// That is so when the epoch says it, and also when what the latch was made from changed: a latch that never heard
    /// of the signalled address would go on sending to the old one. Publication opens the window too, because nothing
    /// can be learnt before. Flags that only say who else may send keep what was learnt.
    mutating func update(_ plan: PortPlan, at now: MonotonicTime) -> Bool {
        let old = self.plan
        self.plan = plan
        let isSamePolicy =
            old.learning.mode == plan.learning.mode && old.learning.asymmetric == plan.learning.asymmetric
        guard
            old.learningEpoch != plan.learningEpoch || old.signalled != plan.signalled || !isSamePolicy
                || (plan.isPublished && !old.isPublished)
        else {
            if old.learning != plan.learning {
                self.latch.change(
                    strictSource: plan.learning.strictSource, mediaHandover: plan.learning.mediaHandover)
            }
            return false
        }
        // A party that the signalling did not move is where it was until it is heard from elsewhere.
        let previous = old.signalled == plan.signalled ? self.latch.destination : nil
        self.latch = Self.freshLatch(plan, at: now, previous: previous)
        return true
    }

    /// What the control side is told about the party's address; nil while there is none.
    var learntEvent: RelayEvent? {
        guard let destination = self.latch.destination else { return nil }
        return .learnt(
            self.plan.id, address: destination, isSettled: self.latch.isSettled,
            epoch: self.plan.learningEpoch)
    }

    /// True once the party's address is final and the port may be used.
    var isSettled: Bool { self.plan.isPublished && self.latch.isSettled }

    /// Checks the source of a datagram that belongs here, and learns from it.
    @inline(__always)
    mutating func receive(from source: TransportAddress, at now: MonotonicTime) -> SourceVerdict {
        self.latch.receive(from: source, at: now)
    }

    /// Whether a datagram that must not teach anything comes from a source that may send.
    ///
    /// It asks a copy, so the answer is the latch's own and the latch stays as it is.
    func accepts(_ source: TransportAddress, at now: MonotonicTime) -> Bool {
        var copy = self.latch
        return copy.receive(from: source, at: now).isAccepted
    }
}
