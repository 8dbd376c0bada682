import NATRules

private let heuristic = LearningPolicy(mode: .heuristic)

let scenariosOfHeuristics: [LatchScenario] = [
    LatchScenario(
        name: "a full match settles at once", policy: heuristic,
        steps: [
            packet(at: 0, from: named, .acceptAndSettled, to: named, settled: true),
            packet(at: 20, from: natted, .reject, to: named, settled: true),
            packet(at: 40, from: named, .accept, to: named, settled: true),
        ]),
    LatchScenario(
        name: "better matches take over, worse ones do not", policy: heuristic,
        steps: [
            packet(at: 0, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 10, from: elsewhere, .acceptAndMoved, to: elsewhere, settled: false),
            packet(at: 20, from: natted, .accept, to: elsewhere, settled: false),
            packet(at: 30, from: rebound, .acceptAndMoved, to: rebound, settled: false),
            packet(at: 40, from: elsewhere, .accept, to: rebound, settled: false),
            packet(at: 50, from: natted, .accept, to: rebound, settled: false),
            packet(at: 60, from: named, .acceptAndSettled, to: named, settled: true),
            packet(at: 70, from: rebound, .reject, to: named, settled: true),
        ]),
    LatchScenario(
        name: "the best seen wins with the first packet after the window, though that is another's",
        policy: heuristic,
        steps: [
            packet(at: 0, from: rebound, .acceptAndMoved, to: rebound, settled: false),
            packet(at: 10, from: natted, .accept, to: rebound, settled: false),
            packet(at: 3000, from: natted, .rejectAndSettled, to: rebound, settled: true),
            packet(at: 3020, from: natted, .reject, to: rebound, settled: true),
            packet(at: 3040, from: rebound, .accept, to: rebound, settled: true),
        ]),
    LatchScenario(
        name: "a better match may still win with the first packet after the window", policy: heuristic,
        steps: [
            packet(at: 0, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 3000, from: elsewhere, .acceptAndSettled, to: elsewhere, settled: true),
            packet(at: 3020, from: natted, .reject, to: elsewhere, settled: true),
        ]),
    LatchScenario(
        name: "the best one itself settles after the window", policy: heuristic,
        steps: [
            packet(at: 0, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 3000, from: natted, .acceptAndSettled, to: natted, settled: true),
        ]),
    LatchScenario(
        name: "of two equal matches the latest counts", policy: heuristic,
        steps: [
            packet(at: 0, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 10, from: nattedAnew, .acceptAndMoved, to: nattedAnew, settled: false),
            packet(at: 20, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 30, from: nattedAnew, .acceptAndMoved, to: nattedAnew, settled: false),
            packet(at: 3000, from: nattedAnew, .acceptAndSettled, to: nattedAnew, settled: true),
            packet(at: 3020, from: natted, .reject, to: nattedAnew, settled: true),
        ]),
    LatchScenario(
        name: "an attacker who is first does not keep the stream from its owner", policy: heuristic,
        steps: [
            packet(at: 0, from: attacker, .acceptAndMoved, to: attacker, settled: false),
            packet(at: 20, from: named, .acceptAndSettled, to: named, settled: true),
            packet(at: 40, from: attacker, .reject, to: named, settled: true),
            packet(at: 9000, from: attacker, .reject, to: named, settled: true),
        ]),
    LatchScenario(
        name: "without a signalled address the latest source counts", policy: heuristic, signalled: nil,
        steps: [
            packet(at: 0, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 10, from: elsewhere, .acceptAndMoved, to: elsewhere, settled: false),
            packet(at: 3000, from: natted, .acceptAndSettled, to: natted, settled: true),
        ]),
    LatchScenario(
        name: "an unusable signalled address matches nothing, not even by port", policy: heuristic,
        signalled: "0.0.0.0:5004",
        steps: [
            packet(at: 0, from: elsewhere, .acceptAndMoved, to: elsewhere, settled: false),
            packet(at: 10, from: natted, .acceptAndMoved, to: natted, settled: false),
        ]),
    LatchScenario(
        name: "the other family is anything, also with the same port or mapped", policy: heuristic,
        steps: [
            packet(
                at: 0, from: "[::ffff:192.0.2.1]:5004", .acceptAndMoved, to: "[::ffff:192.0.2.1]:5004",
                settled: false),
            packet(
                at: 10, from: "[2001:db8::1]:5004", .acceptAndMoved, to: "[2001:db8::1]:5004", settled: false),
            packet(at: 20, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 30, from: elsewhere, .acceptAndMoved, to: elsewhere, settled: false),
            packet(at: 40, from: "[2001:db8::1]:5004", .accept, to: elsewhere, settled: false),
        ]),
    LatchScenario(
        name: "IPv6 ranks as IPv4 does", policy: heuristic, signalled: "[2001:db8::1]:5004",
        steps: [
            packet(
                at: 0, from: "[2001:db8::2]:5004", .acceptAndMoved, to: "[2001:db8::2]:5004", settled: false),
            packet(
                at: 10, from: "[2001:db8::1]:5006", .acceptAndMoved, to: "[2001:db8::1]:5006", settled: false),
            packet(at: 20, from: "192.0.2.1:5004", .accept, to: "[2001:db8::1]:5006", settled: false),
            packet(
                at: 30, from: "[2001:db8::1]:5004", .acceptAndSettled, to: "[2001:db8::1]:5004", settled: true
            ),
        ]),
]
