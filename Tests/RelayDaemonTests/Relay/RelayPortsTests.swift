import CallControl
import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct RelayPortsTests {
    private static func interface(
        _ range: ClosedRange<UInt16>?, excluding excluded: Set<UInt16> = []
    ) throws -> InterfaceAddress {
        var interface = InterfaceAddress(local: try #require(IPAddress("127.0.0.1")))
        interface.ports = range
        interface.excludedPorts = excluded
        return interface
    }

    @Test func eachInterfaceHasItsOwnRangeOnTheSameAddress() throws {
        let first = try Self.interface(46000...46009, excluding: [46004])
        let second = try Self.interface(46010...46013)
        let rest = try Self.interface(nil)
        let ports = RelayPorts(
            interfaces: [first, second, rest], range: 46020...46021, maxPorts: 100, seed: 1)
        #expect(RelayPorts.portCount(of: [first, second, rest], range: 46020...46021) == 16)
        var pairs: [PortPair] = []
        let expected: [(InterfaceAddress, Set<UInt16>)] = [
            (first, [46000, 46002, 46006, 46008]), (second, [46010, 46012]), (rest, [46020]),
        ]
        for (interface, numbers) in expected {
            var taken: Set<UInt16> = []
            for _ in numbers {
                let pair = try ports.reserve(on: interface, withRTCP: true, trafficClass: 0)
                taken.insert(pair.rtp.local.port)
                pairs.append(pair)
            }
            #expect(taken == numbers)
            #expect(ports.usage(of: interface)?.free == 0)
            #expect(throws: PortReservationError.self) {
                try ports.reserve(on: interface, withRTCP: true, trafficClass: 0)
            }
        }
        for pair in pairs { ports.release(pair) }
        #expect(ports.openCount == 0)
        for interface in [first, second, rest] { #expect(ports.usage(of: interface)?.used == 0) }
    }

    @Test func overlappingRangesOfOneAddressShareWhatIsThere() throws {
        let narrow = try Self.interface(46100...46103)
        let wide = try Self.interface(46100...46107)
        let ports = RelayPorts(interfaces: [narrow, wide], range: 46100...46107, maxPorts: 100, seed: 3)
        var pairs: [PortPair] = []
        for _ in 0..<2 { pairs.append(try ports.reserve(on: narrow, withRTCP: true, trafficClass: 0)) }
        for _ in 0..<2 { pairs.append(try ports.reserve(on: wide, withRTCP: true, trafficClass: 0)) }
        #expect(Set(pairs.map(\.rtp.local.port)) == [46100, 46102, 46104, 46106])
        #expect(throws: PortReservationError.self) {
            try ports.reserve(on: wide, withRTCP: true, trafficClass: 0)
        }
        for pair in pairs.prefix(2) { ports.release(pair) }
        pairs.removeFirst(2)
        #expect(ports.usage(of: narrow)?.free == 2)
        pairs.append(try ports.reserve(on: wide, withRTCP: true, trafficClass: 0))
        for pair in pairs { ports.release(pair) }
        #expect(ports.openCount == 0)
    }
}
