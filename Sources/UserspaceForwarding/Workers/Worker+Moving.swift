internal import CLinux
internal import RelayPlanning
internal import WireFormat

/// Ports that were told to go to another worker.
struct Departure {
    let ports: [Int]
    /// The other worker's.
    let mailbox: Mailbox
    var hasBegun = false
}

/// Ports go from one worker to another with their sockets open: what arrives in between waits in the sockets.
extension Worker where Engine: ~Copyable {
    /// Goes on with departures; between rounds, when nothing that was taken from a socket waits to be relayed.
    ///
    /// Ports that depart together leave together, so that what is still in flight finds its sink.
    mutating func depart() {
        var unfinished: [Departure] = []
        for var departure in self.departures {
            self.begin(&departure)
            if departure.ports.contains(where: self.core.departing.contains) {
                unfinished.append(departure)
            } else {
                self.finish(departure)
            }
        }
        self.departures = unfinished
    }

    private mutating func begin(_ departure: inout Departure) {
        guard !departure.hasBegun else { return }
        departure.hasBegun = true
        for port in departure.ports where self.core.ports.phase(port) == .open {
            if !self.engine.beginClosing(port) { self.core.departing.insert(port) }
        }
    }

    private mutating func finish(_ departure: Departure) {
        var moved: [MovedPort] = []
        for port in departure.ports where self.core.ports.phase(port) == .open {
            self.engine.release(port)
            guard let one = self.core.remove(port) else { continue }
            moved.append(one)
        }
        let ids = departure.ports.map { RelayPortID(UInt32($0)) }
        guard !departure.mailbox.post([.arrive(ids, moved)]) else { return }
        for port in moved { crosspoint_close(port.descriptor) }
    }

    /// Goes on with what another worker sent, and then with what was said of it.
    mutating func arrive(_ ids: [RelayPortID], _ ports: [MovedPort]) {
        for port in ports { self.arrive(port) }
        for command in self.arrivals.end(ids) { self.perform(command) }
    }

    private mutating func arrive(_ moved: MovedPort) {
        let port = Int(moved.id.index)
        guard !self.core.isStopping, self.core.ports.insert(moved, at: self.core.now) else {
            crosspoint_close(moved.descriptor)
            return
        }
        self.open(port, descriptor: moved.descriptor)
    }
}
