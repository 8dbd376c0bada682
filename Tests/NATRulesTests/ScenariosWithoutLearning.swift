import NATRules

let scenariosWithoutLearning: [LatchScenario] =
    [
        LatchScenario(
            name: "off accepts anyone and never moves", policy: LearningPolicy(mode: .off),
            steps: [
                packet(at: 0, from: named, .accept, to: named, settled: true),
                packet(at: 1, from: attacker, .accept, to: named, settled: true),
                packet(at: 9000, from: natted, .accept, to: named, settled: true),
            ]),
        LatchScenario(
            name: "off with strict source accepts only the signalled address",
            policy: LearningPolicy(mode: .off, strictSource: true),
            steps: [
                packet(at: 0, from: natted, .reject, to: named, settled: true),
                packet(at: 1, from: rebound, .reject, to: named, settled: true),
                packet(at: 2, from: named, .accept, to: named, settled: true),
                packet(at: 4000, from: elsewhere, .reject, to: named, settled: true),
            ]),
        LatchScenario(
            name: "off on hold accepts and learns nothing", policy: LearningPolicy(mode: .off),
            signalled: "0.0.0.0:5004",
            steps: [
                packet(at: 0, from: natted, .accept, to: nil, settled: false),
                packet(at: 5000, from: natted, .accept, to: nil, settled: false),
            ]),
        LatchScenario(
            name: "off on hold with strict source accepts nobody",
            policy: LearningPolicy(mode: .off, strictSource: true), signalled: nil,
            steps: [packet(at: 0, from: natted, .reject, to: nil, settled: false)]),
        LatchScenario(
            name: "off with handover moves, since it is settled from the beginning",
            policy: LearningPolicy(mode: .off, mediaHandover: true),
            steps: [
                packet(at: 0, from: named, .accept, to: named, settled: true),
                packet(at: 1, from: natted, .acceptAndMoved, to: natted, settled: true),
            ]),
        LatchScenario(
            name: "off on hold with handover has nothing to move",
            policy: LearningPolicy(mode: .off, mediaHandover: true), signalled: nil,
            steps: [packet(at: 0, from: natted, .accept, to: nil, settled: false)]),
    ] + LearningMode.allCases.flatMap(scenariosOfAsymmetry)

private func scenariosOfAsymmetry(_ mode: LearningMode) -> [LatchScenario] {
    let policies = [
        LearningPolicy(mode: mode, asymmetric: true),
        LearningPolicy(mode: mode, strictSource: true, asymmetric: true),
        LearningPolicy(mode: mode, mediaHandover: true, asymmetric: true),
    ]
    return policies.map { policy in
        LatchScenario(
            name: "asymmetric never moves: \(policy)", policy: policy,
            steps: [
                packet(at: 0, from: natted, .accept, to: named, settled: true),
                packet(at: 2999, from: elsewhere, .accept, to: named, settled: true),
                packet(at: 3000, from: natted, .accept, to: named, settled: true),
                packet(at: 9000, from: named, .accept, to: named, settled: true),
            ])
    }
}
