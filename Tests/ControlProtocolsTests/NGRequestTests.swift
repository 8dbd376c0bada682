import ControlProtocols
import NATRules
import Testing
import WireFormat

@Suite("NG request")
struct NGRequestTests {
    private func error(_ dictionary: NGDictionary) -> NGError? {
        do throws(NGError) {
            _ = try NGRequest(dictionary: dictionary)
            return nil
        } catch {
            return error
        }
    }

    @Test("checks the command first, then SDP, call-id, from-tag and to-tag")
    func checksInOrder() {
        #expect(self.error([:]) == .noCommand)
        #expect(self.error(["command": .list([])]) == .noCommand)
        #expect(self.error(["command": ""]) == .unrecognizedCommand(""))
        #expect(self.error(["command": "OFFER"]) == .unrecognizedCommand("OFFER"))
        #expect(self.error(["command": "answer"]) == .noSDP)
        #expect(self.error(["command": "answer", "sdp": ""]) == .noSDP)
        #expect(self.error(["command": "answer", "sdp": "v"]) == .noCallID)
        #expect(self.error(["command": "answer", "sdp": "v", "call-id": ""]) == .noCallID)
        #expect(self.error(["command": "answer", "sdp": "v", "call-id": "c"]) == .noFromTag)
        #expect(self.error(["command": "answer", "sdp": "v", "call-id": "c", "from-tag": "f"]) == .noToTag)
        #expect(self.error(["command": "offer", "sdp": "v", "call-id": "c", "from-tag": "f"]) == nil)
        #expect(self.error(["command": "delete"]) == .noCallID)
        #expect(self.error(["command": "query"]) == .noCallID)
        #expect(self.error(["command": "list", "limit": -1]) == .negativeLimit)
    }

