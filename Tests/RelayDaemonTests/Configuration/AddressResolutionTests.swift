import CallControl
import Testing
import WireFormat

@testable import RelayDaemon

private let host = HostAddresses(
    local: [
        ("lo", "127.0.0.1"), ("lo", "::1"), ("eth0", "192.0.2.1"), ("eth0", "fe80::1"),
        ("eth0", "2001:db8::1"),
        ("eth1", "10.0.0.1"), ("eth2", "fe80::2"),
    ].compactMap { name, text in
        IPAddress(text).map { HostInterfaceAddress(interface: name, address: $0) }
    },
    lookUp: { name in name == "media.example.org" ? [IPAddress(ipv4: 0xC000_0209)] : [] })

private func resolved(_ arguments: String...) throws -> (ResolvedInterfaces, [ConfigurationNote]) {
    let configuration = try loader().load(arguments: arguments).configuration
    let (interfaces, notes) = try configuration.resolveInterfaces(host)
    return (interfaces, notes)
}

private func texts(_ interface: LogicalInterface) -> [String] { interface.addresses.map { "\($0.local)" } }

@Suite struct AddressResolutionTests {
    @Test func withoutAnInterfaceTheFirstAddressOfEachFamilyIsUsed() throws {
        let (interfaces, notes) = try resolved()
        #expect(interfaces.interfaces.map(\.name) == ["default"])
        #expect(interfaces.interfaces.flatMap(texts) == ["192.0.2.1", "2001:db8::1"])
        #expect(notes == [.notice("no interface given: media on 192.0.2.1 and 2001:db8::1")])
    }

    @Test func aHostWithLoopbackOnlyStartsOnLoopbackAndSaysSo() throws {
        let lonely = HostAddresses(local: Array(host.local.prefix(2)), lookUp: { _ in [] })
        let (interfaces, notes) = try DaemonConfiguration().resolveInterfaces(lonely)
        #expect(interfaces.interfaces.flatMap(texts) == ["127.0.0.1"])
        #expect(notes == [.warning("no interface given and none found: media only on 127.0.0.1")])
    }

    @Test func addressesOfOneNameMakeOneInterfaceInTheOrderGiven() throws {
        let (interfaces, notes) = try resolved(
            "-i", "pub/192.0.2.1!203.0.113.1", "-i", "priv/10.0.0.1", "-i", "pub/2001:db8::1", "-i", "out=pub"
        )
        #expect(interfaces.interfaces.map(\.name) == ["pub", "priv"])
        #expect(interfaces.interfaces.first.map(texts) == ["192.0.2.1", "2001:db8::1"])
        #expect(
            interfaces.interfaces.first?.addresses.map(\.advertised.description) == [
                "203.0.113.1", "2001:db8::1",
            ])
        #expect(interfaces.aliases == ["out": "pub"])
        #expect(notes == [])
    }

    @Test func oneLocalAddressMayServeTwoInterfaces() throws {
        let (interfaces, _) = try resolved("-i", "pub/10.0.0.1!203.0.113.1", "-i", "priv/10.0.0.1")
        #expect(interfaces.interfaces.map(texts) == [["10.0.0.1"], ["10.0.0.1"]])
    }

    @Test(arguments: [
        ("a/eth0", ["192.0.2.1", "2001:db8::1"]), ("a/lo", ["127.0.0.1", "::1"]),
        ("a/any", ["192.0.2.1", "2001:db8::1", "10.0.0.1"]), ("a/media.example.org", ["192.0.2.9"]),
        ("a/eth0!203.0.113.1", ["192.0.2.1"]), ("a/eth0!2001:db8::99", ["2001:db8::1"]),
    ])
    func namesAreLookedUp(text: String, expected: [String]) throws {
        #expect(try resolved("-i", text).0.interfaces.flatMap(texts) == expected)
    }

    @Test func interfacesWithASuffixFormAGroup() throws {
        let (interfaces, _) = try resolved("-i", "pub:1/192.0.2.1", "-i", "pub:2/10.0.0.1", "-i", "x=pub")
        #expect(interfaces.interfaces.map(\.group) == ["pub", "pub"])
        #expect(interfaces.interfaces.map(\.name) == ["pub:1", "pub:2"])
    }

    @Test(arguments: [
        "a/eth2", "a/eth9", "a/0.0.0.0", "a/::", "a/fe80::1", "a/224.0.0.1", "a/eth1!2001:db8::1",
    ])
    func whatCannotCarryMediaIsRefused(text: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try resolved("-i", text) }
        #expect(error.description.contains("interface a"))
    }

    @Test func anAddressThatIsNotOursIsWarnedOf() throws {
        let (interfaces, notes) = try resolved("-i", "192.0.2.77", "-i", "10.0.0.1", "-i", "10.0.0.1")
        #expect(interfaces.interfaces.flatMap(texts) == ["192.0.2.77", "10.0.0.1"])
        #expect(notes.count == 2)
    }

    @Test func aBarePortListensOnBothFamilies() throws {
        let configuration = try configuration("-n", "2223", "-n", "media.example.org:5", "-n", "[::1]:6")
        #expect(
            try configuration.resolveListeners(host).ng.map { $0.addresses.map(\.description) } == [
                ["0.0.0.0:2223", "[::]:2223"], ["192.0.2.9:5"], ["[::1]:6"],
            ])
        #expect(throws: ConfigurationError.self) {
            try RelayDaemonTests.configuration("-n", "nowhere:5").resolveListeners(host)
        }
    }

    @Test func thisHostHasALoopbackAddress() throws {
        let here = try HostAddresses.system()
        #expect(here.local.contains { $0.interface == "lo" && $0.address == IPAddress(ipv4: 0x7F00_0001) })
        #expect(here.lookUp("localhost").contains { $0.isLoopback })
        #expect(here.lookUp("does-not-exist.invalid") == [])
    }
}
