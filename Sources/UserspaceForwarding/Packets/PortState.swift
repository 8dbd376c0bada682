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
    /// True once something of the party was accepted since learning began.
    var isHeard = false
    /// When the port's next turn to pierce a NAT is due; nil while it has none.
    var punctureDue: MonotonicTime?
    private var puncturesLeft = PiercingQueue.maximumTries

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
        self.isHeard = false
        self.punctureDue = nil
        self.puncturesLeft = PiercingQueue.maximumTries
        return true
    }

    /// What the control side is told about the party's address; nil while there is none.
    var learntEvent: RelayEvent? {
        guard let destination = self.latch.destination else { return nil }
        return .learnt(
            self.plan.id, address: destination, isSettled: self.latch.isSettled && !self.awaitsParty,
            epoch: self.plan.learningEpoch)
    }

    /// True once the party's address is final and the port may be used.
    var isSettled: Bool { self.plan.isPublished && self.latch.isSettled && !self.awaitsParty }

    /// True while nothing may leave by this port because its party was not heard.
    @inline(__always)
    var awaitsParty: Bool { self.plan.waitsForParty && !self.isHeard }

    /// True while datagrams have to leave by this port to open a NAT.
    var mustPierce: Bool {
        guard self.plan.piercesNAT, self.plan.isPublished, !self.plan.isMuted, !self.isHeard else {
            return false
        }
        guard let signalled = self.plan.signalled, signalled.isUsableForMedia else { return false }
        return self.puncturesLeft > 0 && signalled.family == self.plan.local.family
    }

    /// Uses up one try to open a NAT; returns where to send, or nil if there is nothing to open any more.
    mutating func takePuncture() -> TransportAddress? {
        self.punctureDue = nil
        guard self.mustPierce else { return nil }
        self.puncturesLeft -= 1
        return self.plan.signalled
    }

    /// Whether RTP of a payload type is thrown away.
    func blocks(_ payloadType: UInt8) -> Bool {
        if self.plan.blocks.contains(.traffic) { return true }
        return self.plan.blocks.contains(self.plan.eventPayloadTypes.contains(payloadType) ? .events : .media)
    }

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
