import ControlProtocols
import NATRules
import Testing
import WireFormat

@Suite("Requests of Kamailio 5.6.3")
struct KamailioRequestTests {
    @Test("are read, every recorded one")
    func areRead() throws {
        let requests = try Fixture.kamailioRequests()
        #expect(requests.count == 83)
        for recorded in requests {
            let message = try NGMessage(datagram: recorded.datagram)
            if recorded.command == "play media" {
                #expect(throws: NGError.unsupportedCommand(recorded.command)) { try NGRequest(message) }
                continue
            }
            let request = try NGRequest(message)
            switch request.command {
            case .offer(let offer):
                #expect(recorded.command == "offer")
                #expect(offer.selector.callID.hasPrefix("cap") || offer.selector.callID == "forced-cid")
                #expect(offer.selector.fromTag != nil)
                #expect(offer.sdp.starts(with: Array("v=0\r\n".utf8)))
                #expect(offer.receivedFrom == IPAddress("127.0.0.1"))
                #expect(offer.options.supportsLoadLimit)
            case .answer(let answer):
                #expect(recorded.command == "answer")
                #expect(answer.selector.toTag != nil)
                #expect(answer.receivedFrom == IPAddress("127.0.0.1"))
            case .delete(let delete):
                #expect(recorded.command == "delete")
                #expect(delete.selector.toTag == nil)
                #expect(!delete.matchesToTag && !delete.isFatal && !delete.omitsStatistics)
                #expect(request.notices.isEmpty)
            case .query(let selector):
                #expect(recorded.command == "query")
                #expect(selector.fromTag == "ft068" && selector.toTag == "tt068")
            case .block(let block):
                #expect(recorded.command == "block DTMF")
                #expect(block.kind == .dtmf && block.isBlocking && block.parties.selector.fromTag == nil)
                #expect(request.notices.isEmpty)
            default:
                Issue.record("not recorded")
            }
        }
    }

    /// Script flags, and what they must have become.
    private static let becomes: [(String, OfferAnswerOptions)] = [
        ("direction=priv direction=pub", options { $0.direction = ["priv", "pub"] }),
        ("direction=pub direction=priv", options { $0.direction = ["pub", "priv"] }),
        ("internal external", options { $0.direction = ["internal", "external"] }),
        (
            "replace-origin replace-session-connection direction=external direction=internal RTP",
            options {
                $0.direction = ["external", "internal"]
                $0.replacesOrigin = true
                $0.replacesSessionConnection = true
                $0.transportProtocol = "RTP/AVP"
            }
        ),
        (
            "force trust-address symmetric replace-origin replace-session-connection ICE=force RTP/SAVPF",
            options {
                $0.sourceOfTruth = .sdp
                $0.replacesOrigin = true
                $0.replacesSessionConnection = true
                $0.ice = "force"
                $0.transportProtocol = "RTP/SAVPF"
            }
        ),
        ("trust-address", options { $0.sourceOfTruth = .sdp }),
        ("SIP-source-address", options { $0.sourceOfTruth = .sipSource }),
        ("symmetric", options { _ in }),
        ("force", options { _ in }),
        ("asymmetric", options { $0.isAsymmetric = true }),
        ("strict-source", options { $0.strictSource = true }),
        ("media-handover", options { $0.mediaHandover = true }),
        ("unidirectional", options { $0.isUnidirectional = true }),
        ("port-latching", options { $0.portLatching = true }),
        ("reset", options { $0.resets = true }),
        ("loop-protect", options { $0.loopProtect = true }),
        ("generate-mid", options { $0.generatesMID = true }),
        ("original-sendrecv", options { $0.keepsDirection = true }),
        ("no-rtcp-attribute", options { $0.rtcpAttribute = .none }),
        ("ICE=force", options { $0.ice = "force" }),
        ("ICE=remove", options { $0.ice = "remove" }),
        ("ICE=force-relay", options { $0.ice = "force-relay" }),
        ("ICE=default", options { $0.ice = "default" }),
        ("RTP/SAVPF", options { $0.transportProtocol = "RTP/SAVPF" }),
        ("RTP/SAVP", options { $0.transportProtocol = "RTP/SAVP" }),
        ("RTP/AVP", options { $0.transportProtocol = "RTP/AVP" }),
        ("RTP/AVPF", options { $0.transportProtocol = "RTP/AVPF" }),
        ("SRTP", options { $0.transportProtocol = "RTP/SAVP" }),
        ("AVPF", options { $0.transportProtocol = "RTP/AVPF" }),
        ("DTLS", options { $0.transportProtocol = "UDP/TLS/RTP/SAVP" }),
        ("UDP/TLS/RTP/SAVPF", options { $0.transportProtocol = "UDP/TLS/RTP/SAVPF" }),
        ("rtcp-mux-offer", options { $0.rtcpMux = [.offer] }),
        ("rtcp-mux-demux", options { $0.rtcpMux = [.demux] }),
        ("rtcp-mux-require", options { $0.rtcpMux = [.require] }),
        ("rtcp-mux-accept", options { $0.rtcpMux = [.accept] }),
        ("rtcp-mux-reject", options { $0.rtcpMux = [.reject] }),
        ("TOS=184", options { $0.trafficClass = 184 }),
        ("address-family=IP6", options { $0.addressFamily = .ipv6 }),
        ("media-address=203.0.113.77", options { $0.mediaAddress = IPAddress("203.0.113.77") }),
        ("delete-delay=0", options { $0.deleteDelaySeconds = 0 }),
        ("label=caller", options { $0.label = "caller" }),
        ("set-label=caller", options { $0.label = "caller" }),
        ("to-tag", options { _ in }),
        ("codec-strip-G729", options { $0.codecs.strip = ["G729"] }),
        ("record-call=yes", options { $0.recordsCall = true }),
    ]

