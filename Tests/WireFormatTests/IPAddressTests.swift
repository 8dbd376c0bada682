import Testing
import WireFormat

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("fe80::1:2:3:4", "fe80::1:2:3:4"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ])
    func textIsReadAndWrittenCanonically(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", ".", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.", "01234.1.1.1", "1.2.3.x", " 1.2.3.4", ":",
        ":::",
        "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "1:2:3:4:5:6:7:8::", "::1%eth0",
        "1.2.3.4::", "[::1]", "example.net", ":1:2:3:4:5:6:7", "1:", "1:2:3:4:5:6:7:",
    ])
    func otherTextIsRefused(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("0.0.0.0", "unspecified"), ("::", "unspecified"), ("127.3.2.1", "loopback"), ("::1", "loopback"),
        ("224.0.0.1", "multicast"), ("239.1.1.1", "multicast"), ("ff02::1", "multicast"),
        ("169.254.1.1", "link-local"), ("fe80::1", "link-local"), ("febf::1", "link-local"),
        ("192.0.2.1", ""), ("2001:db8::1", ""), ("fec0::1", ""),
    ])
    func kindsOfAddressesAreTold(text: String, kind: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isUnspecified == (kind == "unspecified"))
        #expect(address.isLoopback == (kind == "loopback"))
        #expect(address.isMulticast == (kind == "multicast"))
        #expect(address.isLinkLocal == (kind == "link-local"))
    }

    @Test func transportAddressesAreReadAndWritten() throws {
        let four = try #require(TransportAddress("192.0.2.1:5004"))
        #expect(four == TransportAddress(try #require(IPAddress("192.0.2.1")), port: 5004))
        #expect(four.description == "192.0.2.1:5004")
        let six = try #require(TransportAddress("[2001:db8::1]:65535"))
        #expect(six.description == "[2001:db8::1]:65535")
        let malformed = [
            "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "2001:db8::1:5004", "[192.0.2.1]:1", ":5",
            "1.2.3.4:+5",
        ]
        for bad in malformed {
            #expect(TransportAddress(bad) == nil, "\(bad)")
        }
    }

    @Test func octetsAreInNetworkOrder() throws {
        #expect(try #require(IPAddress("1.2.3.4")).octets == [1, 2, 3, 4])
        let six = try #require(IPAddress("102:304:506:708:90a:b0c:d0e:f10"))
        #expect(six.octets == Array(1...16))
    }
}
