import NATRules
import Testing
import WireFormat

@Suite struct SourceLatchPropertyTests {
    static let policies: [LearningPolicy] = LearningMode.allCases.flatMap { mode in
        [false, true].flatMap { strict in
            [false, true].flatMap { handover in
                [false, true].map { asymmetric in
                    LearningPolicy(
                        mode: mode, strictSource: strict, mediaHandover: handover, asymmetric: asymmetric)
                }
            }
        }
    }

    static let signalled: [TransportAddress?] = [
        nil, TransportAddress("0.0.0.0:5004"), TransportAddress(named),
        TransportAddress("[2001:db8::1]:5004"),
    ]

    /// Random sources, close enough to the signalled address to match it in every way.
    static func source(_ random: inout SplitMix64) -> TransportAddress {
        let port: UInt16 = [0, 5004, 5006, 40001][random.below(4)]
        switch random.below(8) {
        case 0...4:
            return TransportAddress(IPAddress(ipv4: 0xC000_0201 &+ UInt32(random.below(3))), port: port)
        case 5: return TransportAddress(IPAddress(ipv6High: 0, low: 0xFFFF_C000_0201), port: port)
        case 6: return TransportAddress(.unspecified(.ipv4), port: port)
        default:
            return TransportAddress(
                IPAddress(ipv6High: 0x2001_0DB8_0000_0000, low: UInt64(1 + random.below(2))), port: port)
        }
    }

    @Test(arguments: policies)
    func whateverArrivesTheLatchKeepsItsPromises(policy: LearningPolicy) {
        var random = SplitMix64(seed: 0x5EED)
        for signalled in Self.signalled {
            for _ in 0..<40 { Self.run(policy, signalled, &random) }
        }
    }

    private static func run(
        _ policy: LearningPolicy, _ signalled: TransportAddress?, _ random: inout SplitMix64
    ) {
        var now: UInt64 = 1_000_000_000
        var latch = SourceLatch(
            policy: policy, signalled: signalled, openedAt: MonotonicTime(nanoseconds: now))
        for _ in 0..<60 {
            now += UInt64(random.below(200)) * 1_000_000
            let before = latch
            let source = Self.source(&random)
            let verdict = latch.receive(from: source, at: MonotonicTime(nanoseconds: now))
            Self.check(before, source, verdict, latch, policy)
        }
    }

    private static func check(
        _ before: SourceLatch, _ source: TransportAddress, _ verdict: SourceVerdict, _ after: SourceLatch,
        _ policy: LearningPolicy
    ) {
        #expect(!before.isSettled || after.isSettled, "settled is for good")
        if before.isSettled, !policy.mediaHandover || policy.asymmetric {
            #expect(after == before, "a settled latch without handover changes nothing")
            let takesAnyone = policy.asymmetric || (policy.mode == .off && !policy.strictSource)
            #expect(verdict == (takesAnyone || source == before.destination ? .accept : .reject))
        }
        switch verdict {
        case .accept, .reject:
            #expect(after.destination == before.destination)
            #expect(after.isSettled == before.isSettled)
        case .acceptAndMoved:
            #expect(before.destination != source && after.destination == source)
            #expect(after.isSettled == before.isSettled)
        case .acceptAndSettled:
            #expect(!before.isSettled && after.isSettled && after.destination == source)
        case .rejectAndSettled:
            #expect(!before.isSettled && after.isSettled)
            #expect(after.destination == before.destination && after.destination != source)
        }
        #expect(after.destination?.isUsableForMedia ?? true, "never sends where nothing can arrive")
    }
}

/// A small deterministic generator (Steele, Lea, Flood 2014).
struct SplitMix64: Sendable {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(self.next() % UInt64(bound)) }
}
