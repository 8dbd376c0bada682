import ControlProtocols
import Testing
import WireFormat

@Suite("NG reply")
struct NGReplyTests {
    private func text(_ reply: NGReply) -> String {
        String(decoding: NGEncoding.bencode.encode(reply.dictionary), as: UTF8.self)
    }

    @Test("says what there is to say")
    func saysWhatThereIs() {
        #expect(self.text(.ok) == "d6:result2:oke")
        #expect(self.text(.ok(sdp: Array("v=0\r\n".utf8))) == "d3:sdp5:v=0\r\n6:result2:oke")
        #expect(self.text(.ok(calls: ["a", "b"])) == "d5:callsl1:a1:be6:result2:oke")
        #expect(
            self.text(.error(NGReason.unknownCall))
                == "d6:result5:error12:error-reason15:Unknown call-ide")
        #expect(self.text(.error(.noToTag)) == "d6:result5:error12:error-reason20:No to-tag in messagee")
        #expect(
            self.text(.ok.warning(NGReason.nothingToDelete))
                == "d6:result2:ok7:warning38:Call-ID not found or tags didn't matche")
    }

    @Test("reports a limit as such only to controllers that understand it")
    func reportsLimits() {
        let reason = NGReason.sessionLimitReached
        #expect(
            self.text(.loadLimit(reason, isSupported: true))
                == "d6:result10:load limit7:message30:Parallel session limit reachede")
        #expect(self.text(.loadLimit(reason, isSupported: false)) == self.text(.error(reason)))
    }

    @Test("keeps the outcome when it has to be short")
    func isShortened() {
        let long = NGReply.ok(statistics: Self.recordedCall())
        #expect(long.shortened.dictionary["result"] == "ok" && long.shortened.dictionary["tags"] == nil)
        #expect(long.shortened.dictionary["totals"] == long.dictionary["totals"])
        #expect(self.text(long.shortened).contains("7:warning29:Reply too long for a datagram"))
        #expect(NGReply.ok(sdp: [0x76]).shortened == .error(NGReason.replyTooLong))
        #expect(NGReply.ok(calls: ["a"]).shortened == .error(NGReason.replyTooLong))
    }

    /// The call of the recorded query, rebuilt.
    private static func recordedCall(withLocalPorts: Bool = true) -> CallStatistics {
        func stream(_ address: String, _ port: UInt16, _ flag: StreamFlag) -> StreamStatistics {
            let endpoint = TransportAddress("\(address):\(port)")
            return StreamStatistics(
                local: withLocalPorts ? TransportAddress("203.0.113.1:30000") : nil, endpoint: endpoint,
                advertisedEndpoint: endpoint, lastPacketSeconds: 1, lastUserPacketSeconds: 1,
                flags: [flag, .filled])
        }
        func party(_ tag: String, peer: String, _ address: String, _ port: UInt16) -> PartyStatistics {
            PartyStatistics(
                tag: tag, number: 1, createdSeconds: 1, subscriptions: [.init(tag: peer)],
                subscribers: [.init(tag: peer)],
                medias: [
                    MediaStatistics(
                        index: 1, type: "audio", protocolName: "RTP/AVP",
                        streams: [stream(address, port, .rtp), stream(address, port + 1, .rtcp)],
                        flags: [.initialized, .send, .receive])
                ])
        }
        return CallStatistics(
            createdMicroseconds: 1_400_012, lastSignalSeconds: 1,
            parties: [
                party("ft", peer: "tt", "198.51.100.1", 4_000),
                party("tt", peer: "ft", "198.51.100.3", 5_000),
            ])
    }

    @Test("has the shape of the recorded reply to a query")
    func hasRecordedShape() throws {
        let exchange = try #require(try Fixture.exchanges(with: "26.3").first { $0.name == "query" })
        var recorded = try Fixture.json(exchange.reply)
        // The recorder blanked the time of creation; ICE is another story.
        recorded["created_ts"] = 1_400_012
        let text = String(decoding: JSON.encode(.dictionary(recorded)), as: UTF8.self)
            .replacing(",\"ICE controlling\"", with: "")
        let expected = try Fixture.json(text)
        #expect(NGReply.ok(statistics: Self.recordedCall()).dictionary == expected)
    }

    @Test("says nothing about ports that are closed")
    func omitsClosedPorts() throws {
        let call = try #require(Self.recordedCall(withLocalPorts: false).encoded().dictionary)
        let stream = call["tags"]?.dictionary?["ft"]?.dictionary?["medias"]?.list?[0].dictionary?["streams"]?
            .list?[0]
        let keys = try #require(stream?.dictionary).entries.map(\.key)
        #expect(
            keys == [
                "endpoint", "advertised endpoint", "last packet", "last kernel packet", "last user packet",
                "flags",
                "stats", "stats_out",
            ])
    }

    @Test("carries quality per source where Kamailio looks for it")
    func carriesQuality() throws {
        var source = SourceStatistics(ssrc: 0xDEAD_BEEF)
        source.packets = 1_500
        source.bytes = 258_000
        source.cumulativeLoss = 3
        source.quality = SourceStatistics.Quality(
            average: QualitySample(
                scoreTimesTen: 41, lossPercent: 1, jitterMilliseconds: 3, roundTripMicroseconds: 20_000,
                legRoundTripMicroseconds: 9_000),
            samples: 12,
            lowest: QualitySample(
                scoreTimesTen: 38, lossPercent: 4, jitterMilliseconds: 9, reportedAtSeconds: 1_700_000_000),
            highest: QualitySample(
                scoreTimesTen: 44, lossPercent: 0, jitterMilliseconds: 0, reportedAtSeconds: 1_700_000_005))
        var call = Self.recordedCall()
        call.sources = [source]
        call.parties[0].label = "caller"
        call.parties[0].viaBranch = "z9hG4bK1"
        call.parties[0].metadata = "m"
        call.parties[0].medias[0].ingressSources = [source]
        call.parties[1].tag = ""
        let dictionary = try #require(call.encoded().dictionary)

        let entry = try #require(dictionary["SSRC"]?.dictionary?["3735928559"]?.dictionary)
        #expect(
            entry == [
                "bytes": 258_000, "packets": 1_500, "cumulative loss": 3,
                "average MOS": [
                    "MOS": 41, "round-trip time": 20_000, "round-trip time leg": 9_000, "jitter": 3,
                    "packet loss": 1, "samples": 12,
                ],
                "lowest MOS": ["MOS": 38, "jitter": 9, "packet loss": 4, "reported at": 1_700_000_000],
                "highest MOS": ["MOS": 44, "jitter": 0, "packet loss": 0, "reported at": 1_700_000_005],
            ])
        let tags = try #require(dictionary["tags"]?.dictionary)
        #expect(tags.entries.map(\.key) == ["ft", "<untagged 1>"])
        let party = try #require(tags["ft"]?.dictionary)
        #expect(party["label"] == "caller" && party["via-branch"] == "z9hG4bK1" && party["metadata"] == "m")
        let media = try #require(party["medias"]?.list?[0].dictionary)
        #expect(media["ingress SSRCs"]?.list?[0].dictionary?["SSRC"] == 3_735_928_559)
        #expect(media["ingress SSRCs"]?.list?[0].dictionary?["average MOS"] == entry["average MOS"])
        #expect(media["streams"]?.list?[0].dictionary?["SSRC"] == 3_735_928_559)
    }

    @Test("caps counters at what fits")
    func capsCounters() {
        var sum = PacketCounters(packets: 1, bytes: 2, errors: 3)
        sum += PacketCounters(packets: 10, bytes: 20, errors: 30)
        #expect(sum.encoded() == ["packets": 11, "bytes": 22, "errors": 33])
        #expect(PacketCounters(bytes: .max).encoded().dictionary?["bytes"] == .integer(.max))
    }
}
