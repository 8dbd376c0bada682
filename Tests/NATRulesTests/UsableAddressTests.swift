import NATRules
import Testing
import WireFormat

@Suite struct UsableAddressTests {
    @Test(arguments: [
        ("192.0.2.1:5004", true), ("10.0.0.1:1", true), ("127.0.0.1:65535", true), ("[::1]:5004", true),
        ("169.254.1.1:5004", true), ("[fe80::1]:5004", true), ("[2001:db8::1]:5004", true),
        ("[::ffff:192.0.2.1]:5004", true), ("[::2]:5004", true), ("[::e000:1]:5004", true),
        ("192.0.2.1:0", false), ("0.0.0.0:5004", false), ("0.0.0.0:0", false), ("[::]:5004", false),
        ("[2001:db8::1]:0", false), ("224.0.0.1:5004", false), ("239.255.255.255:5004", false),
        ("[ff02::1]:5004", false), ("255.255.255.255:5004", false), ("[::ffff:0.0.0.0]:5004", false),
        ("[::ffff:224.0.0.1]:5004", false), ("[::ffff:255.255.255.255]:5004", false),
    ])
    func onlyAConcreteUnicastAddressWithAPortCanReceiveMedia(text: String, isUsable: Bool) throws {
        #expect(try #require(TransportAddress(text)).isUsableForMedia == isUsable)
    }
}
