import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

@Suite struct SubscriptionTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    /// Subscribes and answers; returns our ports that face the subscriber.
    private func record(
        _ selection: PartySelection, isSIPREC: Bool = true, extra: [String] = [],
        _ options: (inout OfferAnswerOptions) -> Void = { _ in }
    ) throws -> [UInt16] {
        let (sdp, offer) = try self.calls.subscribe(selection, isSIPREC: isSIPREC, options)
        try self.calls.subscribeAnswer(to: offer.toTag, sdp: recorderAnswer(to: sdp, extra: extra))
        return sdp.ports
    }

    @Test func siprecOffersOneLabelledSectionForEachOfTheParties() throws {
        _ = try self.calls.setUpCall()
        let (sdp, offer) = try self.calls.subscribe(
            CallHarness.selection { $0.everyone = .all }, isSIPREC: true)
        #expect(offer.toTag == "made-1")
        #expect(sdp.lines("m=audio ").count == 2 && sdp.lines("a=sendonly").count == 2)
        #expect(sdp.lines("a=label:") == ["a=label:0", "a=label:1"])
        #expect(sdp.lines("c=IN IP4 203.0.113.1").count == 2)
        #expect(sdp.lines("o=-").count == 1)
        #expect(offer.sections.map(\.tag) == ["a", "b"] && offer.sections.map(\.mediaLabel) == ["0", "1"])
        #expect(
            offer.sections.map(\.index) == [1, 1] && offer.sections.map(\.mode) == ["sendrecv", "sendrecv"])
    }

    @Test func copiesFlowOnceTheAnswerSaysWhereTo() throws {
        let (a, b) = try self.calls.setUpCall()
        let (sdp, offer) = try self.calls.subscribe(
            CallHarness.selection(to: "rec") { $0.fromTags = ["a", "b", "unknown"] }, isSIPREC: true)
        #expect(self.calls.copies(of: a.id).isEmpty && offer.toTag == "rec")
        try self.calls.subscribeAnswer(to: "rec", sdp: recorderAnswer(to: sdp))
        let ports = sdp.ports
        #expect(self.calls.copies(of: a.id) == [ports[0]] && self.calls.copies(of: b.id) == [ports[1]])
        let copy = try self.calls.plan(port: ports[0])
        #expect(copy.signalled?.description == "198.51.100.77:9000" && copy.isPublished && copy.sink == nil)
        // RTCP of a section goes along, by the copy's own RTCP port.
        #expect(try self.calls.rtcp(of: a).firstCopy == copy.id)
        #expect(try copy.rtcpPort == self.calls.rtcp(of: copy).id)
        #expect(try self.calls.rtcp(of: copy).signalled?.port == 9001)
        // The call itself is as it was.
        #expect(self.calls.plans[a.id]?.sink == b.id && self.calls.plans[b.id]?.sink == a.id)
    }

    @Test func copiesOfOnePartyComeUnderItsSession() throws {
        _ = try self.calls.setUpCall()
        let (sdp, offer) = try self.calls.subscribe(CallHarness.selection("a"))
        #expect(sdp.lines("o=") == ["o=alice 1 2 IN IP4 198.51.100.1"])
        #expect(sdp.lines("a=label").isEmpty && offer.sections.map(\.mediaLabel) == [""])
    }

    @Test func theOfferNamesWhatThePartySendsByTheOtherSidesNumbers() throws {
        let first = audio("198.51.100.1", 4000, extra: ["a=rtpmap:96 opus/48000/2"]).replacing(
            "0 8", with: "96 0 8")
        _ = try self.calls.offer(sdp: first)
        let second = audio(
            "198.51.100.3", 5000, extra: ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 useinbandfec=1"]
        )
        .replacing("RTP/AVP 0 8", with: "RTP/AVP 111 8")
        _ = try self.calls.answer(sdp: second)
        let (sdp, _) = try self.calls.subscribe(CallHarness.selection("a"))
        #expect(try sdp.lines("m=audio") == ["m=audio \(sdp.port()) RTP/AVP 111 8"])
        #expect(sdp.lines("a=rtpmap:") == ["a=rtpmap:111 opus/48000/2", "a=rtpmap:8 PCMA/8000"])
        #expect(sdp.lines("a=fmtp:") == ["a=fmtp:111 useinbandfec=1"])
    }

    @Test func anAnswerRefusesSectionsAndInactiveOnesAreNotCopied() throws {
        let (a, b) = try self.calls.setUpCall()
        let selection = CallHarness.selection(to: "rec") { $0.everyone = .all }
        let (sdp, _) = try self.calls.subscribe(selection, isSIPREC: true)
        let answer = recorderAnswer(to: sdp)
        try self.calls.subscribeAnswer(
            to: "rec",
            sdp: answer.replacing("m=audio 9000", with: "m=audio 0").replacing(
                "a=recvonly", with: "a=inactive"))
        #expect(self.calls.copies(of: a.id).isEmpty && self.calls.copies(of: b.id).isEmpty)
        // The ports of the refused section are free again.
        #expect(!self.calls.plans.values.contains { $0.local.port == sdp.ports[0] })
        let again = try self.calls.subscribe(selection, isSIPREC: true).sdp
        try self.calls.subscribeAnswer(to: "rec", sdp: recorderAnswer(to: again))
        #expect(
            self.calls.copies(of: b.id) == [sdp.ports[1]] && self.calls.copies(of: a.id) == [again.ports[0]])
    }

    @Test func inactiveIsSwitchedOnByAnotherRequestWithTheSameTag() throws {
        let (a, _) = try self.calls.setUpCall()
        let (first, _) = try self.calls.subscribe(CallHarness.selection("a", to: "rec"), isInactive: true)
        #expect(first.lines("a=inactive").count == 1)
        try self.calls.subscribeAnswer(
            to: "rec", sdp: recorderAnswer(to: first).replacing("a=recvonly", with: "a=inactive"))
        #expect(self.calls.copies(of: a.id).isEmpty)
        let (second, _) = try self.calls.subscribe(CallHarness.selection("a", to: "rec"))
        #expect(second.lines("a=sendonly").count == 1 && second.ports == first.ports)
        #expect(second.lines("o=") == ["o=alice 1 3 IN IP4 198.51.100.1"])
        try self.calls.subscribeAnswer(to: "rec", sdp: recorderAnswer(to: second))
        #expect(self.calls.copies(of: a.id) == first.ports)
    }

    @Test func sectionsKeepTheirPlaceWhenARequestChangesThem() throws {
        let (a, b) = try self.calls.setUpCall()
        let ports = try self.record(CallHarness.selection(to: "rec") { $0.everyone = .all })
        let (sdp, _) = try self.calls.subscribe(CallHarness.selection("b", to: "rec"), isSIPREC: true)
        #expect(sdp.ports == [0, ports[1]])
        try self.calls.subscribeAnswer(to: "rec", sdp: recorderAnswer(to: sdp))
        #expect(self.calls.copies(of: a.id).isEmpty && self.calls.copies(of: b.id) == [ports[1]])
        // A place that is free is used again.
        let (third, _) = try self.calls.subscribe(
            CallHarness.selection(to: "rec") { $0.everyone = .all }, isSIPREC: true)
        #expect(third.ports.count == 2 && third.ports[1] == ports[1] && third.ports[0] != 0)
    }

    @Test func severalSubscribersShareAListAndEachEndsAlone() throws {
        let (a, _) = try self.calls.setUpCall()
        let tags = ["s1", "s2", "s3"]
        let ports = try tags.map { try self.record(CallHarness.selection("a", to: $0), isSIPREC: false)[0] }
        #expect(self.calls.copies(of: a.id) == ports)
        try self.calls.unsubscribe(CallHarness.selection(to: "s2"))
        #expect(self.calls.copies(of: a.id) == [ports[0], ports[2]])
        // The list was mended before the port was closed.
        #expect(self.calls.actions.last.map { if case .close = $0 { true } else { false } } == true)
        #expect(throws: CallError.self) { try self.calls.unsubscribe(CallHarness.selection(to: "s2")) }
        try self.calls.unsubscribe(CallHarness.selection(to: "s1"))
        try self.calls.unsubscribe(CallHarness.selection(to: "s3"))
        #expect(self.calls.copies(of: a.id).isEmpty && self.calls.plans.count == 4)
        #expect(self.calls.ports.taken.count == 4)
    }

    @Test func multiplexingAndMirroredRTCPOfASubscriber() throws {
        let (a, _) = try self.calls.setUpCall()
        let (sdp, _) = try self.calls.subscribe(CallHarness.selection("a", to: "rec"), mirrorsRTCP: true) {
            $0.rtcpMux = [.offer]
        }
        #expect(sdp.lines("a=rtcp-mux").count == 1)
        try self.calls.subscribeAnswer(to: "rec", sdp: recorderAnswer(to: sdp, extra: ["a=rtcp-mux"]))
        let copy = try self.calls.plan(port: try sdp.port())
        #expect(copy.rtcpPort == nil)
        #expect(try copy.rtcpSink == self.calls.rtcp(of: a).id && copy.sink == nil)
    }

    @Test func copiesFollowAReInviteThatMovesThePorts() throws {
        let (a, b) = try self.calls.setUpCall()
        let ports = try self.record(CallHarness.selection("b", to: "rec"), isSIPREC: false)
        _ = a
        let moved = try self.calls.answer(
            from: "b", to: "a", sdp: audio("198.51.100.1", 4000)
        ).lines
        _ = moved
        let offered = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4400))
        let fresh = try self.calls.plan(port: try offered.port())
        #expect(fresh.id != b.id)
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(self.calls.copies(of: fresh.id) == ports)
        // What is still under way to the port shown before is copied too.
        #expect(self.calls.copies(of: b.id) == ports)
    }

    @Test func subscribersAreNoPartOfDialogues() throws {
        _ = try self.calls.setUpCall()
        _ = try self.record(CallHarness.selection("a", to: "rec"))
        #expect(throws: CallError.invalidDialogue("rec is the tag of a subscriber")) {
            try self.calls.offer(from: "rec", sdp: audio("198.51.100.9", 6000))
        }
        #expect(throws: CallError.invalidDialogue("rec is the tag of a subscriber")) {
            try self.calls.answer(from: "a", to: "rec", sdp: audio("198.51.100.9", 6000))
        }
        #expect(throws: CallError.self) { try self.calls.subscribe(CallHarness.selection("a", to: "b")) }
        #expect(throws: CallError.self) {
            try self.calls.subscribeAnswer(to: "b", sdp: audio("198.51.100.9", 6000))
        }
    }

    @Test func theyGoWithTheCallAndWithTheirLastSource() throws {
        _ = try self.calls.setUpCall()
        _ = try self.record(CallHarness.selection("a", to: "rec"))
        #expect(self.calls.plans.count == 6)
        _ = self.calls.delete(from: "b")
        #expect(self.calls.table.count == 0 && self.calls.plans.isEmpty && self.calls.ports.taken.isEmpty)

        // A third party's dialogue goes on; who only heard b hears nothing more.
        _ = try self.calls.setUpCall()
        _ = try self.calls.offer(from: "a", branch: "z", sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(from: "a", to: "c", branch: "z", sdp: audio("198.51.100.4", 5000))
        _ = try self.record(CallHarness.selection("b", to: "rec"))
        _ = self.calls.delete(from: "b")
        let report = try #require(self.calls.table.report(of: "c1"))
        #expect(report.parties.map(\.tag) == ["a", "c"])
    }

    @Test func aDeletedSubscriberEndsNoCall() throws {
        let (a, _) = try self.calls.setUpCall()
        _ = try self.record(CallHarness.selection("a", to: "rec"))
        _ = self.calls.delete(from: "rec")
        #expect(
            self.calls.table.count == 1 && self.calls.copies(of: a.id).isEmpty && self.calls.plans.count == 4)
    }

    @Test func subscribersKeepNoSilentCallAlive() throws {
        _ = try self.calls.setUpCall()
        _ = try self.record(CallHarness.selection("a", to: "rec"))
        #expect(self.calls.expire(at: 59).isEmpty)
        #expect(self.calls.expire(at: 60) == [.timeout])
    }

    @Test func queryListsSubscriptionsOnBothSides() throws {
        _ = try self.calls.setUpCall()
        _ = try self.record(CallHarness.selection(to: "rec") { $0.everyone = .all })
        let report = try #require(self.calls.table.report(of: "c1"))
        let parties = CallStatisticsBuilder(report: report, now: self.calls.time).build().parties
        let dialogue = PartyStatistics.Subscription(tag: "b")
        let copy = PartyStatistics.Subscription(tag: "rec", type: "pub/sub")
        #expect(parties[0].subscriptions == [dialogue] && parties[0].subscribers == [dialogue, copy])
        #expect(parties[2].subscriptions.map(\.tag) == ["a", "b"] && parties[2].subscribers.isEmpty)
        #expect(parties[2].medias.map(\.flags) == [[.initialized, .send], [.initialized, .send]])
    }

    @Test func limitsAndPortsThatRunOutLeaveTheCallAsItWas() throws {
        _ = try self.calls.setUpCall()
        for number in 0..<CallLimits.subscribers {
            _ = try self.calls.subscribe(CallHarness.selection("a", to: "s\(number)"))
        }
        #expect(throws: CallError.self) {
            try self.calls.subscribe(CallHarness.selection("a", to: "one-more"))
        }
        try self.calls.unsubscribe(CallHarness.selection(to: "s0"))
        let taken = self.calls.ports.taken
        self.calls.ports.remaining = 1
        do {
            _ = try self.calls.subscribe(CallHarness.selection(to: "rec") { $0.everyone = .all })
            Issue.record("a subscription without ports")
        } catch let error as CallError {
            #expect(error.reason == "Ran out of ports")
        }
        #expect(self.calls.ports.taken == taken)
        let report = try #require(self.calls.table.report(of: "c1"))
        #expect(!report.parties.contains { $0.tag == "rec" })
    }

    @Test func interfaceFamilyAndTransportAreObeyed() throws {
        _ = try self.calls.setUpCall()
        let (sdp, _) = try self.calls.subscribe(CallHarness.selection("a")) {
            $0.interface = "priv"
            $0.transportProtocol = "RTP/AVPF"
        }
        #expect(sdp.lines("c=") == ["c=IN IP4 192.0.2.9"])
        #expect(sdp.lines("m=").allSatisfy { $0.contains(" RTP/AVPF ") })
        let (six, _) = try self.calls.subscribe(CallHarness.selection("a")) { $0.addressFamily = .ipv6 }
        #expect(six.lines("c=") == ["c=IN IP6 2001:db8::1"])
        _ = try self.calls.subscribe(CallHarness.selection("a")) { $0.interface = "nowhere" }
        #expect(self.calls.warnings == ["there is no interface nowhere; using pub"])
        _ = try self.calls.subscribe(CallHarness.selection("a")) { $0.transportProtocol = "RTP/SAVP" }
        #expect(self.calls.warnings.count == 1)
    }
}

