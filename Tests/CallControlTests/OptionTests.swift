import CallControl
import ControlProtocols
import RelayPlanning
import SDPGrammar
import Testing
import WireFormat

/// Options of offer and answer that change the SDP, or that are answered with a warning.
@Suite struct OptionTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness { $0.instanceID = "0123456789ab" } }

    // MARK: loop protect

    @Test func loopProtectionMarksTheDescription() throws {
        let plain = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        #expect(plain.lines("a=rtpengine") == [])
        let offer = try self.calls.offer(call: "c2", sdp: audio("198.51.100.1", 4000)) {
            $0.loopProtect = true
        }
        #expect(offer.lines("a=rtpengine") == ["a=rtpengine:0123456789ab"])
        #expect(offer.lines[3...4] == ["t=0 0", "a=rtpengine:0123456789ab"])
    }

    @Test func aMarkedDescriptionComesBackUntouched() throws {
        let marked = try self.calls.offer(sdp: audio("198.51.100.1", 4000)) { $0.loopProtect = true }
        let ports = self.calls.ports.taken.count
        let looped = try self.calls.offer(call: "c2", sdp: marked.text) { $0.loopProtect = true }
        #expect(looped.text == marked.text)
        #expect(self.calls.table.count == 1)
        #expect(self.calls.ports.taken.count == ports)
        let answer = try self.calls.answer(sdp: marked.text) { $0.loopProtect = true }
        #expect(answer.text == marked.text && self.calls.actions.isEmpty)
    }

    @Test func marksOfOthersAndMarksWithoutProtectionMeanNothing() throws {
        let foreign = audio("198.51.100.1", 4000).replacing(
            "t=0 0", with: "t=0 0\r\na=rtpengine:ba9876543210")
        let offer = try self.calls.offer(sdp: foreign) { $0.loopProtect = true }
        #expect(
            offer.lines("a=rtpengine") == ["a=rtpengine:0123456789ab", "a=rtpengine:ba9876543210"])
        let unprotected = try self.calls.offer(call: "c2", sdp: offer.text)
        #expect(unprotected.ports != offer.ports)
    }

    // MARK: ICE

    private static let candidates = [
        "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        "a=candidate:1 1 UDP 2130706431 198.51.100.1 4000 typ host",
    ]

    @Test(
        "ICE goes out never, and where rtpengine would have sent some a warning says so",
        arguments: [
            (nil, false, false), ("default", false, false), ("remove", false, false), ("force", false, true),
            ("optional", false, true), ("force-relay", false, true), (nil, true, true),
            ("default", true, true), ("remove", true, false), ("force", true, true),
        ] as [(String?, Bool, Bool)])
    func iceIsLeftOut(wish: String?, isInDescription: Bool, warns: Bool) throws {
        let sdp = audio("198.51.100.1", 4000, extra: isInDescription ? Self.candidates : [])
        let offer = try self.calls.offer(sdp: sdp) { $0.ice = wish }
        #expect(offer.lines("a=ice").isEmpty && offer.lines("a=candidate").isEmpty)
        #expect(offer.lines("c=") == ["c=IN IP4 203.0.113.1"])
        #expect(self.calls.warnings.contains { $0.hasPrefix("ICE=\(wish ?? "default"):") } == warns)
    }

    @Test func forcedICEConcernsOffersOnly() throws {
        _ = try self.calls.offer(sdp: audio("198.51.100.1", 4000))
        _ = try self.calls.answer(sdp: audio("198.51.100.3", 5000)) { $0.ice = "force" }
        #expect(self.calls.warnings.isEmpty)
    }

    // MARK: transport protocol

    @Test(arguments: [("RTP/AVP", true), ("RTP/AVPF", false)])
    func feedbackIsCutTowardsAPartyWithoutIt(towards transport: String, isCut: Bool) throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000, transport: "RTP/AVPF")) {
            $0.transportProtocol = transport
        }
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000, transport: transport))
        #expect(answer.lines("m=").first?.contains(" RTP/AVPF ") == true)
        for offset in [0, 1] as [UInt16] {
            #expect(try self.calls.plan(port: answer.port() + offset).cutsFeedback == isCut)
            #expect(try !self.calls.plan(port: offer.port() + offset).cutsFeedback)
        }
    }

    @Test(
        "the offerer gets the protocol it offered, unless the answerer's is to be accepted",
        arguments: [(false, "RTP/AVPF"), (true, "RTP/AVP")])
    func protocolOfAnswers(accepts: Bool, expected: String) throws {
        let offer = try self.calls.offer(sdp: audio("198.51.100.1", 4000, transport: "RTP/AVPF")) {
            $0.transportProtocol = "RTP/AVP"
        }
        #expect(offer.lines("m=").first?.contains(" RTP/AVP ") == true)
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000)) {
            $0.acceptsTransportProtocol = accepts
        }
        #expect(answer.lines("m=").first?.contains(" \(expected) ") == true)
    }
}
