import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// `sdp-media-remove`: from then on the two sides have different lists of sections.
@Suite struct RemovedMediaTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    private static func description(
        _ address: String, _ sections: [(String, Int)], attributes: [String] = [], session: [String] = []
    ) -> String {
        let head = ["v=0", "o=- 1 2 IN IP4 \(address)", "s=-", "c=IN IP4 \(address)", "t=0 0"] + session
        let media = sections.enumerated().flatMap { index, section in
            let transport =
                section.0 == "application" ? "UDP/BFCP *" : "RTP/AVP \(section.0 == "audio" ? 0 : 31)"
            return ["m=\(section.0) \(section.1) \(transport)"]
                + (attributes.indices.contains(index) ? [attributes[index]] : [])
        }
        return (head + media).map { $0 + "\r\n" }.joined()
    }

    private static func offer(_ port: Int = 4000) -> String {
        self.description("198.51.100.1", [("audio", port), ("video", port + 2), ("application", port + 4)])
    }

    private static func kinds(_ sdp: HandedOut) -> [String] {
        zip(sdp.lines("m="), sdp.ports).map { line, port in
            line.dropFirst(2).prefix { $0 != " " } + (port == 0 ? " refused" : "")
        }.map { String($0) }
    }

    /// An offer without its video, and the answer to what was left.
    private func establish() throws -> (offer: HandedOut, answer: HandedOut) {
        let offer = try self.calls.offer(sdp: Self.offer()) { $0.removedMedia = ["video"] }
        let answer = try self.calls.answer(
            sdp: Self.description("198.51.100.3", [("audio", 5000), ("application", 5004)]))
        return (offer, answer)
    }

    @Test func removedSectionsAreAnsweredAsRefusedInTheirPlace() throws {
        let (offer, answer) = try self.establish()
        #expect(Self.kinds(offer) == ["audio", "application"])
        #expect(Self.kinds(answer) == ["audio", "video refused", "application"])
        #expect(answer.lines("m=")[1] == "m=video 0 RTP/AVP 31")
        // Two pairs for audio, one port each for BFCP, none for video; each leads to the same kind of section.
        #expect(self.calls.plans.count == 6)
        for (caller, callee) in [(0, 0), (2, 1)] {
            let one = try self.calls.plan(port: answer.port(at: caller))
            let other = try self.calls.plan(port: offer.port(at: callee))
            #expect(one.sink == other.id && other.sink == one.id)
            #expect(one.signalled?.port == UInt16(4000 + 2 * caller))
        }
    }

    @Test func anAnswerOfOneDialogueKeepsPortsWhenItComesAgain() throws {
        let (_, first) = try self.establish()
        let again = try self.calls.answer(
            sdp: Self.description("198.51.100.3", [("audio", 5000), ("application", 5004)]))
        #expect(again.text == first.text && self.calls.actions.isEmpty)
    }

    @Test func aReofferOfTheCalleeFindsItsSections() throws {
        let (offer, answer) = try self.establish()
        let again = try self.calls.offer(
            from: "b", to: "a",
            sdp: Self.description("198.51.100.3", [("audio", 5000), ("application", 5004)]))
        #expect(Self.kinds(again) == ["audio", "video refused", "application"])
        #expect(again.ports == answer.ports)
        let reply = try self.calls.answer(
            from: "b", to: "a",
            sdp: Self.description(
                "198.51.100.1", [("audio", 4000), ("video", 0), ("application", 4004)]))
        #expect(Self.kinds(reply) == ["audio", "application"])
        #expect(reply.ports == offer.ports)
        #expect(self.calls.plans.count == 6)
    }

    @Test func whatTheCalleeAddsStandsLastForBoth() throws {
        _ = try self.establish()
        let again = try self.calls.offer(
            from: "b", to: "a",
            sdp: Self.description(
                "198.51.100.3", [("audio", 5000), ("application", 5004), ("video", 5006)]))
        #expect(Self.kinds(again) == ["audio", "video refused", "application", "video"])
        let reply = try self.calls.answer(
            from: "b", to: "a",
            sdp: Self.description(
                "198.51.100.1", [("audio", 4000), ("video", 0), ("application", 4004), ("video", 4006)]))
        #expect(Self.kinds(reply) == ["audio", "application", "video"])
        let caller = try self.calls.plan(port: again.port(at: 3))
        let callee = try self.calls.plan(port: reply.port(at: 2))
        #expect(caller.sink == callee.id && callee.sink == caller.id)
        #expect(caller.signalled?.port == 4006 && callee.signalled?.port == 5006)
    }

    @Test func aReofferWithoutRemovalShowsTheSectionLast() throws {
        let (offer, answer) = try self.establish()
        let again = try self.calls.offer(to: "b", sdp: Self.offer())
        #expect(Self.kinds(again) == ["audio", "application", "video"])
        #expect(again.ports.prefix(2).elementsEqual(offer.ports))
        let reply = try self.calls.answer(
            sdp: Self.description(
                "198.51.100.3", [("audio", 5000), ("application", 5004), ("video", 5006)]))
        #expect(Self.kinds(reply) == ["audio", "video", "application"])
        #expect(reply.ports[0] == answer.ports[0] && reply.ports[2] == answer.ports[2])
        #expect(try self.calls.plan(port: again.port(at: 2)).signalled?.port == 5006)
        #expect(try self.calls.plan(port: reply.port(at: 1)).signalled?.port == 4002)
    }

    @Test func whatTheCalleeKnowsIsRefusedWhenItIsRemovedLater() throws {
        _ = try self.calls.offer(sdp: Self.offer())
        _ = try self.calls.answer(
            sdp: Self.description(
                "198.51.100.3", [("audio", 5000), ("video", 5002), ("application", 5004)]))
        #expect(self.calls.plans.count == 10)
        let again = try self.calls.offer(to: "b", sdp: Self.offer()) { $0.removedMedia = ["video"] }
        #expect(Self.kinds(again) == ["audio", "video refused", "application"])
        // Whatever the callee says to that.
        let reply = try self.calls.answer(
            sdp: Self.description(
                "198.51.100.3", [("audio", 5000), ("video", 5002), ("application", 5004)]))
        #expect(Self.kinds(reply) == ["audio", "video refused", "application"])
        #expect(self.calls.plans.count == 6)
    }

    @Test func eachBranchHasAListOfItsOwn() throws {
        let one = try self.calls.offer(branch: "z1", sdp: Self.offer()) { $0.removedMedia = ["video"] }
        let two = try self.calls.offer(branch: "z2", sdp: Self.offer()) { $0.removedMedia = ["application"] }
        #expect(Self.kinds(one) == ["audio", "application"] && Self.kinds(two) == ["audio", "video"])
        let first = try self.calls.answer(
            to: "b1", branch: "z1",
            sdp: Self.description("198.51.100.3", [("audio", 5000), ("application", 5004)]))
        #expect(Self.kinds(first) == ["audio", "video refused", "application"])
    }

    @Test func anotherOfferBeforeAnyAnswerBeginsAnew() throws {
        _ = try self.calls.offer(sdp: Self.offer())
        let again = try self.calls.offer(sdp: Self.offer()) { $0.removedMedia = ["audio"] }
        #expect(Self.kinds(again) == ["video", "application"])
    }

    @Test func nothingIsRemovedIfNothingWouldBeLeft() throws {
        let offer = try self.calls.offer(sdp: Self.offer()) {
            $0.removedMedia = ["audio", "video", "application"]
        }
        #expect(Self.kinds(offer) == ["audio", "video", "application"])
        #expect(self.calls.warnings.count == 1)
    }

    @Test func otherNamesTypesThatNobodyRegistered() throws {
        let offer = try self.calls.offer(
            sdp: Self.description("198.51.100.1", [("audio", 4000), ("foobar", 4002), ("video", 4004)])
        ) { $0.removedMedia = ["other"] }
        #expect(Self.kinds(offer) == ["audio", "video"])
    }

    @Test func groupsOfRemovedSectionsGoToo() throws {
        let offer = try self.calls.offer(
            sdp: Self.description(
                "198.51.100.1", [("audio", 4000), ("video", 4002), ("application", 4004)],
                attributes: ["a=mid:a", "a=mid:v", "a=mid:x"],
                session: ["a=group:LS a v", "a=group:LS a x", "a=group:BUNDLE a v x"])
        ) { $0.removedMedia = ["video"] }
        #expect(offer.lines("a=group") == ["a=group:LS a x"])
        #expect(offer.lines("a=mid") == ["a=mid:a", "a=mid:x"])
        let answer = try self.calls.answer(
            sdp: Self.description(
                "198.51.100.3", [("audio", 5000), ("application", 5004)],
                attributes: ["a=mid:a", "a=mid:x"]))
        #expect(answer.lines("a=mid") == ["a=mid:a", "a=mid:v", "a=mid:x"])
    }

    // MARK: Lists of different length without removal

    @Test func anAnswerThatIsTooShortIsCompleted() throws {
        _ = try self.calls.offer(sdp: Self.offer())
        let answer = try self.calls.answer(sdp: Self.description("198.51.100.3", [("audio", 5000)]))
        #expect(Self.kinds(answer) == ["audio", "video refused", "application refused"])
    }

    @Test func anAnswerThatIsTooLongIsCut() throws {
        _ = try self.calls.offer(sdp: Self.description("198.51.100.1", [("audio", 4000)]))
        let answer = try self.calls.answer(
            sdp: Self.description("198.51.100.3", [("audio", 5000), ("video", 5002)]))
        #expect(Self.kinds(answer) == ["audio"])
        #expect(self.calls.warnings.count == 1)
    }

    @Test func aReofferThatIsTooShortRefusesTheRest() throws {
        _ = try self.calls.offer(sdp: Self.offer())
        _ = try self.calls.answer(
            sdp: Self.description(
                "198.51.100.3", [("audio", 5000), ("video", 5002), ("application", 5004)]))
        let again = try self.calls.offer(to: "b", sdp: Self.description("198.51.100.1", [("audio", 4000)]))
        #expect(Self.kinds(again) == ["audio", "video refused", "application refused"])
        let reply = try self.calls.answer(
            sdp: Self.description(
                "198.51.100.3", [("audio", 5000), ("video", 0), ("application", 0)]))
        #expect(Self.kinds(reply) == ["audio"])
    }

    @Test func listsDoNotGrowBeyondTheLimit() throws {
        let video = (1..<32).map { ("video", 4000 + 2 * $0) }
        _ = try self.calls.offer(sdp: Self.description("198.51.100.1", [("audio", 4000)] + video)) {
            $0.removedMedia = ["video"]
        }
        _ = try self.calls.answer(sdp: Self.description("198.51.100.3", [("audio", 5000)]))
        #expect(self.calls.plans.count == 4)
        // The caller has 32 sections already: not one more fits.
        #expect(throws: CallError.tooLarge("more than 32 media sections")) {
            try self.calls.offer(
                from: "b", to: "a",
                sdp: Self.description("198.51.100.3", [("audio", 5000), ("video", 5002)]))
        }
        #expect(self.calls.ports.taken.count == 4)
        #expect(
            try self.calls.offer(to: "b", sdp: Self.description("198.51.100.1", [("audio", 4000)])).ports
                .count == 1)
    }
}
