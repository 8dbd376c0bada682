import CallControl
import ControlProtocols
import RelayPlanning
import SDPGrammar
import Testing
import WireFormat

private func address(_ text: String) throws -> TransportAddress { try #require(TransportAddress(text)) }

@Suite struct OfferAnswerTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test func anOfferReservesPortsForBothSidesAndShowsTheCalleesSide() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        #expect(offer.lines("c=") == ["c=IN IP4 203.0.113.1"])
        #expect(self.calls.plans.count == 4)
        let shown = try self.calls.plan(port: offer.port())
        #expect(shown.isPublished && shown.signalled == nil && shown.component == .rtp)
        #expect(offer.lines("a=rtcp:") == ["a=rtcp:\(try offer.port() + 1)"])
        #expect(try offer.port() % 2 == 0)
        let hidden = self.calls.plans.values.filter { !$0.isPublished }
        #expect(hidden.count == 2)
        #expect(
            Set(hidden.compactMap(\.signalled)) == [
                try address("198.51.100.1:4000"), try address("198.51.100.1:4001"),
            ])
    }

    @Test func anAnswerPublishesTheCallersSideAndJoinsTheTwo() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let callee = try self.calls.plan(port: offer.port())
        let caller = try self.calls.plan(port: answer.port())
        #expect(callee.sink == caller.id && caller.sink == callee.id)
        #expect(caller.isPublished)
        #expect(caller.signalled == (try address("198.51.100.1:4000")))
        #expect(callee.signalled == (try address("198.51.100.3:5000")))
        let callerRTCP = try self.calls.plan(port: answer.port() + 1)
        let calleeRTCP = try self.calls.plan(port: offer.port() + 1)
        #expect(callerRTCP.sink == calleeRTCP.id && calleeRTCP.sink == callerRTCP.id)
        #expect(calleeRTCP.component == .rtcp)
    }

    @Test func clockRatesOfBothDescriptionsReachEachPort() throws {
        let wide = ["a=rtpmap:96 opus/48000/2"]
        _ = try self.calls.offer(
            sdp: audio("198.51.100.1", 4000, extra: wide).replacing(" 0 8", with: " 96 0"))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let rates = self.calls.clockRates[try self.calls.plan(port: answer.port()).id] ?? []
        #expect(rates.first == PayloadClockRate(payloadType: 0, hertz: 8000))
        #expect(rates.contains(PayloadClockRate(payloadType: 96, hertz: 48000)))
    }

    @Test func aRepeatedAnswerChangesNothing() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        let early = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let final = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(early.text == final.text)
        #expect(self.calls.actions.isEmpty)
    }

    @Test func aReofferThatChangesNothingTouchesNoPort() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let again = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000))
        #expect(again.ports == offer.ports)
        #expect(self.calls.actions.isEmpty)
        let back = try self.calls.offer(from: "b", to: "a", sdp: audio("198.51.100.3", 5000))
        #expect(back.ports == answer.ports)
        #expect(self.calls.actions.isEmpty)
    }

    @Test func aLateOfferComesWithTheTagsReversed() throws {
        let offer = try self.calls.offer(from: "b", to: "a", sdp: audio("198.51.100.3", 5000))
        let answer = try self.calls.answer(from: "b", to: "a", sdp: audio("198.51.100.1", 4000))
        let facingCaller = try self.calls.plan(port: offer.port())
        #expect(facingCaller.signalled == (try address("198.51.100.1:4000")))
        #expect(try self.calls.plan(port: answer.port()).sink == facingCaller.id)
    }

    @Test func everyNewEndpointStartsLearningAnewAndOldOnesDoNot() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let before = try self.calls.plan(port: answer.port()).learningEpoch
        let calleeBefore = try self.calls.plan(port: offer.port()).learningEpoch
        _ = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4100))
        #expect(try self.calls.plan(port: answer.port()).learningEpoch == before + 1)
        #expect(try self.calls.plan(port: offer.port()).learningEpoch == calleeBefore)
    }

    @Test func aPartyThatSignalsFromElsewhereIsLearntAnew() throws {
        _ = try self.calls.offer(sdp: audio("192.168.1.10", 4000), receivedFrom: "198.51.100.7")
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let before = try self.calls.plan(port: answer.port()).learningEpoch
        _ = try self.calls.offer(to: "b", sdp: audio("192.168.1.10", 4000), receivedFrom: "198.51.100.8")
        #expect(try self.calls.plan(port: answer.port()).learningEpoch == before + 1)
    }

    @Test func signallingLetsAPartyThatFellSilentComeBackFromElsewhere() throws {
        let offer = try self.calls.offer(sdp: audio("192.168.1.10", 4000))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let caller = try self.calls.plan(port: answer.port())
        let callee = try self.calls.plan(port: offer.port())
        self.calls.silent = [caller.id]
        _ = try self.calls.offer(to: "b", sdp: audio("192.168.1.10", 4000))
        #expect(try self.calls.plan(port: answer.port()).learningEpoch == caller.learningEpoch + 1)
        #expect(try self.calls.plan(port: offer.port()) == callee, "the one whose media flows keeps its lock")
        // The answer of the same exchange must not start it once more, unless it is still silent.
        self.calls.silent = []
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(try self.calls.plan(port: answer.port()).learningEpoch == caller.learningEpoch + 1)
    }

    @Test func theSIPSourceReplacesTheAddressButNotThePort() throws {
        _ = try self.calls.offer(sdp: audio("192.168.1.10", 4000), receivedFrom: "198.51.100.99") {
            $0.sourceOfTruth = .sipSource
        }
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000), receivedFrom: "198.51.100.77")
        #expect(try self.calls.plan(port: answer.port()).signalled == (try address("198.51.100.99:4000")))
        #expect(try self.calls.plan(port: answer.port() + 1).signalled == (try address("198.51.100.99:4001")))
        #expect(self.calls.plans.values.contains { $0.signalled == TransportAddress("198.51.100.3:5000") })
    }

    @Test func anExplicitRTCPAddressIsUsed() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000, extra: ["a=rtcp:4010 IN IP4 198.51.100.2"]))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000, extra: ["a=rtcp:5010"]))
        #expect(try self.calls.plan(port: answer.port() + 1).signalled == (try address("198.51.100.2:4010")))
        #expect(self.calls.plans.values.contains { $0.signalled == TransportAddress("198.51.100.3:5010") })
    }

    @Test func sectionsAreAddedRejectedAndComeBack() throws {
        let video = ["m=video 4002 RTP/AVP 96", "a=rtpmap:96 VP8/90000"]
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(self.calls.plans.count == 4)
        let offer = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000, more: video))
        #expect(offer.ports.count == 2 && self.calls.plans.count == 8)
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000, more: ["m=video 0 RTP/AVP 96"]))
        #expect(try answer.port(at: 1) == 0)
        #expect(self.calls.plans.count == 4)
        #expect(self.calls.ports.taken.count == 4)
        let again = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000, more: video))
        #expect(try again.port(at: 1) != 0)
        #expect(self.calls.plans.count == 8)
    }

    @Test func mediaThatIsNotRTPGetsOneOpaquePort() throws {
        let offer = try self.calls.offer(
            sdp: audio("198.51.100.1", 4000, more: ["m=image 4002 udptl t38", "a=T38FaxVersion:0"]))
        #expect(offer.ports.count == 2)
        let plan = try self.calls.plan(port: offer.port(at: 1))
        #expect(plan.payload == .opaque)
        #expect(self.calls.plans.count == 6)
        #expect(offer.lines("a=T38FaxVersion:0").count == 1)
    }

    @Test(arguments: [
        ("garbage", "Failed to parse SDP"),
        (
            "v=0\r\no=a 1 2 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
            "Incomplete SDP specification"
        ),
    ])
    func brokenDescriptionsAreRefusedAndLeaveNoCall(sdp: String, reason: String) throws {
        let error = #expect(throws: CallError.self) { try self.calls.offer(sdp: sdp) }
        #expect(error?.reason == reason)
        #expect(self.calls.table.count == 0)
        #expect(self.calls.ports.taken.isEmpty)
    }

    @Test func answersToNobodyAreRefused() throws {
        let unknown = #expect(throws: CallError.self) { try self.calls.answer(sdp: audio("1.2.3.4", 4)) }
        #expect(unknown?.reason == "Unknown call-id")
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        let stranger = #expect(throws: CallError.self) {
            try self.calls.answer(from: "nobody", sdp: audio("198.51.100.3", 5000))
        }
        #expect(stranger?.reason == "Invalid dialogue association")
    }

    @Test func anAnswerMayNameTheWaitingOffererOtherwise() throws {
        let offer = try self.calls.offer(from: "forced", sdp: audio("198.51.100.1", 4000))
        let answer = try self.calls.answer(from: "a", sdp: audio("198.51.100.3", 5000))
        let callee = try self.calls.plan(port: offer.port())
        #expect(callee.sink == (try self.calls.plan(port: answer.port())).id)
        guard case .ended = self.calls.delete(from: "a") else {
            Issue.record("the BYE of the dialogue has not ended the call")
            return
        }
        #expect(self.calls.ports.taken.isEmpty)
    }

    @Test func aRenamedOffererIsNotGuessedAmongSeveral() throws {
        _ = try self.calls.offer(from: "one", sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.offer(from: "two", sdp: audio("198.51.100.2", 4000))
        #expect(throws: CallError.self) {
            try self.calls.answer(from: "a", sdp: audio("198.51.100.3", 5000))
        }
    }

    @Test func whenPortsRunOutEverythingReservedIsGivenBack() throws {
        self.calls.ports.remaining = 3
        let error = #expect(throws: CallError.self) {
            try self.calls.offer(sdp: audio("198.51.100.1", 4000, more: ["m=video 4002 RTP/AVP 96"]))
        }
        #expect(error?.reason == "Ran out of ports")
        #expect(self.calls.ports.taken.isEmpty)
        #expect(self.calls.table.count == 0)
    }

    @Test func theSessionLimitHoldsForNewCallsOnly() throws {
        self.calls.table.settings.maxSessions = 1
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        let error = #expect(throws: CallError.self) {
            try self.calls.offer(call: "c2", sdp: audio("198.51.100.1", 4000))
        }
        #expect(error?.reason == "Parallel session limit reached")
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        #expect(self.calls.table.totals.rejected == 1)
    }

    @Test func oneCallCannotGatherPartiesWithoutEnd() throws {
        #expect(throws: CallError.self) {
            for index in 0...CallLimits.parties {
                _ = try self.calls.offer(branch: "z\(index)", sdp: audio("198.51.100.1", 4000))
            }
        }
    }
}
