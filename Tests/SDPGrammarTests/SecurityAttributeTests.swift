import SDPGrammar
import Testing
import WireFormat

private func session(_ session: [String] = [], _ media: [String]) throws -> SessionDescription {
    let lines =
        ["v=0", "o=- 1 2 IN IP4 192.0.2.1"] + session + ["m=audio 4000 UDP/TLS/RTP/SAVPF 0"] + media
    return try SessionDescription(parsing: lines.joined(separator: "\n"))
}

@Suite struct SecurityAttributeTests {
    @Test func cryptoIsReadWithAllItsParts() throws {
        let crypto = try #require(
            CryptoAttribute(
                "1 AES_CM_128_HMAC_SHA1_80 inline:d0Rm|2^20|1:32;inline:QUI=|1:4;inline:Q0Q=|1000 UNENCRYPTED_SRTP KDR=1"
            ))
        #expect(crypto.tag == 1)
        #expect(crypto.suite == "AES_CM_128_HMAC_SHA1_80")
        #expect(crypto.keys.map(\.keyAndSalt) == ["d0Rm", "QUI=", "Q0Q="])
        #expect(crypto.keys.map(\.lifetimePackets) == [1_048_576, nil, 1000])
        #expect(crypto.keys.map(\.masterKeyIdentifier?.value) == ["1", "1", nil])
        #expect(crypto.keys.map(\.masterKeyIdentifier?.length) == [32, 4, nil])
        #expect(crypto.sessionParameters == ["UNENCRYPTED_SRTP", "KDR=1"])
    }

    @Test(arguments: [
        "", "1", "1 AES", "x AES inline:a", "1234567890 AES inline:a", "1 AES uri:x", "1 AES inline:",
        "1 AES inline",
        "1 AES inline:a|", "1 AES inline:a|x", "1 AES inline:a|2^49", "1 AES inline:a|3^2",
        "1 AES inline:a|0",
        "1 AES inline:a|1:0", "1 AES inline:a|1:129", "1 AES inline:a|:4", "1 AES inline:a|x:4",
        "1 AES inline:a|1:4|2",
        "1 AES inline:a|2|1:4|5", "1 AES inline:a;", "1 AES inline:a|2^64",
    ])
    func malformedCryptoIsLeftOut(value: String) throws {
        #expect(CryptoAttribute(value) == nil)
        #expect(
            try session([], ["a=crypto:\(value)", "a=crypto:2 S inline:k"]).media[0].cryptos.map(\.tag) == [2]
        )
    }

    @Test func fingerprintsAreRead() throws {
        let print = try #require(Fingerprint("SHA-256 0B:4f:FF"))
        #expect(print.hashFunction == "sha-256")
        #expect(print.digest == [0x0B, 0x4F, 0xFF])
    }

    @Test(arguments: [
        "", "sha-256", "sha-256 0", "sha-256 00:1", "sha-256 0G", "sha-256 00: 11", "sha-256 00::11",
        "sha-256 00:",
    ])
    func malformedFingerprintsAreLeftOut(value: String) {
        #expect(Fingerprint(value) == nil)
    }

    @Test func sectionsInheritWhatTheyDoNotSay() throws {
        let inherited = try session(
            ["a=setup:actpass", "a=fingerprint:sha-1 00", "a=ice-ufrag:u", "a=ice-pwd:p"], [])
        #expect(inherited.applicableSetup(for: inherited.media[0]) == .actpass)
        #expect(inherited.applicableFingerprints(for: inherited.media[0]).map(\.digest) == [[0]])
        #expect(inherited.applicableICEUsernameFragment(for: inherited.media[0]) == "u")
        #expect(inherited.applicableICEPassword(for: inherited.media[0]) == "p")
        #expect(inherited.hasICE(for: inherited.media[0]))
        let own = try session(
            ["a=setup:actpass", "a=fingerprint:sha-1 00"],
            ["a=setup:passive", "a=fingerprint:sha-1 11", "a=tls-id:abc", "a=ice-ufrag:u"])
        #expect(own.applicableSetup(for: own.media[0]) == .passive)
        #expect(own.applicableFingerprints(for: own.media[0]).map(\.digest) == [[0x11]])
        #expect(own.media[0].tlsID == "abc")
        #expect(!own.hasICE(for: own.media[0]))
        #expect(try session([], ["a=setup:other"]).media[0].setup == nil)
    }
}

@Suite struct ICEAttributeTests {
    @Test func candidatesAreReadWithAllTheirParts() throws {
        let candidate = try #require(
            Candidate(
                "abc 2 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998 generation 0 x y"))
        #expect(candidate.foundation == "abc")
        #expect(candidate.component == 2)
        #expect(candidate.transport == "UDP")
        #expect(candidate.priority == 1_694_498_815)
        #expect(candidate.host == "192.0.2.3")
        #expect(candidate.address?.description == "192.0.2.3")
        #expect(candidate.port == 45664)
        #expect(candidate.kind == .serverReflexive)
        #expect(candidate.relatedHost == "10.0.1.1")
        #expect(candidate.relatedPort == 8998)
        #expect(candidate.extensions.map(\.name) == ["generation", "x"])
        #expect(candidate.extensions.map(\.value) == ["0", "y"])
    }

    @Test(arguments: [
        ("host", Candidate.Kind.host), ("prflx", .peerReflexive), ("relay", .relayed), ("new", .other("new")),
    ])
    func kindsAreRead(name: String, kind: Candidate.Kind) {
        #expect(Candidate("1 1 udp 1 x.local 1 typ \(name)")?.kind == kind)
        #expect(Candidate("1 1 udp 1 x.local 1 typ \(name)")?.address == nil)
    }

    @Test(arguments: [
        "", "1 1 udp 1 192.0.2.1 1", "1 1 udp 1 192.0.2.1 1 typ", "1 0 udp 1 192.0.2.1 1 typ host",
        "1 257 udp 1 192.0.2.1 1 typ host", "1 1 udp 4294967296 192.0.2.1 1 typ host",
        "1 1 udp 1 192.0.2.1 65536 typ host", "1 1 udp 1 192.0.2.1 1 type host",
        "1 1 udp 1 192.0.2.1 1 typ host raddr",
        "1 1 udp 1 192.0.2.1 1 typ host rport x", "1 -1 udp 1 192.0.2.1 1 typ host",
    ])
    func malformedCandidatesAreLeftOut(value: String) throws {
        #expect(Candidate(value) == nil)
        let candidates = try session([], ["a=candidate:\(value)", "a=candidate:9 1 udp 1 ::1 1 typ host"])
            .media[0].candidates
        #expect(candidates.map(\.foundation) == ["9"])
    }

    @Test func theOtherICEAttributesAreRead() throws {
        let description = try session(
            ["a=ice-lite", "a=ice-options:ice2"],
            ["a=ice-options:trickle rtp+ecn", "a=ice-pwd:p", "a=end-of-candidates"])
        #expect(description.isICELite)
        #expect(description.iceOptions == ["ice2"])
        #expect(description.media[0].iceOptions == ["trickle", "rtp+ecn"])
        #expect(description.media[0].icePassword == "p")
        #expect(description.media[0].hasEndOfCandidates)
        #expect(try !session([], []).isICELite)
        #expect(try !session([], []).media[0].hasEndOfCandidates)
    }
}
