internal import NATRules
internal import RelayPlanning
internal import WireFormat

/// When datagrams are due that open the NAT between us and parties that were not heard yet (`pierce NAT`).
///
/// Each port has its turn after the same time, so those that had one stand in a queue whose head is due first; those
/// that had none go before them.
struct PiercingQueue {
    /// A port's turn. It counts only while the port's state names the same time: turns of ports that were heard, closed
    /// or begun anew meanwhile stay in the queue until they are due.
    struct Turn {
        var port: Int
        var due: MonotonicTime
    }

    /// Turns in the order in which they came.
    private struct Line {
        private var turns: [Turn] = []
        private var head = 0

        var first: Turn? { self.head < self.turns.count ? self.turns[self.head] : nil }

        mutating func append(_ turn: Turn) { self.turns.append(turn) }

        mutating func removeFirst() {
            self.head += 1
            // Moving what is left now and then costs as little as the appending did.
            guard self.head * 2 >= self.turns.count else { return }
            self.turns.removeFirst(self.head)
            self.head = 0
        }
    }

    /// The time between two datagrams of one port: rtpengine's timer has the same pace.
    static let intervalNanoseconds: UInt64 = 1_000_000_000
    /// How many a port sends at most for each time that learning begins; rtpengine goes on as long as the call lasts.
    static let maximumTries: UInt8 = 60
    /// Turns taken before datagrams that arrived are looked at again.
    static let turnsAtATime = 64

    private var fresh = Line()
    private var repeated = Line()

    /// When the first turn is due; nil without any.
    var nextDue: MonotonicTime? { (self.fresh.first ?? self.repeated.first)?.due }

    /// Adds a port's first turn, which is due at once.
    mutating func begin(_ turn: Turn) { self.fresh.append(turn) }

    /// Adds a port's next turn, due after ``intervalNanoseconds``.
    mutating func repeatLater(_ turn: Turn) { self.repeated.append(turn) }

    /// Takes the first turn if it is due.
    mutating func take(at now: MonotonicTime) -> Turn? {
        if let turn = self.fresh.first {
            self.fresh.removeFirst()
            return turn
        }
        guard let turn = self.repeated.first, turn.due <= now else { return nil }
        self.repeated.removeFirst()
        return turn
    }
}

extension PortTable {
    /// A datagram that makes a hole in a NAT.
    struct Puncture: Equatable {
        var port: Int
        var destination: TransportAddress
        /// RTP ports send a header that peers take for RTP; others nothing but an empty datagram.
        var isRTP: Bool
    }

    /// What a puncture of an RTP or RTCP port carries: version 2, payload type 127, the last sequence number, SSRC 0.
    static let punctureHeader: [UInt8] = [0x80, 0x7F, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0]

    /// When the engine has to ask for punctures at the latest; nil while no port pierces.
    var nextPuncture: MonotonicTime? { self.piercing.nextDue }

    /// The next puncture that is due; nil if none is.
    mutating func takePuncture(at now: MonotonicTime) -> Puncture? {
        while let turn = self.piercing.take(at: now) {
            let port = turn.port
            guard self.phase(port) == .open, self.states[port].punctureDue == turn.due else { continue }
            guard let destination = self.states[port].takePuncture() else { continue }
            let next = now.advanced(byNanoseconds: PiercingQueue.intervalNanoseconds)
            self.states[port].punctureDue = next
            self.piercing.repeatLater(PiercingQueue.Turn(port: port, due: next))
            return Puncture(
                port: port, destination: destination, isRTP: self.states[port].plan.payload == .rtp)
        }
        return nil
    }

    /// Gives a port its first turn if it has to pierce and has none.
    mutating func considerPiercing(_ port: Int, at now: MonotonicTime) {
        guard self.states[port].mustPierce else { return self.states[port].punctureDue = nil }
        guard self.states[port].punctureDue == nil else { return }
        self.states[port].punctureDue = now
        self.piercing.begin(PiercingQueue.Turn(port: port, due: now))
    }

    /// Goes on with the turns of a port that came from another table: at once if it was late.
    mutating func continuePiercing(_ port: Int, at now: MonotonicTime) {
        guard let due = self.states[port].punctureDue else { return }
        let turn = PiercingQueue.Turn(port: port, due: due)
        if due <= now { self.piercing.begin(turn) } else { self.piercing.repeatLater(turn) }
    }
}