@Suite struct PublishTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test func aPublisherIsAnsweredRecvonlyAndNamesAreMadeUp() throws {
        let (sdp, publication) = try self.calls.publish(
            call: nil, from: nil, sdp: audio("198.51.100.1", 4000, extra: ["a=ptime:20", "a=unknown:x"]))
        #expect(publication.callID == "made-1" && publication.fromTag == "made-2")
        #expect(sdp.lines("a=recvonly").count == 1 && sdp.lines("a=ptime:20").count == 1)
        #expect(sdp.lines("a=unknown").isEmpty && sdp.lines("a=rtpmap:").count == 2)
        let plan = try self.calls.plan(port: try sdp.port())
        #expect(plan.isPublished && plan.sink == nil && plan.signalled?.port == 4000)
        #expect(self.calls.table.totals.created == 1)
    }

    @Test func bidirectionalIsAnsweredSendrecv() throws {
        let (sdp, _) = try self.calls.publish(sdp: audio("198.51.100.1", 4000), isBidirectional: true)
        #expect(sdp.lines("a=sendrecv").count == 1)
    }

    @Test func whatIsPublishedIsCopiedUntilThePublisherGoes() throws {
        let (sdp, _) = try self.calls.publish(sdp: audio("198.51.100.1", 4000))
        let publisher = try self.calls.plan(port: try sdp.port())
        let (offer, _) = try self.calls.subscribe(CallHarness.selection("p", to: "s"))
        try self.calls.subscribeAnswer(to: "s", sdp: recorderAnswer(to: offer))
        #expect(self.calls.copies(of: publisher.id) == offer.ports)
        _ = self.calls.delete(from: "s")
        #expect(self.calls.table.count == 1 && self.calls.copies(of: publisher.id).isEmpty)
        _ = self.calls.delete(from: "p")
        #expect(self.calls.table.count == 0 && self.calls.ports.taken.isEmpty)
    }

    @Test func publishingAgainKeepsThePorts() throws {
        let (first, _) = try self.calls.publish(sdp: audio("198.51.100.1", 4000))
        let (second, _) = try self.calls.publish(sdp: audio("198.51.100.1", 4100))
        #expect(first.ports == second.ports)
        let plan = try self.calls.plan(port: try second.port())
        #expect(plan.signalled?.port == 4100 && plan.learningEpoch == 2)
        #expect(self.calls.table.totals.created == 1)
    }

    @Test func encryptedMediaIsRefusedWithAWarning() throws {
        let (sdp, _) = try self.calls.publish(
            sdp: audio("198.51.100.1", 4000, transport: "RTP/SAVP", extra: ["a=crypto:1 X inline:y"]))
        #expect(sdp.ports == [0] && self.calls.warnings.count == 1 && self.calls.ports.taken.isEmpty)
    }

    @Test func timeoutsAndLimitsHoldForPublishersToo() throws {
        self.calls.table.settings.maxSessions = 1
        let (sdp, _) = try self.calls.publish(sdp: audio("198.51.100.1", 4000))
        #expect(throws: CallError.sessionLimit(1)) {
            try self.calls.publish(call: "c2", sdp: audio("198.51.100.1", 4000))
        }
        let port = try self.calls.plan(port: try sdp.port()).id
        self.calls.lastPacket[port] = MonotonicTime(seconds: 50)
        #expect(self.calls.expire(at: 61).isEmpty)
        #expect(self.calls.expire(at: 110) == [.timeout])
    }

    @Test func aPartyOfADialogueCannotPublish() throws {
        _ = try self.calls.setUpCall()
        #expect(throws: CallError.self) {
            try self.calls.publish(from: "a", sdp: audio("198.51.100.1", 4000))
        }
    }
}
