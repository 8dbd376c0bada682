import CallControl
import Testing
import WireFormat

/// Limits that keep new calls away, and only those.
@Suite struct LoadLimitTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    private static func limits(_ set: (inout LoadLimits) -> Void) -> LoadLimits {
        var limits = LoadLimits()
        set(&limits)
        return limits
    }

    @Test(arguments: [
        (limits { $0.loadAverage = 5 }, "Load limit exceeded"),
        (limits { $0.cpuPercent = 90 }, "CPU usage limit exceeded"),
        (limits { $0.bytesPerSecond = 1000 }, "Bandwidth limit exceeded"),
    ])
    func aBusyHostTakesNoNewCalls(limits: LoadLimits, reason: String) throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        self.calls.table.settings.loadLimits = limits
        self.calls.table.load.loadAverage = 5
        self.calls.table.load.cpuPercent = 90
        self.calls.table.load.bytesPerSecond = 1000
        let error = #expect(throws: CallError.self) {
            try self.calls.offer(call: "c2", sdp: audio("198.51.100.1", 4000))
        }
        #expect(error?.reason == reason)
        #expect(error?.isLoadLimit == true)
        #expect(self.calls.table.totals.rejected == 1)
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        self.calls.table.load = LoadSample()
        _ = try self.calls.offer(call: "c3", sdp: audio("198.51.100.1", 4000))
    }

    @Test func belowTheLimitAndWithoutOneEveryCallIsWelcome() {
        var sample = LoadSample()
        sample.loadAverage = 4.99
        #expect(Self.limits { $0.loadAverage = 5 }.refusal(of: sample) == nil)
        sample.loadAverage = 500
        #expect(LoadLimits().refusal(of: sample) == nil)
        #expect(LoadLimits().isEmpty)
    }

    @Test func aDrainingRelayLetsCallsGoOnButTakesNone() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        self.calls.table.isDraining = true
        let error = #expect(throws: CallError.self) {
            try self.calls.offer(call: "c2", sdp: audio("198.51.100.1", 4000))
        }
        #expect(error?.reason == "Parallel session limit reached")
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        self.calls.table.isDraining = false
        _ = try self.calls.offer(call: "c2", sdp: audio("198.51.100.1", 4000))
    }

    @Test func interfacesWithOneAddressAreToldApartByTheirPorts() throws {
        var interface = InterfaceAddress(local: try CallHarness.ip("203.0.113.1"))
        let port = TransportAddress(interface.local, port: 30000)
        #expect(interface.holds(port))
        interface.ports = 20000...29999
        #expect(!interface.holds(port))
        #expect(!interface.holds(TransportAddress(try CallHarness.ip("203.0.113.2"), port: 20000)))
    }

    @Test func excludedPortsTakeTheirPairsWithThem() {
        var pool = PortPool(range: 30000...30009, excluding: [30002, 30005, 40000], seed: 1)
        var taken: Set<UInt16> = []
        while let port = pool.take() { taken.insert(port) }
        #expect(taken == [30000, 30006, 30008])
    }
}
