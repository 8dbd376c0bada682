import CallControl
import RelayPlanning
import WireFormat

/// Ports from a counter that starts anew with what was given back.
final class CountedPorts: PortReserving {
    /// Higher than every port in the SDPs of the recordings.
    static let first: UInt16 = 30000
    /// The ports that are open.
    private(set) var open: [RelayPortID: TransportAddress] = [:]
    private var nextID: UInt32 = 0

    func reserve(
        on interface: InterfaceAddress, withRTCP: Bool, trafficClass: UInt8
    ) throws(PortReservationError) -> PortPair {
        let address = interface.local
        let taken = Set(self.open.values.filter { $0.address == address }.map(\.port))
        let even = stride(from: Self.first, to: .max - 1, by: 2).first {
            !taken.contains($0) && !taken.contains($0 + 1)
        }
        guard let even else { throw PortReservationError(reason: "all ports of the test are taken") }
        return PortPair(
            rtp: self.bind(address, even), rtcp: withRTCP ? self.bind(address, even + 1) : nil)
    }

    func release(_ pair: PortPair) { for port in pair.ports { self.close(port.id) } }

    func close(_ id: RelayPortID) { self.open[id] = nil }

    private func bind(_ address: IPAddress, _ port: UInt16) -> ReservedPort {
        let id = RelayPortID(self.nextID)
        self.nextID += 1
        let local = TransportAddress(address, port: port)
        self.open[id] = local
        return ReservedPort(id: id, local: local)
    }
}