    @Test("become the options that the script asked for", arguments: Self.becomes)
    func becomeOptions(scriptFlags: String, expected: OfferAnswerOptions) throws {
        let recorded = try #require(
            try Fixture.kamailioRequests().first { $0.command == "offer" && $0.scriptFlags == scriptFlags })
        let offer = try ReadOffer(NGRequest(NGMessage(datagram: recorded.datagram)))
        #expect(offer.notices == [])
        var options = expected
        options.supportsLoadLimit = true
        #expect(offer.options == options)
    }

    @Test(
        "are noticed where they ask for what is not done",
        arguments: [
            ("DTLS=passive", "DTLS=passive"), ("DTLS=off", "DTLS=off"), ("SDES-off", "SDES=off"),
            ("SDES-unencrypted_srtp", "SDES=unencrypted_srtp"),
            ("SDES-no-AES_CM_128_HMAC_SHA1_80", "SDES=no-AES_CM_128_HMAC_SHA1_80"),
            ("repacketize=20", "repacketize=20"), ("always-transcode", "always-transcode"),
            ("pad-crypto", "pad-crypto"), ("T38-force", "T.38=force"),
        ])
    func areNoticed(scriptFlags: String, name: String) throws {
        let recorded = try #require(
            try Fixture.kamailioRequests().first { $0.command == "offer" && $0.scriptFlags == scriptFlags })
        let offer = try ReadOffer(NGRequest(NGMessage(datagram: recorded.datagram)))
        #expect(offer.unsupported == [name])
        #expect(offer.unknown == [])
        #expect(offer.options == options { $0.supportsLoadLimit = true })
    }

    @Test("keep what transcoding means for codecs that are there already")
    func keepOffers() throws {
        let recorded = try #require(
            try Fixture.kamailioRequests().first { $0.scriptFlags == "codec-transcode-opus" })
        let offer = try ReadOffer(NGRequest(NGMessage(datagram: recorded.datagram)))
        #expect(offer.unsupported == ["codec-transcode=opus"])
        #expect(offer.options.codecs.offer == ["opus"])
    }

    @Test("carry what rtpengine does not know either as unknown")
    func carryUnknown() throws {
        let recorded = try #require(
            try Fixture.kamailioRequests().first { $0.scriptFlags == "media-timeout=30" })
        let offer = try ReadOffer(NGRequest(NGMessage(datagram: recorded.datagram)))
        #expect(offer.unknown == ["media-timeout"])
        #expect(offer.unsupported == [])
    }

    @Test(
        "name calls, parties and branches",
        arguments: [
            (
                "via-branch=1",
                CallSelector(callID: "cap036-rtpengine@t", fromTag: "ft036", viaBranch: "z9hG4bKc036")
            ),
            (
                "via-branch=auto",
                CallSelector(callID: "cap037-rtpengine@t", fromTag: "ft037", viaBranch: "z9hG4bKc037")
            ),
            (
                "via-branch=extra",
                CallSelector(callID: "cap038-rtpengine@t", fromTag: "ft038", viaBranch: "xtra-1")
            ),
            ("call-id=forced-cid", CallSelector(callID: "forced-cid", fromTag: "ft061")),
            ("from-tag=forced-ft", CallSelector(callID: "cap062-rtpengine@t", fromTag: "forced-ft")),
        ])
    func nameParties(scriptFlags: String, selector: CallSelector) throws {
        let recorded = try #require(try Fixture.kamailioRequests().first { $0.scriptFlags == scriptFlags })
        let offer = try ReadOffer(NGRequest(NGMessage(datagram: recorded.datagram)))
        #expect(offer.message.selector == selector)
    }
}
