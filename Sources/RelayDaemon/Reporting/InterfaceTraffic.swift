import RelayPlanning
import UserspaceForwarding
import WireFormat

/// What passed each of our addresses.
///
/// Nothing counts by address on the way of a packet, so the counters of open ports are looked at in turns, some every
/// second, and those of a port that closes for the last time then.
struct InterfaceTraffic: Sendable {
    /// What passed one address.
    struct Totals: Sendable, Equatable {
        var received = TrafficCounters()
        var sent = TrafficCounters()
        /// Received, but not forwarded.
        var receiveErrors: UInt64 = 0
        var sendErrors: UInt64 = 0
    }

    /// Ports that are looked at in a second: a millisecond's work.
    static let portsPerTurn = 2048

    private(set) var byAddress: [IPAddress: Totals] = [:]
    private var last: [RelayPortID: Totals] = [:]
    private var turn: [RelayPortID] = []

    /// The ports whose turn it is; `all` are asked for when every port has had its turn.
    mutating func nextPorts(of all: () -> [RelayPortID]) -> [RelayPortID] {
        if self.turn.isEmpty { self.turn = all() }
        let ports = self.turn.suffix(Self.portsPerTurn)
        self.turn.removeLast(ports.count)
        return Array(ports)
    }

    /// Takes the counters of a port since it was opened.
    mutating func observe(_ port: RelayPortID, at address: IPAddress, _ now: Totals) {
        let before = self.last.updateValue(now, forKey: port) ?? Totals()
        var sum = self.byAddress[address] ?? Totals()
        sum.received += Self.growth(before.received, now.received)
        sum.sent += Self.growth(before.sent, now.sent)
        sum.receiveErrors &+= Self.growth(before.receiveErrors, now.receiveErrors)
        sum.sendErrors &+= Self.growth(before.sendErrors, now.sendErrors)
        self.byAddress[address] = sum
    }

    /// Forgets a closed port; what it counted stays.
    mutating func forget(_ port: RelayPortID) { self.last[port] = nil }

    private static func growth(_ before: TrafficCounters, _ now: TrafficCounters) -> TrafficCounters {
        TrafficCounters(
            packets: self.growth(before.packets, now.packets), bytes: self.growth(before.bytes, now.bytes))
    }

    private static func growth(_ before: UInt64, _ now: UInt64) -> UInt64 { now > before ? now - before : 0 }
}
