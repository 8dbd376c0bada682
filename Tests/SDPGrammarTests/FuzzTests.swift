import SDPGrammar
import Testing
import WireFormat

/// Mutated descriptions must give a description or an error, and what was read must survive being written.
@Suite struct FuzzTests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func mutatedDescriptionsNeitherTrapNorChangeWhenWritten(seed: UInt64) throws {
        let corpus = try Self.corpus()
        var generator = SplitMix64(state: seed)
        var accepted = 0
        for _ in 0..<3000 {
            let octets = Mutation.mutate(corpus[Int(generator.next(below: corpus.count))], with: &generator)
            guard let session = try? SessionDescription(parsing: octets) else { continue }
            accepted += 1
            guard accepted.isMultiple(of: 4) else { continue }
            try Self.check(session, seed: seed, octets: octets)
        }
        #expect(accepted > 500, "most mutations are refused: the corpus or the mutations are too rough")
        #expect(accepted < 2900, "hardly any mutation is refused: the mutations are too gentle")
    }

    /// Properties of every description that was read.
    private static func check(_ session: SessionDescription, seed: UInt64, octets: [UInt8]) throws {
        let written = session.serialized()
        let again = try SessionDescription(parsing: written)
        #expect(again == session, "seed \(seed): \(octets)")
        #expect(again.serialized() == written, "seed \(seed): \(octets)")
        let media = session.media.indices.map { index in
            index.isMultiple(of: 3)
                ? MediaRewrite.rejected
                : .relayed(
                    RelayedMedia(address: IPAddress(ipv4: 0xCB00_7101), port: 30000, rtcp: .full(30001)))
        }
        let rewritten = try SessionDescription(parsing: session.rewritten(as: SessionRewrite(media: media)))
        #expect(rewritten.media.count == session.media.count, "seed \(seed): \(octets)")
        #expect(rewritten.connection == nil)
        try rewritten.media.isEmpty ? () : rewritten.checkCompleteness()
        for (section, fate) in zip(rewritten.media, media) {
            let isRelayed = fate != .rejected
            #expect(section.port == (isRelayed ? 30000 : 0), "seed \(seed): \(octets)")
            #expect(section.connections.count == 1)
            #expect(section.connections.first?.address?.isUnspecified == !isRelayed)
            #expect(section.candidates.isEmpty)
        }
        Self.readEverything(of: session)
    }

    /// Reads all typed attributes, which must not trap; the tables of the other tests check what they return.
    private static func readEverything(of session: SessionDescription) {
        try? session.checkCompleteness()
        var read = session.groups.count + session.bandwidths.count + session.fingerprints.count
        for section in session.media {
            read += section.rtpMaps.count + section.cryptos.count + section.candidates.count
            read += section.bandwidths.count + session.applicableFingerprints(for: section).count
            read += section.iceOptions.count + (section.mid?.utf8.count ?? 0)
            read += Int(section.rtcp?.port ?? 0) + Int(session.mediaDestination(of: section)?.port ?? 0)
            read += section.formats.count { section.formatParameters(of: $0) != nil }
            read += (section.packetTimeMilliseconds ?? 0) > 0 ? 1 : 0
            read += session.applicableDirection(for: section).sends ? 1 : 0
        }
        #expect(read >= 0)
    }

    /// The inputs of all fixtures, and lines no fixture has.
    private static func corpus() throws -> [[UInt8]] {
        let golden = try ["rtpengine-26.3.golden", "relay.golden"].flatMap(GoldenBlock.read).map(\.input)
        let recorded = try fixtureBlocks("kamailio-rtpengine.sdp").map(\.lines)
        let rare = [
            "v=0", "o=- 1 2 IN IP6 ::1", "s=-", "c=IN IP4 224.0.0.1/1/2", "b=AS:1", "t=0 0",
            "m=audio 1/2 RTP/SAVP 0",
            "a=crypto:1 S inline:k|2^31|1:4;inline:l WSH=64", "a=ptime:20.5", "a=rtcp:1 IN IP6 ::1",
            "a=candidate:1 1 udp 1 ::1 1 typ relay raddr 1.2.3.4 rport 5 x y", "a=fingerprint:sha-1 AA:BB",
        ]
        return (golden + recorded + [rare]).map { lines in
            Array(lines.map { $0 + "\r\n" }.joined().utf8.prefix(700))
        }
    }
}

/// A small deterministic generator (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func next(below bound: Int) -> Int { Int(self.next() % UInt64(max(1, bound))) }
}

/// What the fuzz test does to an input.
enum Mutation {
    private static let tokens: [[UInt8]] = [
        "\r\n", "\n", "\r", "\0", "=", ":", " ", "/", "a=", "m=", "c=IN IP4 ", "m=audio 0 RTP/AVP 0\r\n",
        "65536", "-1",
        "99999999999999999999", "\u{10f780}", "\u{e9}", "a=rtpmap:", "a=sendonly\r\n", "*", ";", "|", "::",
        "v=0\r\n",
    ].map { Array($0.utf8) }

    /// One to three changes at random places.
    static func mutate(_ input: [UInt8], with generator: inout SplitMix64) -> [UInt8] {
        var octets = input
        for _ in 0...generator.next(below: 3) {
            let place = generator.next(below: octets.count + 1)
            switch generator.next(below: 6) {
            case 0: octets.replaceSubrange(place..., with: [])
            case 1 where place < octets.count: octets[place] = UInt8(truncatingIfNeeded: generator.next())
            case 2 where place < octets.count: octets[place] ^= 1 << UInt8(generator.next(below: 8))
            case 3:
                let end = min(octets.count, place + generator.next(below: 24))
                octets.removeSubrange(place..<end)
            case 4:
                let end = min(octets.count, place + generator.next(below: 48))
                octets.insert(contentsOf: octets[place..<end], at: generator.next(below: octets.count + 1))
            default:
                octets.insert(contentsOf: Self.tokens[generator.next(below: Self.tokens.count)], at: place)
            }
        }
        return octets
    }
}
