import NATRules
import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

extension OneAtATime {
    @Suite("RTCP beside RTP")
    struct RTCPTests {
        @Test("RTP and RTCP ports learn apart", arguments: EngineChoice.tested)
        func apart(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let (callerRTP, callerRTCP) = (try Party(), try Party())
            let (calleeRTP, calleeRTCP) = (try Party(), try Party())
            let (rtp, _) = try bench.join(callerRTP, calleeRTP, first: 0) {
                $0.learning.mode = .immediate
                $0.signalled = nil
            }
            let (rtcp, otherRTCP) = try bench.join(callerRTCP, calleeRTCP, first: 2) {
                $0.learning.mode = .immediate
                $0.component = .rtcp
            }
            callerRTP.send(Datagram.rtp(), to: rtp.local)
            callerRTCP.send(Datagram.rtcp, to: rtcp.local)
            #expect(calleeRTCP.receive()?.source == otherRTCP.local)
            #expect(
                eventually {
                    Set(bench.events) == [
                        .learnt(rtp.id, address: callerRTP.address, isSettled: true, epoch: 0),
                        .learnt(rtcp.id, address: callerRTCP.address, isSettled: true, epoch: 0),
                    ]
                })
            #expect(bench.statistics(rtp).drops[.noDestination] == 1)
        }

        @Test(
            "A party that multiplexes sends RTCP on its RTP port; it leaves by the other party's RTCP port",
            arguments: EngineChoice.tested)
        func demultiplexed(engine: EngineChoice) async throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let (calleeRTP, calleeRTCP) = (try Party(), try Party())
            let rtcpPort = try bench.open(2) {
                $0.component = .rtcp
                $0.signalled = calleeRTCP.address
                $0.sink = RelayPortID(0)
            }
            let (callerPort, calleePort) = try bench.join(caller, calleeRTP)
            var multiplexed = callerPort
            multiplexed.rtcpSink = rtcpPort.id
            try await bench.update(multiplexed)

            caller.send(Datagram.rtcp, to: callerPort.local)
            #expect(calleeRTCP.receive()?.source == rtcpPort.local)
            caller.send(Datagram.rtp(), to: callerPort.local)
            #expect(calleeRTP.receive()?.source == calleePort.local)
            calleeRTCP.send(Datagram.rtcp, to: rtcpPort.local)
            #expect(caller.receive()?.source == callerPort.local)
        }

        @Test(
            "RTCP on the RTP port of a party that does not multiplex is relayed and teaches nothing",
            arguments: EngineChoice.tested)
        func stray(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, _) = try bench.join(caller, callee) { $0.learning.mode = .immediate }
            caller.send(Datagram.rtcp, to: callerPort.local)
            #expect(callee.receive()?.bytes == Datagram.rtcp)
            #expect(bench.events.isEmpty)
            caller.send(Datagram.rtp(), to: callerPort.local)
            #expect(callee.receive() != nil)
            #expect(eventually { bench.events.count == 1 })
        }

        @Test("Feedback is cut off for a party whose profile has none", arguments: EngineChoice.tested)
        func feedback(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, calleePort) = try bench.join(caller, callee) {
                $0.component = .rtcp
                $0.cutsFeedback = true
            }
            let report: [UInt8] = [0x80, 201, 0, 1, 0, 0, 0, 1]
            let nack: [UInt8] = [0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 5, 0, 0]
            caller.send(nack, to: callerPort.local)
            caller.send(report + nack, to: callerPort.local)
            #expect(callee.receive()?.bytes == report)
            #expect(bench.statistics(callerPort).drops[.unwantedFeedback] == 1)
            #expect(bench.statistics(calleePort).sent == TrafficCounters(packets: 1, bytes: 8))
        }

        @Test("RTCP that cannot be read, as SRTCP cannot, is relayed", arguments: EngineChoice.tested)
        func unreadable(engine: EngineChoice) throws {
            let bench = try Bench(engine: engine)
            let caller = try Party()
            let callee = try Party()
            let (callerPort, _) = try bench.join(caller, callee) { $0.component = .rtcp }
            let bytes: [UInt8] = [0x80, 200, 0, 99, 1, 2, 3, 4, 5]
            caller.send(bytes, to: callerPort.local)
            #expect(callee.receive()?.bytes == bytes)
        }
    }
}
