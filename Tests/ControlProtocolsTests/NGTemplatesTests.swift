import ControlProtocols
import Testing

@Suite("Templates")
struct NGTemplatesTests {
    private static func templates(_ entries: [String: String]) throws -> NGTemplates {
        var templates = NGTemplates()
        for (name, flags) in entries { try templates.add(name: name, flags: flags) }
        return templates
    }

    private func offer(_ templates: NGTemplates, _ additions: NGDictionary = [:]) throws -> ReadOffer {
        var dictionary: NGDictionary = ["command": "offer", "call-id": "c", "from-tag": "f", "sdp": "v=0"]
        for entry in additions.entries { dictionary[entry.key] = entry.value }
        return try ReadOffer(NGRequest(dictionary: dictionary, templates: templates))
    }

    @Test("count for every request, for a command, or where they are named; what is closer goes before")
    func areRead() throws {
        let templates = try Self.templates([
            "default": "TOS=1 label=default strict-source", "offer": "TOS=2 ICE=remove",
            "WebRTC out": "ICE=force",
            "answer": "asymmetric",
        ])
        let plain = try self.offer(templates).options
        #expect(
            plain.trafficClass == 2 && plain.label == "default" && plain.strictSource && plain.ice == "remove"
        )
        #expect(!plain.isAsymmetric)
        #expect(try self.offer(templates, ["template": "webrtc_OUT"]).options.ice == "force")
        let explicit = try self.offer(templates, ["ICE": "default", "TOS": 9, "template": "WebRTC out"])
        #expect(explicit.options.ice == "default" && explicit.options.trafficClass == 9)
        #expect(explicit.notices == [])
    }

    @Test("are named by a key, by a flag or within a flags string, before everything explicit")
    func areNamed() throws {
        let templates = try Self.templates([
            "x": "direction=a direction=b ICE=force", "y": "SIP-source-address",
        ])
        for additions: NGDictionary in [
            ["ICE": "remove", "template": "x"], ["flags": .list(["ICE=remove", "template=x"])],
            ["rtpp-flags": "ICE=remove template=x"],
        ] {
            let offer = try self.offer(templates, additions)
            #expect(offer.options.ice == "remove" && offer.options.direction == ["a", "b"])
            #expect(offer.notices == [])
        }
        let both = try self.offer(templates, ["rtpp-flags": "template=x template=y direction=c direction=d"])
        #expect(both.options.direction == ["c", "d"] && both.options.sourceOfTruth == .sipSource)
    }

    @Test("that are unknown are noticed, and none names another")
    func areNoticed() throws {
        let templates = try Self.templates(["x": "template=x strict-source", "y": "template=x"])
        #expect(try self.offer(templates, ["template": "z"]).unsupported == ["template=z"])
        #expect(try self.offer(NGTemplates(), ["template": "x"]).unsupported == ["template=x"])
        let nested = try self.offer(templates, ["template": "y"])
        #expect(nested.unsupported == ["template=x"] && !nested.options.strictSource)
    }

    @Test("do not hide the tag that a controller sends beside a flags string")
    func keepToTags() throws {
        let templates = try Self.templates(["subscribe request": "all rtpp-flags=x"])
        let request = try NGRequest(
            dictionary: ["command": "subscribe request", "call-id": "c", "to-tag": "t"], templates: templates)
        guard case .subscribeRequest(let subscribe) = request.command else {
            Issue.record("another command")
            return
        }
        #expect(subscribe.parties.everyone == .all && subscribe.parties.selector.toTag == "t")
    }

    @Test("are bounded in number, in length and for each request")
    func areBounded() throws {
        var templates = NGTemplates()
        #expect(throws: NGTemplates.Failure.noName) { try templates.add(name: "", flags: "x") }
        let long = String(repeating: "x", count: NGTemplates.maximumOctets + 1)
        #expect(throws: NGTemplates.Failure.tooLong) { try templates.add(name: "x", flags: long) }
        for number in 0..<NGTemplates.maximumCount {
            try templates.add(name: "t\(number)", flags: "via-branch=\(number)")
        }
        #expect(throws: NGTemplates.Failure.tooMany) { try templates.add(name: "more", flags: "x") }
        try templates.add(name: "t0", flags: "via-branch=again")

        let names = (0..<100).map { "template=t\($0)" }.joined(separator: " ")
        let offer = try self.offer(templates, ["rtpp-flags": .text(names)])
        #expect(offer.message.selector.viaBranch == "\(NGRequestLimits.templatesPerRequest - 1)")
        #expect(!templates.isEmpty && NGTemplates().isEmpty)
    }
}