    @Test("tells commands that are missing here from commands that nobody knows")
    func tellsMissingCommands() {
        #expect(
            self.error(["command": "play media"])?.reason
                == "Command \"play media\" is not supported by this relay")
        #expect(self.error(["command": "bogus"])?.reason == "Unrecognized command")
        for name in [
            "silence media", "unsilence media", "start forwarding", "stop forwarding", "play media",
            "stop media",
            "play DTMF", "create", "create answer", "mesh", "inject start", "inject stop", "transform",
        ] {
            #expect(self.error(["command": .text(name)]) == .unsupportedCommand(name))
        }
    }

    @Test("refuses identifiers that are too long, binary or split lines")
    func refusesIdentifiers() {
        func error(_ callID: NGValue) -> NGError? { self.error(["command": "query", "call-id": callID]) }
        let longest = String(repeating: "c", count: NGRequestLimits.identifierOctets)
        #expect(error(.text(longest)) == nil)
        #expect(error(.text(longest + "c")) == .invalidIdentifier(key: "call-id"))
        #expect(error("a\r\nb") == .invalidIdentifier(key: "call-id"))
        #expect(error(.string([0xFF])) == .invalidIdentifier(key: "call-id"))
        #expect(
            self.error(["command": "query", "call-id": "c", "from-tag": "\u{7F}"])?.reason
                == "Invalid from-tag in message")
    }

    @Test(
        "accepts every spelling of a key",
        arguments: [
            "received-from", "received from", "received_from", "Received-From", "RECEIVED FROM",
        ])
    func acceptsSpellings(key: String) throws {
        let offer = try ReadOffer([key: .list(["IP6", "2001:db8::1"])])
        #expect(offer.message.receivedFrom == IPAddress("2001:db8::1"))
        #expect(offer.notices == [])
    }

    @Test(
        "accepts every spelling of a flag",
        arguments: [
            "SIP-source-address", "sip-source-address", "SIP source address", "sip source address",
            "SIP_source_address",
        ])
    func acceptsFlagSpellings(flag: String) throws {
        #expect(try ReadOffer(flags: flag).options.sourceOfTruth == .sipSource)
        #expect(try ReadOffer(flags: flag).notices == [])
    }

    @Test("reads lists given as one string")
    func readsListsInStrings() throws {
        let offer = try ReadOffer([
            "flags": "trust address,strict-source", "replace": "origin,sdp-version",
            "rtcp-mux": "offer,require",
            "direction": "a,b", "received-from": "IP4 192.0.2.1", "supports": "load limit",
        ])
        #expect(
            offer.options
                == options {
                    $0.sourceOfTruth = .sdp
                    $0.strictSource = true
                    $0.replacesOrigin = true
                    $0.replacesSDPVersion = true
                    $0.rtcpMux = [.offer, .require]
                    $0.direction = ["a", "b"]
                    $0.supportsLoadLimit = true
                })
        #expect(offer.message.receivedFrom == IPAddress("192.0.2.1"))
        #expect(offer.notices == [])
        #expect(try ReadOffer(["received-from": "192.0.2.7"]).message.receivedFrom == IPAddress("192.0.2.7"))
        #expect(
            try ReadOffer(["received-from": "IP4,192.0.2.8"]).message.receivedFrom == IPAddress("192.0.2.8"))
    }

    /// Flags with a prefix, and what they must have become.
    private static let prefixed: [(String, OfferAnswerOptions)] = [
        ("replace-origin", options { $0.replacesOrigin = true }),
        ("replace-session-name", options { $0.replacesSessionName = true }),
        ("replace-SDP-version", options { $0.replacesSDPVersion = true }),
        ("replace-force-increment-sdp-ver", options { $0.forcesSDPVersionIncrement = true }),
        ("replace-username", options { $0.replacesUsername = true }),
        ("replace-origin_full", options { $0.replacesFullOrigin = true }),
        ("replace-zero address", options { $0.replacesZeroAddress = true }),
        ("rtcp-mux-demux", options { $0.rtcpMux = [.demux] }),
        ("endpoint-learning-immediate", options { $0.endpointLearning = .immediate }),
        ("endpoint-learning=heuristic", options { $0.endpointLearning = .heuristic }),
        ("ICE-force", options { $0.ice = "force" }),
        ("ICE=force_relay", options { $0.ice = "force-relay" }),
        ("direction-priv", options { $0.direction = ["priv"] }),
        ("transport-protocol-rtp/savp", options { $0.transportProtocol = "RTP/SAVP" }),
        ("transport protocol=UDPTL", options { $0.transportProtocol = "UDPTL" }),
        ("transport-protocol=accept", options { $0.acceptsTransportProtocol = true }),
        ("RTP/AVPF", options { $0.transportProtocol = "RTP/AVPF" }),
        ("full RTCP attribute", options { $0.rtcpAttribute = .full }),
        ("no port latching", options { $0.portLatching = false }),
        ("debugging", options { $0.debug = true }),
        ("provisional", options { $0.isProvisional = true }),
        ("SIP-code=183", options { $0.sipCode = 183 }),
        ("NAT-wait", options { $0.waitsForNAT = true }),
        ("pierce NAT", options { $0.piercesNAT = true }),
        ("new branch", options { $0.isNewBranch = true }),
        ("block-DTMF", options { $0.blocksDTMF = true }),
        ("drop-traffic=start", options { $0.dropsTraffic = true }),
        ("record call", options { $0.recordsCall = true }),
        ("record-call=on", options { $0.recordsCall = true }),
        ("record-call=no", options { $0.recordsCall = false }),
        ("recording-dir=/x", options { $0.recording.directory = "/x" }),
        ("output destination=/x/y.pcap", options { $0.recording.file = "/x/y.pcap" }),
        ("output-pattern=%c", options { $0.recording.pattern = "%c" }),
        ("discard recording", options { $0.recording.discards = true }),
        ("single-codec", options { $0.codecs.isSingle = true }),
        ("allow empty codec medias", options { $0.codecs.allowsNone = true }),
        ("codec-strip-PCMU", options { $0.codecs.strip = ["PCMU"] }),
        ("codec-except-opus/48000/2", options { $0.codecs.except = ["opus/48000/2"] }),
        ("codec-offer-telephone-event", options { $0.codecs.offer = ["telephone-event"] }),
        ("codec-ignore-all", options { $0.codecs.ignore = ["all"] }),
        (
            "sdp-attr-remove-audio-foo",
            options { $0.attributeEdits = [.init(.media("audio"), .remove("foo"))] }
        ),
        ("sdp-attr-add-none-x--y..z", options { $0.attributeEdits = [.init(.session, .add("x=y z"))] }),
        (
            "sdp-attr-substitute-video-a:1>b-c",
            options { $0.attributeEdits = [.init(.media("video"), .substitute(from: "a:1", to: "b-c"))] }
        ),
        ("sdp-media-remove=video", options { $0.removedMedia = ["video"] }),
        ("strip extmap", options { $0.headerExtensions.stripsAll = true }),
        ("extmap-strip-urn:x-y:z", options { $0.headerExtensions.strip = ["urn:x-y:z"] }),
        ("extmap-strip-all", options { $0.headerExtensions.stripsAll = true }),
    ]

    @Test("reads flags that are a key and a value in one word", arguments: Self.prefixed)
    func readsPrefixedFlags(flag: String, expected: OfferAnswerOptions) throws {
        let offer = try ReadOffer(flags: flag)
        #expect(offer.options == expected)
        #expect(offer.notices == [])
    }

    @Test(
        "has a notice with a consequence for what rtpengine would do",
        arguments: [
            "SDES-off", "SDES-only-AES_CM_128_HMAC_SHA1_80", "OSRTP-offer", "BUNDLE-accept",
            "codec-set-opus--x",
            "T38-decode", "T.38-force", "ICE-reject", "ICE-lite", "trickle ICE", "WebRTC", "generate RTCP",
            "inject-DTMF", "detect DTMF", "audio-player", "recrypt", "DTLS-fingerprint=sha-1", "template=x",
            "ptime=40", "delay-buffer=20", "media echo=both", "alias-key=SDP", "xmlrpc-callback=x",
            "peer=192.0.2.1", "interface=x", "moh=x", "transport-protocol=RTP/SAVP OSRTP",
            "DTMF-security=silence", "exclude-recording", "recording announcement", "mix", "egress",
            "always transcode", "allow asymmetric codecs", "block-short",
        ])
    func noticesUnsupported(flag: String) throws {
        let offer = try ReadOffer(flags: flag)
        #expect(offer.unsupported.count == 1)
        #expect(offer.unknown == [])
        #expect(offer.options == OfferAnswerOptions())
    }

    @Test(
        "accepts in silence what changes nothing",
        arguments: [
            "symmetric", "force", "no-redis-update", "no-jitter-buffer", "VSC-start-rec=*1",
            "recording-media-slots=2", "SIP-message-type=request", "DTMF-security=drop", "to-label=x",
            "generate RTCP=off",
            "passthrough=on", "asymmetric codecs", "",
        ])
    func acceptsInSilence(flag: String) throws {
        let offer = try ReadOffer(flags: flag)
        #expect(offer.notices == [])
        #expect(offer.options == OfferAnswerOptions())
    }

    @Test("names what nobody knows, once and shortened, and goes on")
    func namesUnknown() throws {
        let long = String(repeating: "x", count: 200)
        let offer = try ReadOffer([
            "flags": .list(["xyzzy", "xyzzy", "line\r\nbreak", .text(long), "strict-source"]), "bogus": 1,
            "replace": "foo", "ICE": "bar", "rtcp-mux": "baz", "address-family": "IPX", "TOS": "high",
            "transport-protocol": "RTP/AVP\r\na=x", "media-address": "example.org",
            "endpoint-learning": "never",
            "supports": "everything", "received-from": "nowhere", "delete-delay": "soon",
            "direction": "a,b,c",
        ])
        #expect(
            Set(offer.unknown) == [
                "xyzzy", "line??break", String(repeating: "x", count: NGRequestLimits.noticeOctets), "bogus",
                "replace=foo", "ICE=bar", "rtcp-mux=baz", "address-family=IPX", "TOS=high",
                "transport-protocol=RTP/AVP??a=x", "media-address=example.org", "endpoint-learning=never",
                "supports=everything", "received-from=nowhere", "delete-delay=soon", "direction=c",
            ])
        #expect(offer.unsupported == [])
        #expect(
            offer.options
                == options {
                    $0.strictSource = true
                    $0.direction = ["a", "b"]
                })
    }

    @Test("bounds the number of notices")
    func boundsNotices() throws {
        let flags = (0..<1_000).map { NGValue.text("unknown-\($0)") }
        #expect(try ReadOffer(["flags": .list(flags)]).notices.count == NGRequestLimits.notices)
    }

    @Test("leaves out labels, metadata and interface names that are too long, and says so")
    func leavesOutTooLong() throws {
        let offer = try ReadOffer([
            "label": .text(String(repeating: "l", count: NGRequestLimits.labelOctets + 1)),
            "metadata": .text(String(repeating: "m", count: NGRequestLimits.metadataOctets + 1)),
            "from-interface": .text(String(repeating: "i", count: NGRequestLimits.interfaceNameOctets + 1)),
            "to-interface": "line\nbreak",
        ])
        #expect(offer.unsupported.count == 4)
        #expect(offer.options == options { $0.direction = ["", ""] })
        #expect(try ReadOffer(["metadata": "a=b|c"]).options.metadata == "a=b|c")
    }

    @Test("prefers set-label to label, in whichever order they come")
    func prefersSetLabel() throws {
        #expect(try ReadOffer(["label": "a", "set-label": "b"]).options.label == "b")
        #expect(try ReadOffer(["set-label": "b", "label": "a"]).options.label == "b")
        #expect(try ReadOffer(["from-label": "a"]).options.label == "a")
    }

    @Test("reads single interfaces by side")
    func readsSingleInterfaces() throws {
        #expect(try ReadOffer(["to-interface": "pub"]).options.direction == ["", "pub"])
        #expect(
            try ReadOffer(["to interface": "pub", "from-interface": "priv"]).options.direction == [
                "priv", "pub",
            ])
    }

    @Test(
        "takes the daemon's traffic class unless one from 0 to 255 is given",
        arguments: [
            (NGValue.integer(0), UInt8?.some(0)), ("255", 255), (256, nil), (100_000, nil), (-1, nil),
        ])
    func readsTrafficClass(value: NGValue, expected: UInt8?) throws {
        let offer = try ReadOffer(["TOS": value])
        #expect(offer.options.trafficClass == expected)
        #expect(offer.unsupported == (value.integer == -1 ? ["TOS=-1"] : []))
    }

    @Test("reads the delay of a delete under any spelling, as text or number, within limits")
    func readsDeleteDelay() throws {
        func delay(_ key: String, _ value: NGValue) throws -> Int? {
            let request = try NGRequest(dictionary: ["command": "delete", "call-id": "c", key: value])
            guard case .delete(let delete) = request.command else { return nil }
            return delete.delaySeconds
        }
        #expect(try delay("delete delay", 0) == 0)
        #expect(try delay("delete-delay", "15") == 15)
        #expect(try delay("delete_delay", "007") == 7)
        #expect(try delay("delete delay", -1) == nil)
        #expect(try delay("delete delay", .integer(.max)) == 86_400)
    }

    @Test("ignores offer's options in a delete, but obeys its own flags")
    func readsDelete() throws {
        let request = try NGRequest(dictionary: [
            "command": "delete", "call-id": "c", "from-tag": "f", "to-tag": "t", "via-branch": "b",
            "ICE": "force",
            "flags": .list(["force", "trust-address", "WebRTC", "to-tag", "fatal", "fast", "SDES-off", "RTP"]
            ),
            "replace": "origin", "transport-protocol": "nonsense", "received-from": "nonsense", "TOS": "x",
            "codec": ["strip": "all"], "bogus": 1,
        ])
        guard case .delete(let delete) = request.command else {
            Issue.record("not a delete")
            return
        }
        #expect(delete.selector == CallSelector(callID: "c", fromTag: "f", toTag: "t", viaBranch: "b"))
        #expect(delete.matchesToTag && delete.isFatal && delete.omitsStatistics)
        #expect(request.notices == [.unknown("bogus")])
    }

    @Test("lists 32 calls unless told otherwise")
    func readsList() throws {
        func limit(_ dictionary: NGDictionary) throws -> Int? {
            guard case .list(let limit) = try NGRequest(dictionary: dictionary).command else { return nil }
            return limit
        }
        #expect(try limit(["command": "list"]) == 32)
        #expect(try limit(["command": "list", "limit": 0]) == 0)
        #expect(try limit(["command": "list", "limit": "7"]) == 7)
        #expect(try limit(["command": "list", "limit": "many"]) == 32)
    }

    @Test("lets the last of contradicting keys count")
    func lastOneCounts() throws {
        #expect(
            try ReadOffer(flags: "trust-address", "SIP-source-address").options.sourceOfTruth == .sipSource)
        #expect(try ReadOffer(flags: "port-latching", "no-port-latching").options.portLatching == false)
        #expect(try ReadOffer(["call-id": "x", "Call-ID": "y"]).message.selector.callID == "y")
    }
}
