import NATRules
import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

extension OneAtATime {
    @Suite("Learning on relay ports")
    struct LearningTests {
        /// The callee's SDP names an address behind a NAT; what it sends comes from elsewhere.
        private struct Scene {
            let bench: Bench
            let caller: Party
            let named: Party
            let real: Party
            let callerPort: PortPlan
            let calleePort: PortPlan

            init(_ policy: LearningPolicy, _ engine: EngineChoice) throws {
                self.bench = try Bench(engine: engine)
                self.caller = try Party()
                self.named = try Party()
                self.real = try Party()
                (self.callerPort, self.calleePort) = try self.bench.join(self.caller, self.named) {
                    $0.learning = policy
                }
            }

            /// Who hears the caller now.
            func listener() -> String {
                self.caller.send(Datagram.rtp(), to: self.callerPort.local)
                for _ in 0..<100 {
                    if self.named.receive(withinMilliseconds: 5) != nil { return "named" }
                    if self.real.receive(withinMilliseconds: 5) != nil { return "real" }
                }
                return "nobody"
            }
        }

        @Test(
            "The destination after one packet from elsewhere depends on the mode",
            arguments: [
                (LearningMode.off, "named"), (.immediate, "real"), (.delayed, "real"), (.heuristic, "real"),
            ], EngineChoice.tested)
        func modes(row: (LearningMode, String), engine: EngineChoice) throws {
            let (mode, expected) = row
            let scene = try Scene(LearningPolicy(mode: mode), engine)
            #expect(scene.listener() == "named")
            scene.real.send(Datagram.rtp(), to: scene.calleePort.local)
            #expect(scene.caller.receive() != nil)
            #expect(scene.listener() == expected)
        }

        @Test(
            "An immediate latch settles at once, tells so, and locks strangers out",
            arguments: EngineChoice.tested)
        func strangers(engine: EngineChoice) throws {
            let scene = try Scene(LearningPolicy(mode: .immediate), engine)
            scene.real.send(Datagram.rtp(), to: scene.calleePort.local)
            #expect(scene.caller.receive() != nil)
            #expect(
                eventually {
                    scene.bench.events.contains(
                        .learnt(scene.calleePort.id, address: scene.real.address, isSettled: true, epoch: 0))
                })
            let stranger = try Party()
            for _ in 0..<5 { stranger.send(Datagram.rtp(), to: scene.calleePort.local) }
            stranger.send(Datagram.rtcp, to: scene.calleePort.local)
            #expect(scene.bench.statistics(scene.calleePort, received: 7).drops[.unknownSource] == 6)
            #expect(scene.caller.hearsNothing())
            #expect(scene.listener() == "real")
        }

        @Test(
            "A new epoch learns anew from where the party was; the same epoch keeps what was learnt",
            arguments: EngineChoice.tested)
        func epochs(engine: EngineChoice) async throws {
            let scene = try Scene(LearningPolicy(mode: .immediate), engine)
            scene.real.send(Datagram.rtp(), to: scene.calleePort.local)
            #expect(scene.caller.receive() != nil)
            var plan = scene.calleePort
            plan.trafficClass = 0x20
            try await scene.bench.update(plan)
            #expect(scene.listener() == "real")
            plan.learningEpoch = 1
            try await scene.bench.update(plan)
            #expect(
                scene.listener() == "real", "a party that was not moved is where it was until it is heard")
            scene.named.send(Datagram.rtp(), to: scene.calleePort.local)
            #expect(scene.caller.receive() != nil)
            #expect(
                eventually {
                    scene.bench.events.last
                        == .learnt(
                            scene.calleePort.id, address: scene.named.address, isSettled: true, epoch: 1)
                })
        }

        @Test(
            "With learning off the signalled address is told as settled without any packet",
            arguments: EngineChoice.tested)
        func off(engine: EngineChoice) throws {
            let scene = try Scene(LearningPolicy(mode: .off), engine)
            #expect(
                eventually {
                    scene.bench.events.contains(
                        .learnt(scene.calleePort.id, address: scene.named.address, isSettled: true, epoch: 0))
                })
        }

        @Test(
            "The delayed mode settles on the first packet after three seconds", arguments: EngineChoice.tested
        )
        func delayed(engine: EngineChoice) throws {
            let scene = try Scene(LearningPolicy(mode: .delayed), engine)
            scene.real.send(Datagram.rtp(), to: scene.calleePort.local)
            #expect(
                eventually {
                    scene.bench.events == [
                        .learnt(scene.calleePort.id, address: scene.real.address, isSettled: false, epoch: 0)
                    ]
                })
            for _ in 0..<31 { _ = scene.named.receive(withinMilliseconds: 100) }
            scene.real.send(Datagram.rtp(), to: scene.calleePort.local)
            #expect(
                eventually {
                    scene.bench.events.last
                        == .learnt(
                            scene.calleePort.id, address: scene.real.address, isSettled: true, epoch: 0)
                })
        }

        @Test(
            "A party that changes its source with every packet makes few events, and the last one is right",
            arguments: EngineChoice.tested)
        func flood(engine: EngineChoice) throws {
            let scene = try Scene(LearningPolicy(mode: .delayed), engine)
            let senders = try (0..<20).map { _ in try Party() }
            for _ in 0..<10 {
                for sender in senders { sender.send(Datagram.rtp(), to: scene.calleePort.local) }
            }
            let last = try #require(senders.last)
            #expect(scene.bench.statistics(scene.calleePort, received: 200).drops.total == 0)
            #expect(
                eventually {
                    scene.bench.events.last
                        == .learnt(scene.calleePort.id, address: last.address, isSettled: false, epoch: 0)
                })
            #expect(scene.bench.events.count <= 200)
        }
    }
}
