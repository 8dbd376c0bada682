import CallControl
import ControlProtocols
import Logging
import RelayPlanning
import Testing
import WireFormat

@testable import RelayDaemon

@Suite(.serialized) struct RelayTests {
    @Test func aCallLeavesNothingBehind() throws {
        let relay = try RelayHarness(ports: 41000...41039)
        for round in 0..<20 {
            let call = "call-\(round)"
            #expect(try relay.offer(call, port: 42000)["result"] as? String == "ok")
            #expect(try relay.answer(call, port: 42010)["result"] as? String == "ok")
            #expect(try relay.on { $0.ports.openCount } >= 4)
            #expect(try relay.delete(call)["tags"] != nil)
        }
        #expect(try relay.waitForPorts(0))
        let isEmpty = try relay.on { relay in
            relay.calls.count == 0 && relay.callOfPort.isEmpty && relay.waiting.isEmpty
                && relay.cookies.runningCount == 0 && relay.ledger.installed.isEmpty
        }
        #expect(isEmpty)
        let address = try #require(IPAddress("127.0.0.1"))
        #expect(try relay.on { $0.ports.usage(of: InterfaceAddress(local: address))?.used } == 0)
    }

    @Test func anOfferThatRunsOutOfPortsLeavesNothing() throws {
        let relay = try RelayHarness(ports: 41040...41041)
        #expect(try relay.offer("c", port: 42000)["error-reason"] as? String == "Ran out of ports")
        #expect(try relay.on { $0.ports.openCount == 0 && $0.calls.count == 0 && $0.callOfPort.isEmpty })
    }

    @Test func theFlagDebugMakesOneCallLogEverything() throws {
        let relay = try RelayHarness(ports: 41070...41089)
        try relay.offer("quiet", port: 42000)
        _ = try relay.request([
            "command": "offer", "call-id": "loud", "from-tag": "a", "flags": ["debug"],
            "sdp": RelayHarness.audio(port: 42010),
        ])
        #expect(try relay.on { $0.logger(for: "loud").logLevel == .debug })
        #expect(try relay.on { $0.logger(for: "quiet").logLevel == $0.logger.logLevel })
        #expect(try relay.on { $0.logger.logLevel != .debug })
    }

    @Test func newsOfAClosedPortDoNotReachItsSuccessor() throws {
        let relay = try RelayHarness(ports: 41050...41069)
        try relay.offer("old", port: 42000)
        let id = try #require(try relay.on { $0.callOfPort.keys.min() })
        try relay.delete("old")
        #expect(try relay.waitForPorts(0))
        let stranger = try #require(TransportAddress("127.0.0.1:9"))
        let late = RelayEvent.learnt(id, address: stranger, isSettled: true, epoch: 0)
        try relay.on { $0.receive([late]) }
        try relay.offer("new", port: 42020)
        #expect(try relay.on { $0.callOfPort[id] } == "new")
        #expect(try relay.on { $0.ledger.remoteAddress(of: id)?.isSettled } != true)
    }

    @Test func aReplyToARepeatedRequestIsTheSame() throws {
        let relay = try RelayHarness(ports: 41070...41089)
        try relay.offer("c", port: 42000)
        #expect(try relay.beHeard())
        let body = Array(#"same {"command":"delete","call-id":"c","from-tag":"a","delete delay":0}"#.utf8)
        // The second arrives while the worker is asked for the statistics of the first.
        let replies = try relay.on { relay in
            let box = ReplyBox()
            relay.receive(datagram: body, from: "test") { box.replies.append($0) }
            relay.receive(datagram: body, from: "test") { box.replies.append($0) }
            return box
        }
        #expect(try relay.waitForPorts(0))
        let received = try relay.on { _ in replies.replies }
        #expect(received.count == 2 && received.first == received.last)
    }
}

/// Replies, only touched on the relay's event loop.
private final class ReplyBox: @unchecked Sendable {
    var replies: [[UInt8]] = []
}
