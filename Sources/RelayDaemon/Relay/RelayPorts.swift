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

    /// A pool is that of an address and its ports: interfaces that share both share the pool.
    private struct PoolKey: Hashable {
        var address: IPAddress
        var range: ClosedRange<UInt16>
        var excluded: Set<UInt16>
    }

    private var pools: [PoolKey: PortPool] = [:]
    /// The daemon's own range, for interfaces without one.
    let range: ClosedRange<UInt16>
    /// The pool that each bound pair came from, by its even port.
    private var poolOfPair: [TransportAddress: PoolKey] = [:]
    private var freeIDs: [UInt32] = []
    private var nextID: UInt32 = 0
    private let maxPorts: UInt32
    private var parcels: [RelayPortID: Parcel] = [:]
    private var locals: [RelayPortID: TransportAddress] = [:]
    private var ids: [TransportAddress: RelayPortID] = [:]
    /// Open sockets of each pair, by its even port.
    private var openSockets: [TransportAddress: Int] = [:]

    /// Pools for the addresses of the interfaces; `range` is for those without ports of their own.
    init(interfaces: [InterfaceAddress], range: ClosedRange<UInt16>, maxPorts: UInt32, seed: UInt64) {
        self.range = range
        self.maxPorts = maxPorts
        var seed = seed
        for interface in interfaces {
            let key = Self.key(of: interface, range: range)
            guard self.pools[key] == nil else { continue }
            self.pools[key] = PortPool(range: key.range, excluding: key.excluded, seed: seed)
            seed &+= 0x9E37_79B9_7F4A_7C15
        }
    }

    private static func key(of interface: InterfaceAddress, range: ClosedRange<UInt16>) -> PoolKey {
        PoolKey(
            address: interface.local, range: interface.ports ?? range, excluded: interface.excludedPorts)
    }

    /// Pairs in use and free of an interface's address; nil if there is no such interface.
    func usage(of interface: InterfaceAddress) -> (used: Int, free: Int)? {
        self.pools[Self.key(of: interface, range: self.range)].map {
            ($0.totalCount - $0.freeCount, $0.freeCount)
        }
    }

    /// How many ports there can be at most.
    static func portCount(of interfaces: [InterfaceAddress], range: ClosedRange<UInt16>) -> Int {
        Set(interfaces.map { Self.key(of: $0, range: range) }).reduce(0) { $0 + $1.range.count }
    }

    /// Ports open now.
    var openCount: Int { self.locals.count }

    /// The address a port is bound to.
    func local(of id: RelayPortID) -> TransportAddress? { self.locals[id] }

    /// The port bound to an address.
    func id(at local: TransportAddress) -> RelayPortID? { self.ids[local] }

    func reserve(
        on interface: InterfaceAddress, withRTCP: Bool, trafficClass: UInt8
    ) throws(PortReservationError) -> PortPair {
        let key = Self.key(of: interface, range: self.range)
        guard let free = self.pools[key]?.freeCount else {
            throw PortReservationError(reason: "\(interface.local) is not an address of any interface")
        }
        var lastError = ""
        var attempts = 0
        for _ in 0..<max(1, free) where attempts < Self.bindAttempts {
            guard let even = self.pools[key]?.take() else {
                throw PortReservationError(
                    reason:
                        "all ports \(key.range.lowerBound)-\(key.range.upperBound) of \(interface.local) are in use"
                )
            }
            let base = TransportAddress(interface.local, port: even)
            // Another interface with the same address may have the port: ranges may overlap.
            guard self.poolOfPair[base] == nil else {
                self.pools[key]?.giveBack(even)
                lastError = "all ports of \(interface.local) are in use by interfaces that share it"
                continue
            }
            attempts += 1
            do {
                let pair = try self.bind(base, withRTCP: withRTCP, trafficClass: trafficClass)
                self.poolOfPair[base] = key
                return pair
            } catch {
                // Behind all others: somebody else's port is not tried again soon.
                self.pools[key]?.giveBack(even)
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
        if let key = self.poolOfPair.removeValue(forKey: base) { self.pools[key]?.giveBack(base.port) }
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
