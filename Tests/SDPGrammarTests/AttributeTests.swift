import SDPGrammar
import Testing
import WireFormat

/// A description whose session and first section have the given attribute lines.
private func description(
    session: [String] = [], media: [String] = [], line: String = "m=audio 4000 RTP/AVP 0 8 96"
) throws -> SessionDescription {
    let lines =
        ["v=0", "o=- 1 2 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"] + session + [line] + media
    return try SessionDescription(parsing: lines.joined(separator: "\r\n"))
}

extension SessionDescription {
    /// The first section; a description without one is a mistake in the test.
    fileprivate var first: MediaDescription { self.media[0] }
}

@Suite struct AttributeTests {
    @Test(arguments: [
        ([], [], MediaDirection.sendrecv), (["a=sendonly"], [], .sendonly),
        (["a=sendonly"], ["a=recvonly"], .recvonly), ([], ["a=inactive "], .inactive),
        (["a=inactive"], ["a=sendrecv"], .sendrecv), ([], ["a=sendonly:x"], .sendrecv),
        ([], ["a=SendOnly"], .sendrecv),
    ])
    func theDirectionIsThatOfTheSectionElseOfTheSession(
        session: [String], media: [String], direction: MediaDirection
    ) throws {
        let description = try description(session: session, media: media)
        #expect(description.applicableDirection(for: description.first) == direction)
    }

