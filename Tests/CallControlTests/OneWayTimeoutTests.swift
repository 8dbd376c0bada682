import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

@Suite struct OneWayTimeoutTests {
    let calls: CallHarness

    init() throws {
        self.calls = try CallHarness { $0.oneWayTimeoutSeconds = 20 }
    }

    /// Lets seconds pass during which packets arrive on some ports; true once the call ended one way.
    private func pass(until end: Int, hearing ports: [PortPlan]) -> [EndReason] {
        var reasons: [EndReason] = []
        for second in Int(self.calls.now) + 1...end {
            for port in ports { self.calls.lastPacket[port.id] = MonotonicTime(seconds: Double(second)) }
            reasons += self.calls.expire(at: Double(second))
        }
        return reasons
    }

    @Test func aCallOfWhichOneSideIsHeardEndsAfterTheTimeout() throws {
        let (a, _) = try self.calls.setUpCall()
        #expect(self.pass(until: 19, hearing: [a]).isEmpty)
        #expect(self.pass(until: 20, hearing: [a]) == [.oneWayTimeout])
        #expect(self.calls.table.totals.ended[.oneWayTimeout] == 1 && self.calls.plans.isEmpty)
    }

    @Test func aDirectionThatStopsLaterCountsFromItsLastPacket() throws {
        let (a, b) = try self.calls.setUpCall()
        #expect(self.pass(until: 100, hearing: [a, b]).isEmpty)
        #expect(self.pass(until: 119, hearing: [b]).isEmpty)
        #expect(self.pass(until: 120, hearing: [b]) == [.oneWayTimeout])
    }

    @Test func itIsOffByDefault() throws {
        self.calls.table.settings.oneWayTimeoutSeconds = 0
        let (a, _) = try self.calls.setUpCall()
        #expect(self.pass(until: 200, hearing: [a]).isEmpty)
    }

    @Test func silenceOnBothSidesIsTheOtherTimeoutsBusiness() throws {
        _ = try self.calls.setUpCall()
        #expect(self.pass(until: 59, hearing: []).isEmpty)
        #expect(self.pass(until: 60, hearing: []) == [.timeout])
    }

    @Test func oneSideThatBeginsAgainAfterSilenceIsNoticed() throws {
        let (a, _) = try self.calls.setUpCall()
        #expect(self.pass(until: 40, hearing: []).isEmpty)
        let reasons = self.pass(until: 46, hearing: [a])
        #expect(reasons == [.oneWayTimeout])
    }

    @Test(arguments: ["sendonly", "recvonly", "inactive"])
    func streamsMeantForOneDirectionDoNotCount(direction: String) throws {
        let offered = try self.calls.offer(sdp: audio("198.51.100.1", 4000, direction: direction))
        let answered = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let ports = [try self.calls.plan(port: answered.port()), try self.calls.plan(port: offered.port())]
        #expect(self.pass(until: 100, hearing: [ports[direction == "recvonly" ? 1 : 0]]).isEmpty)
    }

    @Test func holdWithAZeroAddressDoesNotCount() throws {
        let (a, b) = try self.calls.setUpCall()
        _ = try self.calls.offer(to: "b", sdp: audio("0.0.0.0", 4000))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(self.pass(until: 100, hearing: [a]).isEmpty)
        _ = b
    }

    @Test func signallingGivesTheSilentSideTimeAgain() throws {
        let (a, _) = try self.calls.setUpCall()
        #expect(self.pass(until: 15, hearing: [a]).isEmpty)
        _ = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(self.pass(until: 34, hearing: [a]).isEmpty)
        #expect(self.pass(until: 35, hearing: [a]) == [.oneWayTimeout])
    }

    @Test func aSectionThatFlowsBothWaysKeepsTheCall() throws {
        let video = ["m=video 4002 RTP/AVP 96", "a=rtpmap:96 H264/90000"]
        let offered = try self.calls.offer(sdp: audio("198.51.100.1", 4000, more: video))
        let answered = try self.calls.answer(sdp: audio("198.51.100.3", 5000, more: video))
        let ports = try [answered.port(at: 1), offered.port(at: 1), answered.port()].map {
            try self.calls.plan(port: $0)
        }
        #expect(self.pass(until: 100, hearing: ports).isEmpty)
        #expect(self.pass(until: 121, hearing: [ports[0], ports[2]]) == [.oneWayTimeout])
    }

    @Test func anUnansweredCallIsLeftToItsOwnTimeout() throws {
        let offered = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        let port = try self.calls.plan(port: offered.port())
        #expect(self.pass(until: 100, hearing: [port]).isEmpty)
    }
}
