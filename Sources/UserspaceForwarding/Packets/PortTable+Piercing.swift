internal import NATRules
internal import RelayPlanning
internal import WireFormat

/// Datagrams that open the NAT between us and a party that was not heard yet (`pierce NAT`).
///
/// Such ports are few, and each has its turn after the same time: so they stand in a queue whose head is due first.
struct PiercingQueue {
    /// A port's turn. It counts only while the port's state names the same time: turns of ports that were heard, closed
    /// or begun anew meanwhile stay in the queue until they are due.
    struct Turn {
        var port: Int
        var due: MonotonicTime
    }

    /// The time between two datagrams of one port: rtpengine's timer has the same pace.
    static let intervalNanoseconds: UInt64 = 1_000_000_000
    /// How many a port sends at most for each time that learning begins; rtpengine goes on as long as the call lasts.
    static let maximumTries: UInt8 = 60
    /// Turns taken before datagrams that arrived are looked at again.
    static let turnsAtATime = 64

    private var turns: [Turn] = []
    private var head = 0

    /// When the first turn is due; nil without any.
    var nextDue: MonotonicTime? { self.head < self.turns.count ? self.turns[self.head].due : nil }

    mutating func append(_ turn: Turn) { self.turns.append(turn) }

    /// Takes the first turn if it is due.
    mutating func take(at now: MonotonicTime) -> Turn? {
        guard let due = self.nextDue, due <= now else { return nil }
        let turn = self.turns[self.head]
        self.head += 1
        if self.head == self.turns.count {
            self.turns.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head >= 1024, self.head * 2 >= self.turns.count {
            self.turns.removeFirst(self.head)
            self.head = 0
        }
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

    /// The next puncture that is due; nil if none is, or if many were and it is the packets' turn.
    mutating func takePuncture(at now: MonotonicTime) -> Puncture? {
        for _ in 0..<PiercingQueue.turnsAtATime {
            guard let turn = self.piercing.take(at: now) else { return nil }
            guard self.phase(turn.port) == .open, self.states[turn.port].punctureDue == turn.due else { continue }
            guard let destination = self.states[turn.port].takePuncture() else { continue }
            self.schedulePuncture(turn.port, at: now.advanced(byNanoseconds: PiercingQueue.intervalNanoseconds))
            return Puncture(
                port: turn.port, destination: destination,
                isRTP: self.states[turn.port].plan.payload == .rtp)
        }
        return nil
    }

    /// Gives a port its first turn if it has to pierce and has none.
    mutating func considerPiercing(_ port: Int, at now: MonotonicTime) {
        guard self.states[port].mustPierce else { return self.states[port].punctureDue = nil }
        if self.states[port].punctureDue == nil { self.schedulePuncture(port, at: now) }
    }

    private mutating func schedulePuncture(_ port: Int, at due: MonotonicTime) {
        self.states[port].punctureDue = due
        self.piercing.append(PiercingQueue.Turn(port: port, due: due))
    }
}
