import NATRules
import Testing
import WireFormat

@testable import ControlProtocols

@Suite("Flags string")
struct NGFlagStringTests {
    private func words(_ text: String) -> [NGFlagString.Word] { NGFlagString.words(Array(text.utf8)) }

    private static let cut: [(String, [NGFlagString.Word])] = [
        ("", []),
        ("   ", []),
        ("a", [.init(name: "a")]),
        (" a  b\tc\r\n", [.init(name: "a"), .init(name: "b"), .init(name: "c")]),
        ("a=b", [.init(name: "a", value: "b")]),
        ("a=b=c", [.init(name: "a", value: "b=c")]),
        ("a= b", [.init(name: "a"), .init(name: "b")]),
        ("a=x--y..z", [.init(name: "a", value: "x--y..z")]),
        ("metadata=x--y..z", [.init(name: "metadata", value: "x=y z")]),
        ("a=[]", [.init(name: "a", value: .list([]))]),
        ("a=[b c] d", [.init(name: "a", value: .list(["b", "c"])), .init(name: "d")]),
        ("a=[ b..x  c--y ]", [.init(name: "a", value: .list(["b x", "c=y"]))]),
        (
            "a=[b=c d=[e f]]x",
            [.init(name: "a", value: ["b": "c", "d": .list(["e", "f"])]), .init(name: "x")]
        ),
        ("a=[[b c] [d]]", [.init(name: "a", value: .list([.list(["b", "c"]), .list(["d"])]))]),
        ("a=[b c", [.init(name: "a", value: .list(["b", "c"]))]),
        ("a=[", [.init(name: "a", value: .list([]))]),
        ("]", [.init(name: "]")]),
        ("=", [.init(name: "")]),
        ("=x", [.init(name: "", value: "x")]),
    ]

    @Test("is cut at blanks, equals signs and brackets", arguments: Self.cut)
    func isCut(text: String, expected: [NGFlagString.Word]) {
        #expect(self.words(text) == expected)
    }

    @Test("stops at the limits of words, members and depth")
    func stopsAtLimits() {
        let many = String(repeating: "a ", count: 10_000)
        #expect(self.words(many).count == NGRequestLimits.listMembers)
        #expect(self.words("a=[\(many)]").first?.value?.list?.count == NGRequestLimits.listMembers)
        let deep = String(repeating: "[", count: 50_000)
        #expect(self.words("a=\(deep)").count == 1)
    }

    @Test("means the same as the dictionary")
    func meansTheSame() throws {
        let words = try ReadOffer(
            flagString: """
                replace-origin replace-sdp-version ICE=remove RTP/AVP direction=priv direction=pub trust-address \
                endpoint-learning=delayed no-rtcp-attribute TOS=46 address-family=IP4 media-address=192.0.2.9 \
                label=A metadata=k--v..w rtcp-mux=[offer accept] SIP-code=200 delete-delay=5 via-branch=auto
                """)
        let dictionary = try ReadOffer([
            "replace": .list(["origin", "sdp-version"]), "ICE": "remove", "transport-protocol": "RTP/AVP",
            "direction": .list(["priv", "pub"]), "flags": .list(["trust-address", "no-rtcp-attribute"]),
            "endpoint-learning": "delayed", "TOS": 46, "address-family": "IP4", "media-address": "192.0.2.9",
            "label": "A", "metadata": "k=v w", "rtcp-mux": .list(["offer", "accept"]), "SIP-code": 200,
            "delete delay": 5, "via-branch": "auto",
        ])
        #expect(words.notices == [])
        #expect(words.options == dictionary.options)
        #expect(words.message.selector == dictionary.message.selector)
        #expect(words.options.metadata == "k=v w")
    }

    @Test(
        "adds single words up to a transport protocol",
        arguments: [
            ("RTP", "RTP/AVP"), ("SRTP", "RTP/SAVP"), ("AVPF", "RTP/AVPF"), ("SRTP AVPF", "RTP/SAVPF"),
            ("AVPF SRTP AVP", "RTP/SAVP"), ("SRTP RTP", "RTP/AVP"), ("DTLS", "UDP/TLS/RTP/SAVP"),
            ("DTLS AVPF", "UDP/TLS/RTP/SAVPF"), ("DTLS SRTP", "UDP/TLS/RTP/SAVP"),
            ("SRTP RTP/AVPF", "RTP/AVPF"),
            ("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVPF"), ("RTP/SAVP", "RTP/SAVP"),
        ])
    func addsUpTransport(flags: String, name: String) throws {
        let offer = try ReadOffer(flagString: flags)
        #expect(offer.options.transportProtocol == name)
        #expect(offer.notices == [])
    }

