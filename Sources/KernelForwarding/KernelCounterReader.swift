import CNetfilter
public import RelayPlanning
import Synchronization
public import WireFormat

/// What the kernel counts about one installed direction.
public struct KernelFlowReading: Sendable, Hashable {
    /// The sender.
    public let source: TransportAddress
    /// Our port that it sends to.
    public let local: TransportAddress
    /// Packets and UDP payload octets so far.
    public let counters: TrafficCounters
}

/// Reads the counters of all installed directions, for media timeouts and statistics.
///
/// It has a socket of its own and may be used from any thread, beside the ``KernelForwarder``.
public final class KernelCounterReader: Sendable {
    /// A dump that was disturbed by a change may have left elements out; it is repeated this often at most.
    static let dumpAttempts = 3

    private struct State: ~Copyable {
        let connection: NetlinkConnection
        var messages: NetlinkMessages
    }

    private let table: String
    private let state: Mutex<State>

    /// Opens the reader's socket for a table of this name.
    public init(table: String = KernelForwarder.defaultTable) throws(NetlinkError) {
        self.table = table
        let connection = try NetlinkConnection()
        self.state = Mutex(
            State(connection: connection, messages: NetlinkMessages(capacity: KernelForwarder.bufferOctets)))
    }

    /// The counters of these flows at this moment, in order; nil for a flow whose element is not there.
    ///
    /// Each element costs the same however many there are, so beyond some 60,000 elements this is cheaper than
    /// ``allCounters()``.
    public func counters(of flows: [KernelFlow]) throws(NetlinkError) -> [TrafficCounters?] {
        try self.state.withLock { state throws(NetlinkError) in
            try ElementReader.counters(
                of: flows, in: self.table, through: state.connection, using: &state.messages)
        }
    }

    /// The counters of every element at about this moment; empty when the table is not there.
    ///
    /// Elements that come and go during the reading may be missing, others never are. The kernel answers in pieces and
    /// looks for its place anew for each, so the cost grows faster than the number of elements.
    public func allCounters() throws(NetlinkError) -> [KernelFlowReading] {
        var readings: [FlowEnds: TrafficCounters] = [:]
        for map in [StreamMap.streams4, .streams6] {
            for _ in 0..<Self.dumpAttempts where try self.dump(map, into: &readings) { break }
        }
        return readings.map { KernelFlowReading(source: $0.remote, local: $0.local, counters: $1) }
    }

    /// True if the dump was complete.
    private func dump(
        _ map: StreamMap, into readings: inout [FlowEnds: TrafficCounters]
    ) throws(NetlinkError) -> Bool {
        do {
            return try self.state.withLock { state throws(NetlinkError) in
                state.messages.removeAll()
                state.messages.append { crosspoint_put_element_dump($0, self.table, map.name) }
                let attempted = "read the counters of the map \(map.name)"
                return try !state.connection.dump(state.messages, attempting: attempted) { message in
                    guard message.kind == CROSSPOINT_KIND_ELEMENTS else { return }
                    // A repeated reading of the same element replaces the older one.
                    ElementReader.forEach(in: message) { readings[$0] = $1.counters }
                }
            }
        } catch {
            guard error.kind == .missing else { throw error }
            return true
        }
    }
}
