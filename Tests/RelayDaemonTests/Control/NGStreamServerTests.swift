import NIOCore
import Testing
import WireFormat

@testable import RelayDaemon

private func withServer(
    limits: StreamLimits = NGStreamServer.limits, handler: @escaping NGStreamServer.Handler = echo,
    _ body: (TransportAddress) throws -> Void
) throws {
    try withStreamServer(
        { NGStreamServer.start($0, on: $1, limits: limits, logger: quietLogger, handler: handler) }, body)
}

private let echo: NGStreamServer.Handler = { message, _, reply in
    reply(Array("<".utf8) + message + Array(">".utf8))
    reply(Array("twice".utf8))
}

@Suite struct NGStreamServerTests {
    @Test func messagesBackToBackAreAnsweredOneByOne() throws {
        try withServer { address in
            let client = try TestStreamClient(tcp: address)
            try client.send("1 d1:ai1ee2 de3 d1:b")
            let expected = "<1 d1:ai1ee><2 de>"
            #expect(try client.receive(octets: expected.utf8.count) == expected)
            try client.send("1:ce")
            #expect(try client.receive(octets: 12) == "<3 d1:b1:ce>")
        }
    }

    @Test func aReplyLongerThanADatagramArrivesWhole() throws {
        let long = [UInt8](repeating: 120, count: 1 << 20)
        try withServer(handler: { _, _, reply in reply(long) }) { address in
            let client = try TestStreamClient(tcp: address)
            try client.send("1 de")
            #expect(try client.receive(octets: long.count).utf8.count == long.count)
        }
    }

    @Test func whatCanBeNoMessageEndsTheConnection() throws {
        try withServer { address in
            let client = try TestStreamClient(tcp: address)
            try client.send("1 de2 hello")
            #expect(try client.receiveAll() == "<1 de>")
        }
    }

    @Test func aMessageThatDoesNotEndIsNotWaitedForHoweverOftenAnOctetComes() throws {
        try withServer(limits: shortLimits()) { address in
            let client = try TestStreamClient(tcp: address)
            #expect(client.trickle("1 d100:" + String(repeating: "x", count: 90), every: 20))
        }
    }

    @Test func aClientThatDoesNotReadIsClosedAndHoldsLittle() throws {
        let long = [UInt8](repeating: 120, count: 1 << 20)
        let asked = CallCounter()
        let handler: NGStreamServer.Handler = { _, _, reply in
            asked.add()
            reply(long)
        }
        try withServer(limits: shortLimits(), handler: handler) { address in
            let client = try TestStreamClient(tcp: address, receiveBuffer: 4096)
            try client.send(String(repeating: "1 de", count: 1000))
            usleepMilliseconds(600)
            #expect(asked.value < 10, "only what fits the buffers is worked on")
            // What the sockets held may still come; then the stream ends.
            _ = try client.receiveAll()
            #expect(asked.value < 10)
        }
    }

    @Test func connectionsBeyondTheLimitAreClosed() throws {
        try withServer(limits: StreamLimits(connections: 1, idle: nil)) { address in
            let first = try TestStreamClient(tcp: address)
            try first.send("1 de")
            #expect(try first.receive(octets: 6) == "<1 de>")
            let second = try TestStreamClient(tcp: address)
            #expect(try second.receiveAll() == "")
            try first.send("2 de")
            #expect(try first.receive(octets: 6) == "<2 de>")
        }
    }
}
