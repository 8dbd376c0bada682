internal import RTPPackets
internal import RelayPlanning
internal import WireFormat

/// What a worker has of one port and takes along when the port goes to another worker.
///
/// Unchecked: the state points to the port's counters, which every worker reaches and only the owner writes; the port
/// is nobody's while it is on its way.
struct MovedPort: @unchecked Sendable {
    var state: PortState
    var quality: QualityTracker
    /// The socket, which belongs to whoever has this.
    var descriptor: Int32

    var id: RelayPortID { self.state.plan.id }
}

extension PortTable {
    /// Takes an open port out, with all that was learnt and measured; nil if it is not open.
    mutating func remove(_ port: Int, descriptor: Int32) -> MovedPort? {
        guard self.phase(port) == .open else { return nil }
        self.beginClosing(port)
        let moved = MovedPort(state: self.states[port], quality: self.trackers[port], descriptor: descriptor)
        self.finishClosing(port)
        return moved
    }

    /// Goes on with a port that another table had; returns false if its slot is in use or there is none.
    mutating func insert(_ moved: MovedPort, at now: MonotonicTime) -> Bool {
        let port = Int(moved.id.index)
        guard self.occupy(port, moved.state, moved.quality) else { return false }
        if moved.state.isChanged {
            // The other worker had not told the control side.
            self.states[port].isChanged = false
            self.noteChange(port)
        }
        self.continuePiercing(port, at: now)
        return true
    }
}
