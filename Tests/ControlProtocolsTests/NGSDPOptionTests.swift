import ControlProtocols
import Testing

@Suite("Options for the SDP")
struct NGSDPOptionTests {
    @Test("take effect for codecs that are there, where an engine could add others")
    func readsCodecs() throws {
        let codec: NGDictionary = [
            "strip": .list(["all"]), "except": "PCMA,PCMU", "transcode": .list(["opus"]), "accept": "G722",
            "consume": "AMR", "mask": "G729", "set": "opus/48000//x", "bogus": "y",
        ]
        let offer = try ReadOffer(["codec": .dictionary(codec)])
        #expect(
            offer.options.codecs
                == {
                    var codecs = CodecOptions()
                    codecs.strip = ["all", "G729"]
                    codecs.except = ["PCMA", "PCMU"]
                    codecs.offer = ["opus", "G722", "AMR"]
                    return codecs
                }())
        #expect(offer.unsupported.count == 5)
        #expect(offer.unknown == ["codec-bogus=y"])

        // In answers there is nothing to add to.
        let answer = try ReadOffer([
            "command": "answer", "to-tag": "t", "codec": ["transcode": "opus", "mask": "x"],
        ])
        #expect(answer.options.codecs.isEmpty && answer.notices == [])
    }

    @Test("edit attributes of the session and of the kinds of media that rtpengine knows")
    func readsAttributeEdits() throws {
        let offer = try ReadOffer([
            "sdp-attr": [
                "none": ["add": .list(["a:1", "b"])], "global": ["remove": "c"], "session": ["add": "d"],
                "Audio": ["substitute": .list(["e>f", .list(["g>h", "i"])])], "other": ["add": "x"],
                "video": ["bogus": "x"],
            ]
        ])
        #expect(
            offer.options.attributeEdits == [
                SDPAttributeEdit(.session, .add("a:1")), SDPAttributeEdit(.session, .add("b")),
                SDPAttributeEdit(.session, .remove("c")), SDPAttributeEdit(.session, .add("d")),
                SDPAttributeEdit(.media("audio"), .substitute(from: "e", to: "f")),
                SDPAttributeEdit(.media("audio"), .substitute(from: "g>h", to: "i")),
            ])
        #expect(offer.unknown == ["sdp-attr-other", "sdp-attr-bogus-video"])
        #expect(try ReadOffer(flags: "sdp-attr-add-audio").unknown == ["sdp-attr-add-audio"])
        #expect(try ReadOffer(flags: "sdp-attr-substitute-audio-x").unknown.count == 1)
    }

    @Test("let no attribute become several lines, nor be empty or endless")
    func refusesAttributes() throws {
        let long = String(repeating: "x", count: NGRequestLimits.attributeOctets + 1)
        for text in ["a\r\nm=audio 1", "a\nb", "", "\u{0}", long] {
            let offer = try ReadOffer(["sdp-attr": ["none": ["add": .list([.text(text)])]]])
            #expect(offer.options.attributeEdits == [] && offer.unsupported.count == 1)
        }
    }

    @Test("are bounded in number")
    func areBounded() throws {
        let many = NGValue.list((0..<500).map { .text("x\($0)") })
        let offer = try ReadOffer([
            "codec": ["strip": many, "offer": many], "sdp-attr": ["none": ["add": many]],
            "extmap": ["strip": many],
            "sdp-media-remove": many,
        ])
        #expect(offer.options.codecs.strip.count == NGRequestLimits.codecs)
        #expect(offer.options.attributeEdits.count == NGRequestLimits.attributeEdits)
        #expect(offer.options.headerExtensions.strip.count == NGRequestLimits.headerExtensions)
        #expect(offer.options.removedMedia == [] && offer.notices.count == NGRequestLimits.notices)
    }

    @Test("take sections and header extensions out by name")
    func readsRemovals() throws {
        let offer = try ReadOffer([
            "sdp-media-remove": "Video,other,bogus",
            "extmap": ["strip": .list(["urn:a"]), "mask": "urn:b", "x": "y"],
        ])
        #expect(offer.options.removedMedia == ["video", "other"])
        #expect(offer.options.headerExtensions.strip == ["urn:a", "urn:b"])
        #expect(
            offer.unknown == ["sdp-media-remove=bogus", "extmap-x"] && offer.unsupported == ["extmap-mask"])
        #expect(try ReadOffer(["extmap": .list(["urn:c"])]).options.headerExtensions.strip == ["urn:c"])
        #expect(try ReadOffer(flags: "extmap-bogus").unknown == ["extmap-bogus"])
    }

    @Test("stop traffic if both start and stop are asked for")
    func stopWins() throws {
        #expect(try ReadOffer(flags: "drop-traffic=start", "drop-traffic=stop").options.dropsTraffic == false)
        #expect(try ReadOffer(flags: "drop-traffic=stop", "drop-traffic=start").options.dropsTraffic == false)
        #expect(try ReadOffer(flags: "drop-traffic=maybe").unknown == ["drop-traffic=maybe"])
        #expect(try ReadOffer(flags: "record-call=maybe").unknown == ["record-call=maybe"])
    }
}
