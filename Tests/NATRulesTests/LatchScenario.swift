import NATRules
import Testing
import WireFormat

/// A packet at a time, and what the latch is expected to make of it.
struct LatchStep: Sendable {
    var milliseconds: UInt64
    var source: String
    var verdict: SourceVerdict
    var destination: String?
    var isSettled: Bool
}

/// A latch and the packets that reach it; the signalling event is at 10 s.
struct LatchScenario: Sendable, CustomTestStringConvertible {
    var name: String
    var policy: LearningPolicy
    var signalled: String? = "192.0.2.1:5004"
    var steps: [LatchStep]

    var testDescription: String { self.name }

    static let openedAt: UInt64 = 10_000_000_000

    func latch() -> SourceLatch {
        SourceLatch(
            policy: self.policy, signalled: self.signalled.flatMap { TransportAddress($0) },
            openedAt: MonotonicTime(nanoseconds: Self.openedAt))
    }
}

/// Writes a step: a packet `at` milliseconds after the signalling event.
func packet(
    at milliseconds: UInt64, from source: String, _ verdict: SourceVerdict, to destination: String?,
    settled: Bool
) -> LatchStep {
    LatchStep(
        milliseconds: milliseconds, source: source, verdict: verdict, destination: destination,
        isSettled: settled)
}

/// The signalled address in most scenarios.
let named = "192.0.2.1:5004"
/// Same address, other port.
let rebound = "192.0.2.1:61000"
/// Same port, other address.
let elsewhere = "198.51.100.9:5004"
/// Nothing in common: a NAT with a port of its own.
let natted = "203.0.113.7:40001"
/// The same NAT after it changed its mapping.
let nattedAnew = "203.0.113.7:40777"
/// Somebody who has no business here.
let attacker = "198.51.100.66:4444"
