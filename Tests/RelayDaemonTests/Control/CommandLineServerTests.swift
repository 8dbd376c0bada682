import NIOCore
import Testing
import WireFormat

@testable import RelayDaemon

private func withServer(
    limits: StreamLimits = StreamLimits(), handler: @escaping CommandLineServer.Handler = echo,
    _ body: (TransportAddress) throws -> Void
) throws {
    try withStreamServer(
        { CommandLineServer.start($0, on: $1, limits: limits, logger: quietLogger, handler: handler) }, body)
}

private let echo: CommandLineServer.Handler = { line, _, reply in
    reply("<\(line)>\n")
    reply("twice")
}

@Suite struct CommandLineServerTests {
    @Test(arguments: ["list totals\n", "list totals\r\nset maxsessions 0\n", "list totals\nlist"])
    func oneLineIsAnsweredAndTheConnectionEnds(sent: String) throws {
        try withServer { address in
            let client = try TestStreamClient(tcp: address)
            try client.send(sent)
            #expect(try client.receiveAll() == "<list totals>\n")
        }
    }

    @Test func theEndOfTheStreamEndsTheLineToo() throws {
        try withServer { address in
            let client = try TestStreamClient(tcp: address)
            try client.send("list totals")
            client.finishSending()
            #expect(try client.receiveAll() == "<list totals>\n")
        }
    }

    @Test func aLongAnswerArrivesWhole() throws {
        let long = String(repeating: "x", count: 8 << 20)
        try withServer(handler: { _, _, reply in reply(long) }) { address in
            let client = try TestStreamClient(tcp: address)
            try client.send("list sessions all\n")
            #expect(try client.receiveAll().utf8.count == long.utf8.count)
        }
    }

    @Test func silentAndEndlessClientsAreClosed() throws {
        try withServer(limits: shortLimits()) { address in
            let silent = try TestStreamClient(tcp: address)
            let endless = try TestStreamClient(tcp: address)
            try endless.send(String(repeating: "x", count: 5000))
            let gone = try TestStreamClient(tcp: address)
            gone.finishSending()
            #expect(try silent.receiveAll() == "")
            #expect(try endless.receiveAll() == "")
            #expect(try gone.receiveAll() == "")
        }
    }

    @Test func aClientThatDoesNotReadIsClosedAndPlacesAreGivenBack() throws {
        let long = String(repeating: "x", count: 16 << 20)
        try withServer(limits: shortLimits(connections: 1), handler: { _, _, reply in reply(long) }) {
            address in
            let stuck = try TestStreamClient(tcp: address, receiveBuffer: 4096)
            try stuck.send("list sessions all\n")
            usleepMilliseconds(50)
            #expect(try TestStreamClient(tcp: address).receiveAll() == "", "its place is the only one")
            usleepMilliseconds(500)
            let next = try TestStreamClient(tcp: address)
            try next.send("list\n")
            #expect(try next.receiveAll().utf8.count == long.utf8.count)
            #expect(try stuck.receiveAll().utf8.count < long.utf8.count)
        }
    }
}

@Suite struct ControlStreamSocketTests {
    @Test func aTakenAddressIsAnErrorThatNamesItAndNothingStaysOpen() throws {
        try withServer { taken in
            let both = ResolvedListener(addresses: [
                TransportAddress(.unspecified(.ipv6), port: taken.port),
                TransportAddress(.unspecified(.ipv4), port: taken.port),
            ])
            let error = #expect(throws: ControlTransportError.self) {
                try ControlStreamSocket.listen(on: [both], for: "HTTP", logger: quietLogger)
            }
            #expect(
                error?.description.contains("cannot listen for HTTP on tcp 0.0.0.0:\(taken.port)") == true)
            let again = try ControlStreamSocket(listeningOn: both.addresses[0], for: "HTTP")
            again.close()
        }
    }

    @Test func aBarePortListensOnBothFamilies() throws {
        let probe = try ControlStreamSocket(
            listeningOn: TransportAddress(.unspecified(.ipv4), port: 0), for: "a test")
        probe.close()
        let both = ResolvedListener(addresses: [
            TransportAddress(.unspecified(.ipv4), port: 0), TransportAddress(.unspecified(.ipv6), port: 0),
        ])
        let sockets = try ControlStreamSocket.listen(on: [both], for: "a test", logger: quietLogger)
        for socket in sockets { socket.close() }
        #expect(sockets.count >= 1)
    }
}
