import NATRules

let scenariosOfLearning: [LatchScenario] = [
    LatchScenario(
        name: "immediate settles on the first packet", policy: LearningPolicy(mode: .immediate),
        steps: [
            packet(at: 20, from: natted, .acceptAndSettled, to: natted, settled: true),
            packet(at: 40, from: natted, .accept, to: natted, settled: true),
            packet(at: 60, from: attacker, .reject, to: natted, settled: true),
            packet(at: 80, from: named, .reject, to: natted, settled: true),
            packet(at: 9000, from: nattedAnew, .reject, to: natted, settled: true),
        ]),
    LatchScenario(
        name: "immediate settles on the signalled address without moving",
        policy: LearningPolicy(mode: .immediate),
        steps: [packet(at: 0, from: named, .acceptAndSettled, to: named, settled: true)]),
    LatchScenario(
        name: "immediate learns also on hold", policy: LearningPolicy(mode: .immediate),
        signalled: "0.0.0.0:5004",
        steps: [packet(at: 0, from: natted, .acceptAndSettled, to: natted, settled: true)]),
    LatchScenario(
        name: "delayed follows every source and settles after the window",
        policy: LearningPolicy(mode: .delayed),
        steps: [
            packet(at: 0, from: named, .accept, to: named, settled: false),
            packet(at: 100, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 120, from: natted, .accept, to: natted, settled: false),
            packet(at: 500, from: nattedAnew, .acceptAndMoved, to: nattedAnew, settled: false),
            packet(at: 2999, from: nattedAnew, .accept, to: nattedAnew, settled: false),
            packet(at: 3000, from: nattedAnew, .acceptAndSettled, to: nattedAnew, settled: true),
            packet(at: 3020, from: nattedAnew, .accept, to: nattedAnew, settled: true),
            packet(at: 3021, from: attacker, .reject, to: nattedAnew, settled: true),
        ]),
    LatchScenario(
        name: "delayed flips between two sources, and the first after the window stays",
        policy: LearningPolicy(mode: .delayed),
        steps: [
            packet(at: 10, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 20, from: elsewhere, .acceptAndMoved, to: elsewhere, settled: false),
            packet(at: 30, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 40, from: elsewhere, .acceptAndMoved, to: elsewhere, settled: false),
            packet(at: 3010, from: natted, .acceptAndSettled, to: natted, settled: true),
            packet(at: 3020, from: elsewhere, .reject, to: natted, settled: true),
        ]),
    LatchScenario(
        name: "delayed gives the signalled address no privilege", policy: LearningPolicy(mode: .delayed),
        steps: [
            packet(at: 10, from: natted, .acceptAndMoved, to: natted, settled: false),
            packet(at: 20, from: named, .acceptAndMoved, to: named, settled: false),
            packet(at: 30, from: natted, .acceptAndMoved, to: natted, settled: false),
        ]),
    LatchScenario(
        name: "delayed settles with the first packet however late it comes",
        policy: LearningPolicy(mode: .delayed), signalled: nil,
        steps: [
            packet(at: 600_000, from: natted, .acceptAndSettled, to: natted, settled: true),
            packet(at: 600_020, from: attacker, .reject, to: natted, settled: true),
        ]),
    LatchScenario(
        name: "sources that could never be answered are not learnt", policy: LearningPolicy(mode: .delayed),
        steps: [
            packet(at: 10, from: "203.0.113.7:0", .reject, to: named, settled: false),
            packet(at: 20, from: "0.0.0.0:40001", .reject, to: named, settled: false),
            packet(at: 30, from: "239.1.1.1:40001", .reject, to: named, settled: false),
            packet(at: 3030, from: "255.255.255.255:40001", .reject, to: named, settled: false),
            packet(at: 3040, from: natted, .acceptAndSettled, to: natted, settled: true),
        ]),
]
