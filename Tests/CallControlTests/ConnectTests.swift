import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

@Suite struct ConnectTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test func twoCallsBecomeOneThatBothIDsName() throws {
        let (a, b) = try self.calls.setUpCall()
        let (c, d) = try self.calls.setUpCall("c2", "c", "d")
        self.calls.now = 5
        try self.calls.connect("a", "d", toCall: "c2")
        #expect(self.calls.table.count == 1 && self.calls.table.callIDs(limit: 9) == ["c1"])
        #expect(self.calls.plans[a.id]?.sink == d.id && self.calls.plans[d.id]?.sink == a.id)
        // The others are heard no more.
        #expect(self.calls.plans[b.id]?.sink == nil && self.calls.plans[c.id]?.sink == nil)
        let adopted = try #require(
            self.calls.actions.lazy.compactMap { action -> [RelayPortID]? in
                if case .adopt(let ports, by: "c1") = action { ports } else { nil }
            }.first)
        #expect(adopted.count == 4 && adopted.contains(c.id) && adopted.contains(d.id))
        if case .adopt? = self.calls.actions.first {} else { Issue.record("plans change before ports move") }
        let byOther = try #require(self.calls.table.report(of: "c2"))
        #expect(byOther.id == "c1" && byOther.parties.map(\.tag) == ["a", "b", "c", "d"])
        // A re-INVITE under the other id finds the party.
        _ = try self.calls.offer(from: "d", to: "a", call: "c2", sdp: audio("198.51.100.3", 5000))
        #expect(self.calls.table.count == 1)
        _ = self.calls.delete(call: "c2")
        #expect(self.calls.table.count == 0 && self.calls.plans.isEmpty && self.calls.ports.taken.isEmpty)
        // The names are free again.
        _ = try self.calls.setUpCall("c2")
        #expect(self.calls.table.report(of: "c2")?.id == "c2")
    }

    @Test func eitherIDFindsTheCallWhateverIsAsked() throws {
        _ = try self.calls.setUpCall()
        _ = try self.calls.setUpCall("c2", "c", "d")
        try self.calls.connect("a", "d", toCall: "c2")
        let table = self.calls.table
        #expect(table.contains("c2") && table.recordingFacts(of: "c2") != nil)
        self.calls.table.setDebugged("c2", true)
        #expect(self.calls.table.isDebugged("c1"))
        let actions = self.calls.table.setRecording(RecordingID(rawValue: 7), of: "c2")
        self.calls.apply(try #require(actions))
        #expect(self.calls.plans.values.allSatisfy { $0.recording == RecordingID(rawValue: 7) })
        #expect(self.calls.table.recording(of: "c2") == RecordingID(rawValue: 7))
    }

    @Test func aRecordingOfTheAbsorbedCallGoesOnForAll() throws {
        _ = try self.calls.setUpCall()
        _ = try self.calls.setUpCall("c2", "c", "d")
        let id = RecordingID(rawValue: 3)
        let actions = self.calls.table.setRecording(id, of: "c2")
        self.calls.apply(try #require(actions))
        try self.calls.connect("a", "d", toCall: "c2")
        #expect(self.calls.plans.count == 8 && self.calls.plans.values.allSatisfy { $0.recording == id })
    }

    @Test func aCallIsMadeOfSoManyCallsAtMost() throws {
        _ = try self.calls.setUpCall()
        for number in 0..<CallLimits.otherIDs {
            _ = try self.calls.publish(call: "p\(number)", from: "p", sdp: audio("198.51.100.9", 6000))
            try self.calls.connect("a", "p", toCall: "p\(number)", isDirectional: true)
            _ = self.calls.delete(from: "p")
        }
        _ = try self.calls.publish(call: "last", from: "p", sdp: audio("198.51.100.9", 6000))
        #expect(throws: CallError.self) { try self.calls.connect("a", "p", toCall: "last") }
        #expect(self.calls.table.count == 2)
    }

    @Test func theLeftOnesGoAndTheConnectedStay() throws {
        let (a, _) = try self.calls.setUpCall()
        let (_, d) = try self.calls.setUpCall("c2", "c", "d")
        try self.calls.connect("a", "d", toCall: "c2")
        _ = self.calls.delete(from: "b")
        _ = self.calls.delete(from: "c", call: "c2")
        #expect(self.calls.table.report(of: "c1")?.parties.map(\.tag) == ["a", "d"])
        #expect(self.calls.plans[a.id]?.sink == d.id)
        _ = self.calls.delete(from: "d", call: "c2")
        #expect(self.calls.table.count == 0 && self.calls.ports.taken.isEmpty)
    }

    @Test func partiesOfOneCall() throws {
        let (a, b) = try self.calls.setUpCall()
        _ = try self.calls.offer(from: "a", branch: "z", sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(from: "a", to: "c", branch: "z", sdp: audio("198.51.100.4", 5500))
        try self.calls.connect("a", "b")
        #expect(self.calls.plans.values.contains { $0.id == a.id })
        #expect(self.calls.plans[b.id]?.sink != nil)
    }

    @Test func directionalLeavesWhatTheReceiverSaysAlone() throws {
        let (a, b) = try self.calls.setUpCall()
        let (c, d) = try self.calls.setUpCall("c2", "c", "d")
        try self.calls.connect("a", "d", toCall: "c2", isDirectional: true)
        #expect(self.calls.plans[a.id]?.sink == d.id)
        #expect(self.calls.plans[d.id]?.sink == c.id && self.calls.plans[c.id]?.sink == d.id)
        #expect(self.calls.plans[b.id]?.sink == a.id)
    }

    @Test func subscriptionsMoveAlong() throws {
        _ = try self.calls.setUpCall()
        let (c, _) = try self.calls.setUpCall("c2", "c", "d")
        let (offer, _) = try self.calls.subscribe(CallHarness.selection("c", to: "s", call: "c2"))
        try self.calls.subscribeAnswer(to: "s", call: "c2", sdp: recorderAnswer(to: offer))
        try self.calls.connect("a", "c", toCall: "c2")
        #expect(self.calls.copies(of: c.id) == offer.ports)
        try self.calls.unsubscribe(CallHarness.selection(to: "s"))
        #expect(self.calls.copies(of: c.id).isEmpty)
    }

    @Test func whatCannotBeJoinedIsRefusedAndNothingChanges() throws {
        let (a, b) = try self.calls.setUpCall()
        _ = try self.calls.setUpCall("c2")
        func reason(_ from: String, _ to: String, call: String = "c1", toCall: String? = nil) -> String? {
            do {
                try self.calls.connect(from, to, call: call, toCall: toCall)
                return nil
            } catch let error as CallError {
                return error.reason
            } catch { return "\(error)" }
        }
        #expect(reason("a", "b", call: "c9") == "Unknown call-ID")
        #expect(reason("a", "b", toCall: "c9") == "Unknown to-tag call-ID")
        #expect(reason("x", "b") == "From-tag given, but no such tag exists")
        #expect(reason("a", "x") == "To-tag not found")
        #expect(reason("a", "a") == "Trying to connect to self")
        #expect(reason("a", "b", toCall: "c2") == "Failed to merge two calls into one")
        #expect(self.calls.table.count == 2)
        #expect(self.calls.plans[a.id]?.sink == b.id)
    }

    @Test func partiesWithoutACommonCodecAreWarnedOf() throws {
        _ = try self.calls.setUpCall()
        let other = audio("198.51.100.5", 6000).replacing("RTP/AVP 0 8", with: "RTP/AVP 18")
        _ = try self.calls.offer(from: "c", call: "c2", sdp: other)
        _ = try self.calls.answer(from: "c", to: "d", call: "c2", sdp: other)
        try self.calls.connect("a", "d", toCall: "c2")
        #expect(
            self.calls.warnings == ["connect: the parties share no codec in section 1, nothing transcodes"])
    }
}
