import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct AddressSpecificationTests {
    @Test(arguments: [
        ("192.0.2.1", "default", HostSpecification.address(IPAddress(ipv4: 0xC000_0201)), nil),
        ("pub/192.0.2.1!203.0.113.1", "pub", .address(IPAddress(ipv4: 0xC000_0201)), "203.0.113.1"),
        (
            "pub:2/[2001:db8::1]!2001:db8::2", "pub:2",
            .address(IPAddress(ipv6High: 0x2001_0db8_0000_0000, low: 1)),
            "2001:db8::2"
        ),
        ("eth0", "default", .name("eth0"), nil), (" a / any ", "a", .any, nil),
        ("x/media.example.org!192.0.2.9", "x", .name("media.example.org"), "192.0.2.9"),
    ])
    func anInterfaceIsReadInEveryForm(
        text: String, name: String, source: HostSpecification, advertised: String?
    ) throws {
        let expected = LocalAddressSpecification(
            name: name, source: source, advertised: advertised.flatMap { IPAddress($0) })
        #expect(try InterfaceSpecification(text) == .addresses(expected))
    }

    @Test func anAliasIsRead() throws {
        #expect(try InterfaceSpecification("outside=pub:1") == .alias("outside", of: "pub:1"))
    }

    @Test(arguments: [
        "", "/192.0.2.1", "a/", "a/!192.0.2.1", "a/192.0.2.1!", "a/192.0.2.1!any", "=b", "a=", "a=b=c",
        "a b/192.0.2.1", "a/192.0.2.1!0.0.0.0", "a/192.0.2.1!224.0.0.1",
    ])
    func aBrokenInterfaceIsRefused(text: String) {
        #expect(throws: InterfaceSyntaxError.self) { try InterfaceSpecification(text) }
    }

    @Test(arguments: [
        ("2223", HostSpecification.any, 2223), ("any:1", .any, 1),
        ("127.0.0.1:65535", .address(IPAddress(ipv4: 0x7F00_0001)), 65535),
        ("[::]:22222", .address(IPAddress(ipv6High: 0, low: 0)), 22222),
        ("localhost:5", .name("localhost"), 5),
    ])
    func aListenerIsReadInEveryForm(text: String, host: HostSpecification, port: UInt16) {
        #expect(ListenSpecification(text) == ListenSpecification(host: host, port: port))
    }

    @Test(arguments: [
        "", "0", "65536", ":2223", "::1:2223", "::1", "127.0.0.1", "127.0.0.1:", "[::1]", "[x]:1",
        "[127.0.0.1:5", "host:+5", "-1",
    ])
    func aBrokenListenerIsRefused(text: String) {
        #expect(ListenSpecification(text) == nil)
    }
}
