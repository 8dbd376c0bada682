import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

@Suite struct InterfaceTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test func directionChoosesTheInterfaceOfEachSideAndIsRemembered() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) { $0.direction = ["pub", "priv"] }
        #expect(offer.lines("c=") == ["c=IN IP4 192.0.2.9"])
        let answer = try self.calls.answer(sdp: audio("10.0.0.7", 5000))
        #expect(answer.lines("c=") == ["c=IN IP4 203.0.113.1"])
        let again = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000))
        #expect(again.text == offer.text)
    }

    @Test func anUnknownInterfaceIsAWarningNotAnError() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) { $0.direction = ["nix", "nada"] }
        #expect(offer.lines("c=") == ["c=IN IP4 203.0.113.1"])
        #expect(self.calls.warnings.count == 2)
        #expect(self.calls.warnings.allSatisfy { $0.contains("using pub") })
    }

    @Test func internalAndExternalAreIPv4AndIPv6WhereNoInterfaceIsCalledSo() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) {
            $0.direction = ["internal", "external"]
        }
        #expect(offer.lines("c=") == ["c=IN IP6 2001:db8::1"])
        let answer = try self.calls.answer(sdp: audio("2001:db8::99", 5000))
        #expect(answer.lines("c=") == ["c=IN IP4 203.0.113.1"])
        #expect(self.calls.warnings.isEmpty)
    }

    @Test func aliasesComeBeforeTheOldMeaning() throws {
        let calls = try CallHarness { $0.interfaceAliases = ["internal": "pub", "external": "priv"] }
        let offer = try calls.offer(sdp: audio("198.51.100.1", 4000)) {
            $0.direction = ["internal", "external"]
        }
        #expect(offer.lines("c=") == ["c=IN IP4 192.0.2.9"])
    }

    @Test func addressFamilyIsObeyedAndSticks() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) { $0.addressFamily = .ipv6 }
        #expect(offer.lines("c=") == ["c=IN IP6 2001:db8::1"])
        let answer = try self.calls.answer(sdp: audio("2001:db8::99", 5000))
        #expect(answer.lines("c=") == ["c=IN IP4 203.0.113.1"])
        #expect(try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000)).text == offer.text)
        let back = try self.calls.offer(from: "b", to: "a", sdp: audio("2001:db8::99", 5000))
        #expect(back.lines("c=") == ["c=IN IP4 203.0.113.1"])
    }

    @Test func withoutAWordTheFamilyIsTheSenders() throws {
        let offer = try self.calls.offer(sdp: audio("2001:db8::99", 4000))
        #expect(offer.lines("c=") == ["c=IN IP6 2001:db8::1"])
    }

    @Test func anInterfaceWithoutTheFamilyOffersWhatItHas() throws {
        let offer = try self.calls.offer(sdp: audio("2001:db8::99", 4000)) { $0.direction = ["pub", "priv"] }
        #expect(offer.lines("c=") == ["c=IN IP4 192.0.2.9"])
    }

    @Test func mediaAddressIsShownInsteadOfOurs() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) {
            $0.mediaAddress = IPAddress("192.0.2.77")
            $0.replacesOrigin = true
            $0.rtcpAttribute = .full
        }
        #expect(offer.lines("c=") == ["c=IN IP4 192.0.2.77"])
        #expect(offer.lines("o=") == ["o=alice 1 2 IN IP4 192.0.2.77"])
        #expect(offer.lines("a=rtcp:").first?.hasSuffix(" IN IP4 192.0.2.77") == true)
    }
}

@Suite struct DescriptionVersionTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    private func version(_ sdp: HandedOut) -> String? {
        sdp.lines("o=").first?.split(separator: " ").dropFirst(2).first.map(String.init)
    }

    @Test func theVersionRisesIfAndOnlyIfTheDescriptionChanged() throws {
        let first = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) { $0.replacesSDPVersion = true }
        #expect(self.version(first) == "2")
        let same = try self.calls.offer(
            sdp: audio("198.51.100.1", 4000).replacing("alice 1 2", with: "alice 1 7")
        ) {
            $0.replacesSDPVersion = true
        }
        #expect(self.version(same) == "2")
        let held = try self.calls.offer(sdp: audio("198.51.100.1", 4000, direction: "sendonly")) {
            $0.replacesSDPVersion = true
        }
        #expect(self.version(held) == "3")
        let forced = try self.calls.offer(sdp: audio("198.51.100.1", 4000, direction: "sendonly")) {
            $0.forcesSDPVersionIncrement = true
        }
        #expect(self.version(forced) == "4")
    }

    @Test func originFullKeepsTheWholeLineConstantTowardsAParty() throws {
        let first = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) { $0.replacesFullOrigin = true }
        let other = audio("198.51.100.1", 4000).replacing("o=alice 1 2", with: "o=mallory 77 88")
        let second = try self.calls.offer(sdp: other) { $0.replacesFullOrigin = true }
        #expect(second.lines("o=") == first.lines("o="))
        #expect(first.lines("o=") == ["o=alice 1 2 IN IP4 203.0.113.1"])
    }
}

/// RTP/RTCP multiplexing towards both sides (RFC 5761; ng.md 2.2 and the recorded replies).
@Suite struct MultiplexingTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    @Test(arguments: [
        ("offer", false, true), ("require", false, true), ("demux", false, false), ("accept", false, false),
        ("reject", false, false), ("", false, false), ("offer", true, true), ("require", true, true),
        ("demux", true, false), ("accept", true, true), ("reject", true, true), ("", true, true),
    ])
    func whatIsOfferedOn(option: String, isInSDP: Bool, isOffered: Bool) throws {
        let offer = try self.calls.offer(
            sdp: audio("198.51.100.1", 4000, extra: isInSDP ? ["a=rtcp-mux"] : [])
        ) {
            $0.rtcpMux = Set([.init(rawValue: option)].compactMap { $0 })
        }
        #expect(offer.lines("a=rtcp-mux").isEmpty != isOffered)
    }

    @Test(arguments: [
        ("offer", false), ("require", false), ("demux", true), ("accept", true), ("reject", false),
        ("", false),
    ])
    func whatTheOffererGetsFromAnAnswererWithoutIt(option: String, isAccepted: Bool) throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000, extra: ["a=rtcp-mux"])) {
            $0.rtcpMux = Set([.init(rawValue: option)].compactMap { $0 })
        }
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(answer.lines("a=rtcp-mux").isEmpty != isAccepted)
    }

    @Test func anOffererWithoutItNeverGetsIt() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) { $0.rtcpMux = [.offer] }
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000, extra: ["a=rtcp-mux"]))
        #expect(answer.lines("a=rtcp-mux").isEmpty)
        let caller = try self.calls.plan(port: answer.port())
        #expect(caller.rtcpSink == nil)
        let callerRTCP = try self.calls.plan(port: answer.port() + 1)
        #expect(callerRTCP.sink == caller.sink, "RTCP of the caller joins the callee's RTP port")
    }

    @Test func whenBothMultiplexRTCPStaysOnTheRTPPorts() throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000, extra: ["a=rtcp-mux"]))
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000, extra: ["a=rtcp-mux"]))
        #expect(answer.lines("a=rtcp:") == ["a=rtcp:\(try answer.port())"])
        let caller = try self.calls.plan(port: answer.port())
        let callee = try self.calls.plan(port: offer.port())
        #expect(caller.rtcpSink == callee.id && callee.rtcpSink == caller.id)
    }
}
