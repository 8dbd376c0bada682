import CallControl
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// The relay's ports: which are free, which are bound, and the sockets of those no worker has yet.
///
/// Confined to the control thread. A port number returns to its pool only when the worker has really closed its
/// sockets, so a bind can only fail because another program has the port.
final class RelayPorts: PortReserving {
    /// A bound socket on its way from the reservation to the worker.
    private final class Parcel {
        private var socket: RelaySocket?

        init(_ socket: consuming RelaySocket) { self.socket = consume socket }

        func take() -> RelaySocket? { self.socket.take() }
    }

    /// How many pairs are tried before an offer is refused, when other programs sit in our range.
    static let bindAttempts = 64

    private var pools: [IPAddress: PortPool] = [:]
    let range: ClosedRange<UInt16>
    private var freeIDs: [UInt32] = []
    private var nextID: UInt32 = 0
    private let maxPorts: UInt32
    private var parcels: [RelayPortID: Parcel] = [:]
    private var locals: [RelayPortID: TransportAddress] = [:]
    private var ids: [TransportAddress: RelayPortID] = [:]
    /// Open sockets of each pair, by its even port.
    private var openSockets: [TransportAddress: Int] = [:]
    private var seed: UInt64

    /// Pools for each address over the same range.
    init(addresses: Set<IPAddress>, range: ClosedRange<UInt16>, maxPorts: UInt32, seed: UInt64) {
        self.range = range
        self.maxPorts = maxPorts
        self.seed = seed
        for address in addresses {
            self.pools[address] = PortPool(range: range, seed: seed)
            self.seed &+= 0x9E37_79B9_7F4A_7C15
        }
    }

    /// Pairs in use and free of an address.
    func usage(of address: IPAddress) -> (used: Int, free: Int)? {
        self.pools[address].map { ($0.totalCount - $0.freeCount, $0.freeCount) }
    }

    /// Ports open now.
    var openCount: Int { self.locals.count }

    /// The address a port is bound to.
    func local(of id: RelayPortID) -> TransportAddress? { self.locals[id] }

    /// The port bound to an address.
    func id(at local: TransportAddress) -> RelayPortID? { self.ids[local] }

    func reserve(
        on address: IPAddress, withRTCP: Bool, trafficClass: UInt8
    ) throws(PortReservationError) -> PortPair {
        guard self.pools[address] != nil else {
            throw PortReservationError(reason: "\(address) is not an address of any interface")
        }
        var lastError = ""
        for _ in 0..<Self.bindAttempts {
            guard let even = self.pools[address]?.take() else {
                throw PortReservationError(
                    reason:
                        "all ports \(self.range.lowerBound)-\(self.range.upperBound) of \(address) are in use"
                )
            }
            let base = TransportAddress(address, port: even)
            do {
                return try self.bind(base, withRTCP: withRTCP, trafficClass: trafficClass)
            } catch {
                // Behind all others: somebody else's port is not tried again soon.
                self.pools[address]?.giveBack(even)
                lastError = error.reason
                guard error.isWorthAnotherPort else { break }
            }
        }
        throw PortReservationError(reason: lastError)
    }

    func release(_ pair: PortPair) {
        for port in pair.ports {
            _ = self.parcels.removeValue(forKey: port.id)?.take()
            self.closed(port.id)
        }
    }

    /// The socket of a port that no worker has yet.
    func takeSocket(of id: RelayPortID) -> RelaySocket? { self.parcels.removeValue(forKey: id)?.take() }

    /// Notes that a port's socket is closed; its number may be used again.
    func closed(_ id: RelayPortID) {
        guard let local = self.locals.removeValue(forKey: id) else { return }
        self.ids[local] = nil
        self.freeIDs.append(id.index)
        let base = TransportAddress(local.address, port: local.port & ~1)
        let remaining = (self.openSockets[base] ?? 1) - 1
        guard remaining <= 0 else {
            self.openSockets[base] = remaining
            return
        }
        self.openSockets[base] = nil
        self.pools[local.address]?.giveBack(base.port)
    }

    // MARK: - Binding

    private struct BindFailure: Error {
        var reason: String
        var isWorthAnotherPort: Bool
    }

    private func bind(
        _ base: TransportAddress, withRTCP: Bool, trafficClass: UInt8
    ) throws(BindFailure) -> PortPair {
        guard self.locals.count + 2 <= Int(self.maxPorts) else {
            throw BindFailure(
                reason: "\(self.locals.count) relay ports are open, the most this daemon was started for",
                isWorthAnotherPort: false)
        }
        do {
            let rtp = try RelaySocket.open(local: base, trafficClass: trafficClass)
            guard withRTCP else {
                self.openSockets[base] = 1
                return PortPair(rtp: self.store(rtp, at: base), rtcp: nil)
            }
            let next = TransportAddress(base.address, port: base.port + 1)
            let rtcp = try RelaySocket.open(local: next, trafficClass: trafficClass)
            self.openSockets[base] = 2
            return PortPair(rtp: self.store(rtp, at: base), rtcp: self.store(rtcp, at: next))
        } catch {
            throw BindFailure(reason: error.description, isWorthAnotherPort: error.isAddressInUse)
        }
    }

    private func store(_ socket: consuming RelaySocket, at local: TransportAddress) -> ReservedPort {
        let id: RelayPortID
        if let free = self.freeIDs.popLast() {
            id = RelayPortID(free)
        } else {
            id = RelayPortID(self.nextID)
            self.nextID += 1
        }
        self.parcels[id] = Parcel(socket)
        self.locals[id] = local
        self.ids[local] = id
        return ReservedPort(id: id, local: local)
    }
}
