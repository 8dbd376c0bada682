import CallControl
import ControlVocabulary
import Testing

@testable import RelayDaemon

@Suite struct DrainingTests {
    private func ask(_ relay: RelayHarness, _ command: ControlRequestCommand) throws -> ControlReply {
        let line = try ControlCodec.encode(ControlRequest(command: command))
        return try ControlCodec.decodeReply(try relay.control(line))
    }

    @Test func aDrainingRelayRefusesNewCallsUntilItIsUndrained() throws {
        let relay = try RelayHarness(ports: 46500...46599)
        try relay.offer("old", port: 42000)
        #expect(try self.ask(relay, .drain).result == .ok)
        let refused = try relay.offer("new", port: 42100)
        #expect(refused["error-reason"] as? String == "Parallel session limit reached")
        let limited = try relay.request([
            "command": "offer", "call-id": "new", "from-tag": "a", "sdp": RelayHarness.audio(port: 42100),
            "supports": ["load limit"],
        ])
        #expect(limited["result"] as? String == "load limit")
        #expect(limited["message"] as? String == "Parallel session limit reached")
        #expect(try relay.answer("old", port: 42010)["result"] as? String == "ok")
        let status = try relay.on { relay in relay.statusLine }
        #expect(status == "draining, 1 calls, 0 flows in the kernel")
        #expect(try self.ask(relay, .stats).stats?.lines.contains { $0 == ("calls.draining", "yes") } == true)
        #expect(try self.ask(relay, .undrain).result == .ok)
        #expect(try relay.offer("new", port: 42100)["result"] as? String == "ok")
    }

    @Test func theLoadIsMeasuredOnlyWhileALimitAsksForIt() throws {
        let relay = try RelayHarness(ports: 46600...46699)
        #expect(try relay.on { $0.calls.load } == LoadSample())
        try relay.on { relay in
            var limits = LoadLimits()
            limits.loadAverage = 0.000001
            limits.bytesPerSecond = 1 << 40
            relay.setLoadLimits(limits)
        }
        #expect(try relay.on { $0.calls.load.loadAverage } != nil)
        #expect(try relay.on { $0.kernel.readsOften })
        try relay.on { relay in relay.calls.load.loadAverage = 3 }
        let refused = try relay.offer("new", port: 42100)
        #expect(refused["error-reason"] as? String == "Load limit exceeded")
        try relay.on { relay in relay.setLoadLimits(LoadLimits()) }
        #expect(try relay.on { $0.calls.load } == LoadSample())
        #expect(try relay.offer("new", port: 42100)["result"] as? String == "ok")
    }

    @Test func theMostSessionsCanBeChangedWhileItRuns() throws {
        let relay = try RelayHarness(ports: 46700...46799)
        try relay.on { relay in relay.setMaxSessions(0) }
        #expect(try relay.offer("new", port: 42100)["error-reason"] != nil)
        try relay.on { relay in relay.setMaxSessions(nil) }
        #expect(try relay.offer("new", port: 42100)["result"] as? String == "ok")
    }
}