    @Test func theConnectionIsThatOfTheSectionElseOfTheSession() throws {
        let inherited = try description()
        #expect(
            inherited.mediaDestination(of: inherited.first)?.description == "192.0.2.1:4000")
        let own = try description(media: ["c=IN IP4 192.0.2.2", "c=IN IP4 192.0.2.3"])
        #expect(own.mediaDestination(of: own.first)?.description == "192.0.2.2:4000")
        let named = try description(media: ["c=IN IP4 media.example.net"])
        #expect(named.mediaDestination(of: named.first) == nil)
        #expect(named.applicableConnection(for: named.first)?.host == "media.example.net")
    }

    @Test(arguments: [
        ("RTP/AVP", "rtp"), ("RTP/AVPF", "rtp feedback"), ("RTP/SAVP", "rtp secure"),
        ("RTP/SAVPF", "rtp feedback secure"), ("UDP/TLS/RTP/SAVPF", "rtp feedback secure tls"),
        ("UDP/TLS/RTP/SAVP", "rtp secure tls"), ("rtp/avp", "rtp"), ("TCP/RTP/AVP", "rtp"), ("udptl", ""),
        ("UDP/BFCP", ""), ("UDP/DTLS/SCTP", "tls"), ("UDP/TLS/UDPTL", "tls"), ("RTPX/AVP", ""),
        ("TCP/MSRP", ""),
    ])
    func transportProtocolsAreKnown(name: String, traits: String) throws {
        let section = try description(line: "m=x 1 \(name) 0").first
        var found: [String] = []
        if section.isRTP { found.append("rtp") }
        if section.isFeedbackProfile { found.append("feedback") }
        if section.isSecureProfile { found.append("secure") }
        if section.usesTLS { found.append("tls") }
        #expect(found.joined(separator: " ") == traits)
    }

    @Test(arguments: [
        ("53020", 53020, nil), ("53020 IN IP4 126.16.64.4", 53020, "126.16.64.4"),
        ("53020 IN IP6 2001:db8::4", 53020, "2001:db8::4"), (" 1 ", 1, nil), ("0", 0, nil),
        ("53020 IN", nil, nil), ("65536", nil, nil), ("x", nil, nil), ("", nil, nil),
        ("1 IN IP4 2001:db8::4", nil, nil),
    ])
    func rtcpIsRead(value: String, port: UInt16?, host: String?) throws {
        let rtcp = try description(media: ["a=rtcp:\(value)"]).first.rtcp
        #expect(rtcp?.port == port)
        #expect(rtcp?.connection?.host == host)
    }

    @Test func multiplexedRTCPIsSeen() throws {
        #expect(try description(media: ["a=rtcp-mux"]).first.hasRTCPMux)
        #expect(try description(media: ["a=rtcp-mux-only"]).first.hasRTCPMux)
        #expect(try !description(media: ["a=rtcp-fb:* nack"]).first.hasRTCPMux)
    }

    @Test(arguments: [
        ("96 opus/48000/2", "96 opus/48000/2"), ("8 PCMA/8000", "8 PCMA/8000"),
        ("8 PCMA/8000/1", "8 PCMA/8000"),
        ("97 speex/16000/1;mode=any", "97 speex/16000"), ("96  VP8/90000 ", "96 VP8/90000"),
        ("31 LPC", nil), ("128 x/1", nil), ("x y/1", nil), ("96 x/0", nil), ("96 x/99999999999", nil),
        ("96", nil),
        ("96 /8000", nil), ("", nil),
    ])
    func rtpmapsAreRead(value: String, description: String?) {
        #expect(RTPMap(value)?.description == description)
    }

    @Test func staticPayloadTypesAreFilledIn() throws {
        let section = try description(
            media: [
                "a=rtpmap:96 opus/48000/2", "a=rtpmap:8 other/8000", "a=rtpmap:99 x/1",
                "a=rtpmap:96 second/1",
            ],
            line: "m=audio 1 RTP/AVP 96 0 8 9 97 10 x"
        ).first
        #expect(
            section.rtpMaps.map(\.description) == [
                "96 opus/48000/2", "0 PCMU/8000", "8 other/8000", "9 G722/8000", "10 L16/44100/2",
            ])
        #expect(try description(line: "m=image 1 udptl 0").first.rtpMaps.isEmpty)
        #expect((0...127).count { RTPMap.staticAssignment(of: $0) != nil } == 24)
    }

    @Test func formatParametersAreFoundByFormat() throws {
        let section = try description(media: ["a=fmtp:101 0-15", "a=fmtp:96 a=1; b=2", "a=fmtp:9"]).first
        #expect(section.formatParameters(of: "96") == "a=1; b=2")
        #expect(section.formatParameters(of: "101") == "0-15")
        #expect(section.formatParameters(of: "9") == nil)
        #expect(section.formatParameters(of: "1") == nil)
    }

    @Test(arguments: [
        ("20", 20.0), ("2.5", 2.5), (" 20 ", 20), ("0", nil), ("-20", nil), ("nan", nil), ("inf", nil),
        ("0x10", nil),
        ("1e3", nil), ("", nil), ("1.2.3", nil), ("11111111111111111111", nil),
    ])
    func packetTimesAreRead(value: String, milliseconds: Double?) throws {
        let section = try description(media: ["a=ptime:\(value)", "a=maxptime:\(value)"]).first
        #expect(section.packetTimeMilliseconds == milliseconds)
        #expect(section.maximumPacketTimeMilliseconds == milliseconds)
    }

    @Test func bandwidthsAreReadAtBothLevels() throws {
        let description = try description(
            session: ["b=CT:128"], media: ["b=AS:64", "b=TIAS:64000", "b=X-YZ:1", "b=bad", "b=AS:x"])
        #expect(description.bandwidths.map(\.value) == [128])
        #expect(description.first.bandwidths.map(\.modifier) == ["AS", "TIAS", "X-YZ"])
        #expect(description.first.bandwidths.map(\.value) == [64, 64000, 1])
    }

    @Test func tagsAndGroupsAreRead() throws {
        let description = try description(
            session: ["a=group:BUNDLE 0 1", "a=group:LS", "a=group"], media: ["a=mid: 0 ", "a=label:one"])
        #expect(description.groups.map(\.semantics) == ["BUNDLE", "LS"])
        #expect(description.groups.first?.mids == ["0", "1"])
        #expect(description.first.mid == "0")
        #expect(description.first.label == "one")
    }

    @Test func tagsAreNotInvented() throws {
        let description = try description()
        #expect(description.groups.isEmpty)
        #expect(description.first.mid == nil)
        #expect(description.first.label == nil)
    }
}
