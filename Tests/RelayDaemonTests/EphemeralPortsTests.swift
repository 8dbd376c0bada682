import Testing

@testable import RelayDaemon

@Suite struct EphemeralPortsTests {
    @Test(arguments: [
        ("32768\t60999\n", "\n", "30000-40000"), ("32768 60999", "8080", "8080,30000-40000"),
        ("32768 60999", "32768-39999", "32768-39999,30000-40000"),
    ])
    func sharedPortsAreNamedWithTheCommandThatReservesThem(
        ephemeral: String, reserved: String, wanted: String
    ) throws {
        let warning = try #require(
            EphemeralPorts.warning(media: 30000...40000, ephemeral: ephemeral, reserved: reserved))
        #expect(warning.hasPrefix("ports 32768-40000 are also given"))
        #expect(warning.hasSuffix("sysctl -w net.ipv4.ip_local_reserved_ports=\(wanted)"))
    }

    @Test(arguments: [
        ("32768 60999", "30000-40000"), ("32768 60999", "32768-40000"),
        ("32768 60999", "1,32768-35000,35001-40000"),
        ("10000 20000", ""), ("nonsense", ""), ("", "x-y,,9-3"),
    ])
    func nothingIsSaidWhereNothingCollides(ephemeral: String, reserved: String) {
        #expect(EphemeralPorts.warning(media: 30000...40000, ephemeral: ephemeral, reserved: reserved) == nil)
    }
}
