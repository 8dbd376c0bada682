import ControlProtocols
import Testing
import WireFormat

@Suite("NG command")
struct NGCommandTests {
    private func command(_ name: String, _ additions: NGDictionary = [:]) throws -> NGCommand {
        var dictionary: NGDictionary = ["command": .text(name), "call-id": "c"]
        for entry in additions.entries { dictionary[entry.key] = entry.value }
        return try NGRequest(dictionary: dictionary).command
    }

    private func error(_ dictionary: NGDictionary) -> NGError? {
        do throws(NGError) {
            _ = try NGRequest(dictionary: dictionary)
            return nil
        } catch {
            return error
        }
    }

    @Test("checks what each command requires, in rtpengine's order and words")
    func checksRequired() {
        for name in [
            "start recording", "stop recording", "pause recording", "block DTMF", "unblock DTMF",
            "block media",
            "unblock media", "subscribe request", "subscribe answer", "unsubscribe", "connect",
        ] {
            #expect(self.error(["command": .text(name)]) == .noCallID, "\(name)")
        }
        #expect(self.error(["command": "connect", "call-id": "c"]) == .noFromTag)
        #expect(self.error(["command": "connect", "call-id": "c", "from-tag": "f"]) == .noToTag)
        #expect(self.error(["command": "unsubscribe", "call-id": "c"]) == .noToTag)
        #expect(self.error(["command": "subscribe answer", "call-id": "c"]) == .noToTag)
        #expect(self.error(["command": "subscribe answer", "call-id": "c", "to-tag": "t"]) == .noSDP)
        #expect(self.error(["command": "publish"]) == .noSDP)
        #expect(self.error(["command": "cli"])?.reason == "No 'body' in message")
        #expect(self.error(["command": "statistics"]) == nil)
        #expect(
            self.error(["command": "block media", "call-id": "c", "address": "nowhere"])?.reason
                == "Failed to parse network address")
    }

    @Test("reads recordings, and pauses one that is asked to stop with pause")
    func readsRecordings() throws {
        guard
            case .startRecording(let start) = try self.command(
                "start recording",
                [
                    "recording-file": "/r/a.pcap", "recording-dir": "/r", "recording-pattern": "%c",
                    "metadata": "m",
                    "from-tag": "f",
                ])
        else { throw NotThatCommand() }
        #expect(start.selector == CallSelector(callID: "c", fromTag: "f"))
        #expect(start.options.file == "/r/a.pcap" && start.options.directory == "/r")
        #expect(start.options.pattern == "%c" && start.options.metadata == "m" && !start.options.discards)

        guard
            case .stopRecording(let stop) = try self.command("stop recording", ["flags": "discard-recording"])
        else { throw NotThatCommand() }
        #expect(stop.options.discards)
        for pause: NGDictionary in [
            ["flags": .list(["pause"])], ["pause": "yes"], ["rtpp-flags": "pause=on"],
        ] {
            guard case .pauseRecording = try self.command("stop recording", pause) else {
                throw NotThatCommand()
            }
        }
        guard case .stopRecording = try self.command("stop recording", ["pause": "no"]) else {
            throw NotThatCommand()
        }
        guard case .pauseRecording = try self.command("pause recording") else { throw NotThatCommand() }
    }

    @Test("leaves out paths with control characters, or too long ones")
    func refusesPaths() throws {
        let long = String(repeating: "x", count: NGRequestLimits.pathOctets + 1)
        let request = try NGRequest(dictionary: [
            "command": "start recording", "call-id": "c", "recording-file": "a\nb",
            "recording-dir": .text(long),
        ])
        guard case .startRecording(let start) = request.command else { throw NotThatCommand() }
        #expect(start.options == RecordingOptions())
        #expect(request.notices.count == 2)
    }

    @Test(
        "reads what is blocked",
        arguments: [
            ("block DTMF", BlockRequest.Kind.dtmf, true), ("unblock DTMF", .dtmf, false),
            ("block media", .media, true), ("unblock media", .media, false),
        ])
    func readsBlocks(name: String, kind: BlockRequest.Kind, isBlocking: Bool) throws {
        guard
            case .block(let block) = try self.command(
                name,
                [
                    "from-tag": "f", "to-tag": "t", "label": "l", "to-label": "m", "address": "192.0.2.1",
                    "from-tags": .list(["x", "y,z"]), "flags": "directional", "all": "offer-answer",
                    "set-label": "n",
                ])
        else { throw NotThatCommand() }
        #expect(block.newLabel == "n")
        #expect(block.kind == kind && block.isBlocking == isBlocking)
        var parties = PartySelection(selector: CallSelector(callID: "c", fromTag: "f", toTag: "t"))
        parties.label = "l"
        parties.toLabel = "m"
        parties.address = IPAddress("192.0.2.1")
        parties.fromTags = ["x", "y,z"]
        parties.everyone = .offerAnswer
        parties.isDirectional = true
        #expect(block.parties == parties)
    }

    private func parties(_ additions: NGDictionary) throws -> PartySelection {
        guard case .block(let block) = try self.command("block media", additions) else {
            throw NotThatCommand()
        }
        return block.parties
    }

    @Test("takes a from-tag that the script wrote as meant, and one that the controller added as not")
    func tellsFromTags() throws {
        #expect(try self.parties(["from-tag": "f"]).isDirectional == false)
        #expect(try self.parties(["from-tag": "f", "rtpp-flags": "from-tag=g"]).isDirectional)
        #expect(try self.parties(["rtpp-flags": "from-tag=g"]).selector.fromTag == "g")
    }

    @Test("reads every form of from-tags and of all")
    func readsManyParties() throws {
        #expect(try self.parties(["from-tags": "a,b"]).fromTags == ["a", "b"])
        #expect(
            try self.parties(["flags": .list(["from-tags-a", "from-tags-b,c"])]).fromTags == ["a", "b,c"])
        #expect(try self.parties(["rtpp-flags": "from-tags=[a b]"]).fromTags == ["a", "b"])
        #expect(try self.parties(["flags": "all"]).everyone == .all)
        #expect(try self.parties(["all": "all"]).everyone == .all)
        #expect(try self.parties(["all": "non-offer-answer"]).everyone == .exceptOfferAnswer)
        #expect(try self.parties(["all": "flows"]).everyone == .flows)
        #expect(try self.parties(["flags": "all", "all": "none"]).everyone == nil)
        #expect(try self.parties(["all": "all", "address": "nowhere"]).address == nil)
    }

    @Test("says that DTMF is dropped where another thing was to be done to it")
    func noticesDTMFSecurity() throws {
        let request = try NGRequest(dictionary: [
            "command": "block DTMF", "call-id": "c", "DTMF-security": "silence", "trigger": "1",
            "ICE": "force",
        ])
        #expect(request.notices.compactMap(\.warning).count == 2)
    }

    @Test("publishes under names that may be missing")
    func readsPublish() throws {
        guard
            case .publish(let nameless) = try NGRequest(dictionary: ["command": "publish", "sdp": "v=0"])
                .command,
            case .publish(let publish) = try self.command(
                "publish",
                [
                    "from-tag": "f", "sdp": "v=0", "flags": .list(["bidirectional", "trust-address"]),
                    "interface": "pub", "codec": ["strip": "x"], "label": "l", "received-from": "192.0.2.1",
                ])
        else { throw NotThatCommand() }
        #expect(nameless.callID == nil && nameless.fromTag == nil && !nameless.isBidirectional)
        #expect(publish.callID == "c" && publish.fromTag == "f" && publish.isBidirectional)
        #expect(publish.sdp == Array("v=0".utf8) && publish.receivedFrom == IPAddress("192.0.2.1"))
        #expect(
            publish.options
                == options {
                    $0.sourceOfTruth = .sdp
                    $0.interface = "pub"
                    $0.codecs.strip = ["x"]
                    $0.label = "l"
                })
    }

    @Test("subscribes by label, and labels the subscriber by to-label or set-label")
    func readsSubscribeRequest() throws {
        guard
            case .subscribeRequest(let request) = try self.command(
                "subscribe request",
                [
                    "label": "source", "to-label": "copy", "to-tag": "t",
                    "flags": .list(["SIPREC", "inactive", "RTCP mirror"]),
                ])
        else { throw NotThatCommand() }
        #expect(request.parties.label == "source" && request.parties.selector.toTag == "t")
        #expect(request.isSIPREC && request.isInactive && request.mirrorsRTCP)
        #expect(request.options.label == "copy")
        guard
            case .subscribeRequest(let relabelled) = try self.command(
                "subscribe request", ["set-label": "a", "to-label": "b"])
        else { throw NotThatCommand() }
        #expect(relabelled.options.label == "a" && relabelled.parties.label == nil)
    }

    @Test("takes the to-tag beside a flags string as the message's own, unless the flags name it")
    func ignoresToTagBesideFlagString() throws {
        func toTag(_ flags: NGValue?) throws -> String? {
            var additions: NGDictionary = ["to-tag": "t"]
            additions["rtpp-flags"] = flags
            guard case .subscribeRequest(let request) = try self.command("subscribe request", additions)
            else {
                throw NotThatCommand()
            }
            return request.parties.selector.toTag
        }
        #expect(try toTag(nil) == "t")
        #expect(try toTag("all") == nil)
        #expect(try toTag("all to-tag") == "t")
        #expect(try toTag("to-tag=u") == "u")
    }

    @Test("reads subscriptions that are answered and ended, and parties that are joined")
    func readsOthers() throws {
        guard
            case .subscribeAnswer(let answer) = try self.command(
                "subscribe answer", ["to-tag": "t", "sdp": "v=0", "direction": "a,b"]),
            case .unsubscribe(let selection) = try self.command(
                "unsubscribe", ["to-tag": "t", "from-tag": "f", "flags": "directional"]),
            case .connect(let connect) = try self.command(
                "connect",
                ["from-tag": "f", "to-tag": "t", "to-call-id": "d", "flags": .list(["directional"])]),
            case .cli(let line) = try NGRequest(dictionary: ["command": "CLI", "body": "list totals"]).command
        else { throw NotThatCommand() }
        #expect(answer.selector == CallSelector(callID: "c", toTag: "t"))
        #expect(answer.options.direction == ["a", "b"])
        #expect(selection.selector == CallSelector(callID: "c", fromTag: "f", toTag: "t"))
        #expect(selection.isDirectional)
        #expect(
            connect
                == ConnectRequest(
                    selector: CallSelector(callID: "c", fromTag: "f", toTag: "t"), toCallID: "d",
                    isDirectional: true))
        #expect(line == "list totals")
    }

    @Test("has no notices for options of offers that controllers send along")
    func ignoresOptionsOfOffers() throws {
        for name in ["start recording", "block media", "unsubscribe", "connect", "query"] {
            let request = try NGRequest(dictionary: [
                "command": .text(name), "call-id": "c", "from-tag": "f", "to-tag": "t", "SDES": "off",
                "codec": ["transcode": "x"], "sdp-attr": ["bogus": 1], "extmap": 1, "interface": "a\nb",
                "flags": .list(["codec-transcode-x", "sdp-attr-x", "extmap-x", "WebRTC", "mix"]),
            ])
            #expect(request.notices == [], "\(name)")
        }
    }

    private struct NotThatCommand: Error {}
}
