internal import RelayPlanning
internal import WireFormat

/// Copies for subscribers: a list of ports, linked in their plans, is walked while the datagram is sent.
extension PortTable {
    /// Adds to the fate of a datagram that was accepted on `port` the copies that leave besides.
    ///
    /// What has no way of its own, but a copy of which can leave, is not dropped.
    func withCopies(_ decision: PacketDecision, bytes: Int, of port: Int, isRTCP: Bool) -> PacketDecision {
        var routes = RouteList(
            nextCopy: self.states[port].plan.firstCopy, arrival: port, isRTCP: isRTCP)
        switch decision {
        case .forward(let sink, let destination), .forwardPrefix(_, let sink, let destination):
            routes.first = Route(sink: sink, destination: destination, isCopy: false)
        case .drop:
            routes.first = self.next(of: &routes)
            guard routes.first != nil else { return decision }
        case .forwardByMany:
            return decision
        }
        return .forwardByMany(bytes: bytes, routes)
    }

    /// The next way by which a datagram leaves; nil after the last one.
    func next(of routes: inout RouteList) -> Route? {
        if let first = routes.first {
            routes.first = nil
            return first
        }
        while routes.remaining > 0, let id = routes.nextCopy {
            let port = Int(id.index)
            guard self.phase(port) != .closed else { break }
            routes.remaining -= 1
            let state = self.states + port
            routes.nextCopy = state.pointee.plan.nextCopy
            // Nobody is sent what came from himself.
            guard port != routes.arrival else { continue }
            let sink = routes.isRTCP ? state.pointee.plan.rtcpPort ?? id : id
            guard case .forward(let sink, let destination) = self.route(to: sink) else { continue }
            return Route(sink: sink, destination: destination, isCopy: true)
        }
        routes.nextCopy = nil
        return nil
    }
}
