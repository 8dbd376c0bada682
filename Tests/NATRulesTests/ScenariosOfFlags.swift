import NATRules

let scenariosOfFlags: [LatchScenario] = [
    LatchScenario(
        name: "strict source rejects worse matches in the window",
        policy: LearningPolicy(mode: .heuristic, strictSource: true),
        steps: [
            packet(at: 0, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 10, from: rebound, .acceptAndMoved, to: rebound, settled: false),
            packet(at: 20, from: natted, .reject, to: rebound, settled: false),
            packet(at: 30, from: elsewhere, .reject, to: rebound, settled: false),
            packet(at: 40, from: rebound, .accept, to: rebound, settled: false),
            packet(at: 3000, from: elsewhere, .rejectAndSettled, to: rebound, settled: true),
        ]),
    LatchScenario(
        name: "strict source changes nothing for delayed, which is strict by itself",
        policy: LearningPolicy(mode: .delayed, strictSource: true),
        steps: [
            packet(at: 0, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 10, from: elsewhere, .acceptAndMoved, to: elsewhere, settled: false),
            packet(at: 3000, from: elsewhere, .acceptAndSettled, to: elsewhere, settled: true),
            packet(at: 3001, from: natted, .reject, to: elsewhere, settled: true),
        ]),
    LatchScenario(
        name: "handover moves at once after settling, also with strict source",
        policy: LearningPolicy(mode: .immediate, strictSource: true, mediaHandover: true),
        steps: [
            packet(at: 0, from: natted, .acceptAndSettled, to: natted, settled: true),
            packet(at: 20, from: nattedAnew, .acceptAndMoved, to: nattedAnew, settled: true),
            packet(at: 40, from: nattedAnew, .accept, to: nattedAnew, settled: true),
            packet(at: 60, from: natted, .acceptAndMoved, to: natted, settled: true),
            packet(at: 80, from: "203.0.113.7:0", .reject, to: natted, settled: true),
        ]),
    LatchScenario(
        name: "handover waits for the heuristic window",
        policy: LearningPolicy(mode: .heuristic, mediaHandover: true),
        steps: [
            packet(at: 0, from: rebound, .acceptAndMoved, to: rebound, settled: false),
            packet(at: 10, from: natted, .accept, to: rebound, settled: false),
            packet(at: 3000, from: natted, .acceptAndSettled, to: natted, settled: true),
            packet(at: 3020, from: rebound, .acceptAndMoved, to: rebound, settled: true),
        ]),
    LatchScenario(
        name: "handover may leave a full match",
        policy: LearningPolicy(mode: .heuristic, mediaHandover: true),
        steps: [
            packet(at: 0, from: named, .acceptAndSettled, to: named, settled: true),
            packet(at: 10, from: natted, .acceptAndMoved, to: natted, settled: true),
        ]),
    LatchScenario(
        name: "handover in delayed mode",
        policy: LearningPolicy(mode: .delayed, mediaHandover: true),
        steps: [
            packet(at: 2999, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 3000, from: natted, .acceptAndSettled, to: natted, settled: true),
            packet(at: 3001, from: elsewhere, .acceptAndMoved, to: elsewhere, settled: true),
        ]),
]
