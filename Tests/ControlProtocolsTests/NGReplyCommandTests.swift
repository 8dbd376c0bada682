import ControlProtocols
import Testing

@Suite("NG reply to other commands")
struct NGReplyCommandTests {
    @Test("has the keys of the recorded replies to publish and subscribe request")
    func hasRecordedKeys() throws {
        let exchanges = try Fixture.exchanges(with: "26.3")
        func recorded(_ name: String) throws -> Set<String> {
            let exchange = try #require(exchanges.first { $0.name == name })
            // The recorder printed the SDP apart.
            return Set(try Fixture.json(exchange.reply).entries.map(\.key)).union(["sdp"])
        }
        let sdp = Array("v=0\r\n".utf8)
        let published = NGReply.published(sdp: sdp, callID: "pb", fromTag: "ft").dictionary
        #expect(Set(published.entries.map(\.key)) == (try recorded("publish")))
        let section = SubscribedSection(tag: "ft", index: 1, type: "audio", mode: "sendonly")
        let subscribed = NGReply.subscribed(sdp: sdp, toTag: "t", sections: [section], isSIPREC: false)
            .dictionary
        #expect(Set(subscribed.entries.map(\.key)) == (try recorded("subscribe request")))
        #expect(subscribed["from-tags"] == .list(["ft"]) && subscribed["to-tag"] == "t")
    }

    @Test("says for SIPREC which party and section each offered section comes from")
    func carriesSIPREC() {
        let sections = [
            SubscribedSection(
                tag: "a", label: "caller", index: 1, type: "audio", mediaLabel: "0", mode: "sendrecv"),
            SubscribedSection(tag: "b", index: 1, type: "audio", mediaLabel: "1", mode: "sendonly"),
        ]
        let reply = NGReply.subscribed(sdp: [0x76], toTag: "t", sections: sections, isSIPREC: true).dictionary
        #expect(
            reply == [
                "sdp": "v", "result": "ok", "to-tag": "t", "from-tags": .list(["a", "b"]),
                "tag-medias": .list([
                    [
                        "tag": "a", "label": "caller",
                        "medias": .list([["index": 1, "type": "audio", "label": "0", "mode": "sendrecv"]]),
                    ],
                    [
                        "tag": "b",
                        "medias": .list([["index": 1, "type": "audio", "label": "1", "mode": "sendonly"]]),
                    ],
                ]),
                "media-labels": [
                    "0": ["tag": "a", "index": 1, "type": "audio", "label": "caller", "mode": "sendrecv"],
                    "1": ["tag": "b", "index": 1, "type": "audio", "mode": "sendonly"],
                ],
            ])
    }

    @Test("carries statistics, files and text")
    func carriesOthers() {
        #expect(
            NGReply.ok(daemonStatistics: ["x": 1]).dictionary == ["statistics": ["x": 1], "result": "ok"])
        #expect(NGReply.ok(response: "a\nb").dictionary == ["response": "a\nb", "result": "ok"])
        #expect(NGReply.ok.recordings([]) == .ok)
        #expect(
            NGReply.ok(sdp: [0x76]).recordings(["/r/a.pcap"]).dictionary
                == ["sdp": "v", "result": "ok", "recordings": .list(["/r/a.pcap"])])
    }

    @Test("writes statistics as it would write their dictionary, in both encodings and without a cookie")
    func writesStatistics() throws {
        var source = SourceStatistics(ssrc: 4_294_967_295)
        source.cumulativeLoss = -3
        source.packets = .max
        var call = CallStatistics(
            createdMicroseconds: 1_700_000_000_123_456, lastSignalSeconds: 0, sources: [source],
            parties: [
                PartyStatistics(
                    tag: "\"quoted\"\n", number: 1, label: "ü", createdSeconds: -1,
                    subscriptions: [.init(tag: "b"), .init(tag: "", type: "pub/sub")],
                    medias: [
                        MediaStatistics(
                            index: 1, type: "audio",
                            streams: [
                                StreamStatistics(
                                    local: nil, lastPacketSeconds: 10, lastUserPacketSeconds: 100)
                            ],
                            flags: [.send, .receive], egressSources: [source]),
                        MediaStatistics(index: 2, type: ""),
                    ])
            ])
        call.isRecorded = true
        let reply = NGReply.ok(statistics: call).warning("w")
        let dictionary = reply.dictionary
        #expect(dictionary["recording"] == ["call recording": 1, "forwarding": 0])
        #expect(dictionary["SSRC"]?.dictionary?["4294967295"]?.dictionary?["cumulative loss"] == -3)
        for encoding in NGEncoding.allCases {
            #expect(
                reply.datagram(cookie: Array("k".utf8), encoding: encoding)
                    == Array("k ".utf8) + encoding.encode(dictionary))
            #expect(reply.datagram(cookie: [], encoding: encoding) == encoding.encode(dictionary))
        }
    }
}