    @Test(
        "accumulates interfaces",
        arguments: [
            ("internal external", ["internal", "external"]), ("external direction=x", ["external", "x"]),
            ("direction=a", ["a"]), ("direction=[a b]", ["a", "b"]), ("to-interface=b", ["", "b"]),
        ])
    func accumulatesInterfaces(flags: String, direction: [String]) throws {
        let offer = try ReadOffer(flagString: flags)
        #expect(offer.options.direction == direction)
        #expect(offer.notices == [])
    }

    @Test("may name the call and the parties")
    func namesParties() throws {
        let offer = try ReadOffer(flagString: "call-id=x--y from-tag=a..b to-tag=t to-tag")
        #expect(offer.message.selector == CallSelector(callID: "x--y", fromTag: "a..b", toTag: "t"))
    }

    @Test("has notices for what takes a codec engine, and keeps what needs none")
    func noticesCodecs() throws {
        let offer = try ReadOffer(
            flagString:
                "codec-strip-PCMU codec-mask=G729 transcode=PCMA codec=[strip=[a b] offer=[c]] SDES=[no-X off]"
        )
        #expect(offer.unsupported == ["codec-mask=G729", "transcode=PCMA", "SDES=no-X,off"])
        #expect(offer.unknown == [])
        #expect(
            offer.options
                == options {
                    $0.codecs.strip = ["PCMU", "G729", "a", "b"]
                    $0.codecs.offer = ["PCMA", "c"]
                })
    }

    @Test("has dictionaries, blanks and equals signs where attributes are edited")
    func editsAttributes() throws {
        let offer = try ReadOffer(
            flagString:
                "sdp-attr=[audio=[add=[ptime:20 fmtp:96..a--b]] none=[remove=[x] substitute=[y>z [p q]]]]"
                + " sdp-media-remove=[video application] extmap=[strip=[urn:a] mask=[urn:b]]")
        #expect(offer.unsupported == ["extmap-mask"])
        #expect(
            offer.options
                == options {
                    $0.attributeEdits = [
                        .init(.media("audio"), .add("ptime:20")), .init(.media("audio"), .add("fmtp:96 a=b")),
                        .init(.session, .remove("x")), .init(.session, .substitute(from: "y", to: "z")),
                        .init(.session, .substitute(from: "p", to: "q")),
                    ]
                    $0.removedMedia = ["video", "application"]
                    $0.headerExtensions.strip = ["urn:a", "urn:b"]
                })
    }

    @Test("means the same as the dictionary where lists are in brackets")
    func meansTheSameInBrackets() throws {
        let words = try ReadOffer(
            flagString: "codec-strip=[PCMU G722] codec-except=x codec-ignore=[y] codec-offer=[opus/48000/2] "
                + "single-codec NAT-wait pierce-NAT block-dtmf drop-traffic=start record-call=yes "
                + "recording-file=/a/b metadata=m replace-username AVPF replace-zero-address")
        let dictionary = try ReadOffer([
            "codec": [
                "strip": .list(["PCMU", "G722"]), "except": "x", "ignore": .list(["y"]),
                "offer": "opus/48000/2",
            ],
            "flags": .list(["single codec", "NAT wait", "pierce NAT", "block DTMF"]), "drop traffic": "start",
            "record call": "yes", "recording file": "/a/b", "metadata": "m", "transport-protocol": "RTP/AVPF",
            "replace": .list(["username", "zero-address"]),
        ])
        #expect(words.notices == [] && dictionary.notices == [])
        #expect(words.options == dictionary.options)
        #expect(words.options.recording.metadata == "m")
    }

    @Test("may hold a list of flags, but no flags strings within each other without end")
    func doesNotNestWithoutEnd() throws {
        #expect(try ReadOffer(flagString: "flags=[strict-source asymmetric]").options.strictSource)
        let nested = String(repeating: "rtpp-flags=flags=", count: 4_000) + "asymmetric"
        let offer = try ReadOffer(flagString: nested)
        #expect(!offer.options.isAsymmetric)
        #expect(offer.unknown.count == 1)
    }
}
