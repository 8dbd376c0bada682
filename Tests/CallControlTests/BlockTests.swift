import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

private let events = ["a=rtpmap:101 telephone-event/8000"]

private func audioWithEvents(_ address: String, _ port: Int, event: Int) -> String {
    audio(address, port, extra: ["a=rtpmap:\(event) telephone-event/8000"]).replacing(
        "RTP/AVP 0 8", with: "RTP/AVP 0 8 \(event)")
}

@Suite struct BlockTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    private func blocks(_ plan: PortPlan) -> MediaBlocks? { self.calls.plans[plan.id]?.blocks }

    @Test func withoutDirectionalTheWholeCallIsMeantWhateverTheFromTag() throws {
        let (a, b) = try self.calls.setUpCall()
        try self.calls.block(.dtmf, true, CallHarness.selection("a"))
        #expect(self.blocks(a) == .events && self.blocks(b) == .events)
        // Even one that nobody has: controllers add the tag of whatever message they handle.
        try self.calls.block(.media, true, CallHarness.selection("nobody"))
        #expect(self.blocks(a) == [.events, .media])
        try self.calls.block(.dtmf, false)
        try self.calls.block(.media, false)
        #expect(self.blocks(a) == [] && self.blocks(b) == [])
    }

    @Test func aDirectionalBlockIsForWhatOnePartySends() throws {
        let (a, b) = try self.calls.setUpCall()
        try self.calls.block(.media, true, CallHarness.selection("a") { $0.isDirectional = true })
        #expect(self.blocks(a) == .media && self.blocks(b) == [])
        // RTCP goes on.
        #expect(self.blocks(try self.calls.rtcp(of: a)) == [])
    }

    @Test func aPartyIsAlsoFoundByLabelAndByAddress() throws {
        let (a, b) = try self.calls.setUpCall()
        _ = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000)) { $0.label = "caller" }
        try self.calls.block(.dtmf, true, CallHarness.selection { $0.label = "caller" })
        #expect(self.blocks(a) == .events && self.blocks(b) == [])
        let address = try CallHarness.ip("198.51.100.3")
        try self.calls.block(.media, true, CallHarness.selection { $0.address = address })
        #expect(self.blocks(a) == .events && self.blocks(b) == .media)
    }

    @Test func unblockingTheCallLeavesSinglePartiesUnlessAllIsGiven() throws {
        let (a, b) = try self.calls.setUpCall()
        try self.calls.block(.media, true, CallHarness.selection("a") { $0.isDirectional = true })
        try self.calls.block(.media)
        try self.calls.block(.media, false)
        #expect(self.blocks(a) == .media && self.blocks(b) == [])
        try self.calls.block(.media, false, CallHarness.selection { $0.everyone = .all })
        #expect(self.blocks(a) == [])
    }

    @Test func mediaTowardsOnePartyOnly() throws {
        let (a, b) = try self.calls.setUpCall()
        let toB = CallHarness.selection("a", to: "b") { $0.isDirectional = true }
        try self.calls.block(.media, true, toB)
        #expect(self.blocks(a) == .media && self.blocks(b) == [])
        try self.calls.block(.media, false, toB)
        #expect(self.blocks(a) == [])
    }

    @Test func copiesAloneCanBeBlocked() throws {
        let (a, _) = try self.calls.setUpCall()
        let offer = try self.calls.subscribe(CallHarness.selection("a", to: "s")).sdp
        try self.calls.subscribeAnswer(to: "s", sdp: recorderAnswer(to: offer))
        #expect(self.calls.copies(of: a.id) == offer.ports)
        try self.calls.block(
            .media, true,
            CallHarness.selection("a") {
                $0.isDirectional = true
                $0.everyone = .exceptOfferAnswer
            })
        #expect(self.calls.copies(of: a.id).isEmpty && self.blocks(a) == [])
        try self.calls.block(.media, false, CallHarness.selection { $0.everyone = .all })
        #expect(self.calls.copies(of: a.id) == offer.ports)
    }

    @Test func whatTheCallDoesNotHaveIsRefusedInRtpenginesWords() throws {
        _ = try self.calls.setUpCall()
        func reason(_ selection: PartySelection) -> String? {
            do {
                try self.calls.block(.media, true, selection)
                return nil
            } catch let error as CallError {
                return error.reason
            } catch { return "\(error)" }
        }
        let address = try CallHarness.ip("192.0.2.250")
        #expect(reason(CallHarness.selection(call: "c9")) == "Unknown call-ID")
        #expect(
            reason(CallHarness.selection("x") { $0.isDirectional = true })
                == "From-tag given, but no such tag exists")
        #expect(
            reason(CallHarness.selection { $0.label = "x" }) == "No monologue matching the given label")
        #expect(
            reason(CallHarness.selection { $0.address = address }) == "Failed to match address to any tag")
        #expect(
            reason(CallHarness.selection("a", to: "x") { $0.isDirectional = true })
                == "Media flow not found (to-tag not found)")
        #expect(
            reason(
                CallHarness.selection("a") {
                    $0.isDirectional = true
                    $0.everyone = .exceptOfferAnswer
                })
                == "No eligible media subscriptions found")
    }

    @Test func dropTrafficStopsRTCPTooAndOptionsOfAnOfferBlockItsSender() throws {
        let offered = try self.calls.offer(sdp: audioWithEvents("198.51.100.1", 4000, event: 101)) {
            $0.dropsTraffic = true
            $0.blocksDTMF = true
        }
        let answered = try self.calls.answer(sdp: audioWithEvents("198.51.100.3", 5000, event: 96))
        let a = try self.calls.plan(port: try answered.port())
        let b = try self.calls.plan(port: try offered.port())
        #expect(a.blocks == [.traffic, .events] && b.blocks == .traffic)
        #expect(try self.calls.rtcp(of: a).blocks == .traffic)
        // Either numbering: what the other side asked for, and its own.
        for plan in [a, b] {
            #expect(plan.eventPayloadTypes.contains(101) && plan.eventPayloadTypes.contains(96))
            #expect(!plan.eventPayloadTypes.contains(0) && !plan.eventPayloadTypes.contains(8))
        }
        _ = try self.calls.offer(to: "b", sdp: audioWithEvents("198.51.100.1", 4000, event: 101)) {
            $0.dropsTraffic = false
        }
        #expect(self.blocks(a) == .events && self.blocks(b) == [])
    }

    @Test func setLabelNamesTheChosenPartyOrTheOneWithTheFromTag() throws {
        let (a, _) = try self.calls.setUpCall()
        func block(_ label: String, _ selection: PartySelection) throws {
            let request = BlockRequest(parties: selection, kind: .dtmf, isBlocking: true, newLabel: label)
            self.calls.apply(try self.calls.table.block(request))
        }
        func labels() -> [String?]? { self.calls.table.report(of: "c1")?.parties.map(\.label) }
        try block("one", CallHarness.selection("a"))
        #expect(labels() == ["one", nil])
        try block("other", CallHarness.selection("b") { $0.isDirectional = true })
        #expect(labels() == ["one", "other"])
        try block("first", CallHarness.selection { $0.label = "one" })
        #expect(labels() == ["first", "other"])
        // The call is meant, and is blocked, whoever the tag is.
        try block("none", CallHarness.selection("nobody"))
        #expect(labels() == ["first", "other"] && self.blocks(a) == .events)
    }

    @Test func queryShowsWhatIsBlocked() throws {
        _ = try self.calls.setUpCall()
        try self.calls.block(.dtmf, true, CallHarness.selection("a") { $0.isDirectional = true })
        let report = try #require(self.calls.table.report(of: "c1"))
        let statistics = CallStatisticsBuilder(report: report, now: self.calls.time).build()
        let flags = statistics.parties.map { $0.medias[0].flags }
        #expect(flags[0].contains(.blocksDTMF) && !flags[1].contains(.blocksDTMF))
    }
}
