import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing
import WireFormat

@testable import RelayDaemon

private func listener(_ addresses: String...) throws -> ResolvedListener {
    ResolvedListener(addresses: try addresses.map { try #require(TransportAddress($0)) })
}

/// Replies with the request reversed.
private let reversing: NGDatagramServer.Handler = { bytes, _, reply in
    reply(bytes.readableBytesView.reversed())
}

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a server for the duration of the body, which gets the port of its first socket.
private func withServer(
    _ listeners: [ResolvedListener], logger: Logger = quiet,
    handler: @escaping NGDatagramServer.Handler = reversing,
    _ body: (Int, NGDatagramServer) async throws -> Void
) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let server = try await NGDatagramServer.start(
        listeners, on: group.next(), logger: logger, handler: handler
    ).get()
    do {
        try await body(try #require(server.localAddresses.first?.port), server)
    } catch {
        try await server.close().get()
        try await group.shutdownGracefully()
        throw error
    }
    try await server.close().get()
    try await group.shutdownGracefully()
}

@Suite struct NGDatagramServerTests {
    @Test(arguments: ["127.0.0.1", "[::1]"])
    func aRequestIsAnsweredFromTheAddressItWasSentTo(address: String) async throws {
        try await withServer([try listener("\(address):0")]) { port, _ in
            let client = try TestDatagramClient(boundTo: "\(address):0")
            try client.connect(to: "\(address):\(port)")
            try client.send([1, 2, 3])
            #expect(try client.receive() == [3, 2, 1])
        }
    }

    /// The kernel would choose 127.0.0.1 as the source of an answer; a connected client only takes 127.0.0.5.
    @Test func aWildcardSocketAnswersFromTheAddressTheRequestWasSentTo() async throws {
        try await withServer([try listener("0.0.0.0:0")]) { port, _ in
            for address in ["127.0.0.5", "127.0.0.1"] {
                let client = try TestDatagramClient(boundTo: "127.0.0.1:0")
                try client.connect(to: "\(address):\(port)")
                try client.send(Array("ping".utf8))
                #expect(try client.receive() == Array("gnip".utf8))
            }
        }
        try await withServer([try listener("[::]:0")]) { port, _ in
            let client = try TestDatagramClient(boundTo: "[::1]:0")
            try client.connect(to: "[::1]:\(port)")
            try client.send([7, 8])
            #expect(try client.receive() == [8, 7])
        }
    }

    @Test func bothWildcardsShareAPort() async throws {
        try await withServer([try listener("0.0.0.0:0")]) { port, _ in
            try await withServer([try listener("[::]:\(port)")]) { _, server in
                #expect(server.localAddresses.compactMap(\.port) == [port])
            }
        }
    }

    @Test func theLargestDatagramComesAndGoesWhole() async throws {
        try await withServer([try listener("127.0.0.1:0")]) { port, _ in
            let client = try TestDatagramClient(boundTo: "127.0.0.1:0")
            try client.connect(to: "127.0.0.1:\(port)")
            let largest = (0..<65507).map { UInt8(truncatingIfNeeded: $0 / 3) }
            try client.send(largest)
            #expect(try client.receive() == largest.reversed())
            try client.send([])
            #expect(try client.receive() == [])
        }
    }

    @Test func aReplyMayComeLaterAndFromAnotherThread() async throws {
        let later: NGDatagramServer.Handler = { bytes, _, reply in
            let bytes = Array(bytes.readableBytesView)
            MultiThreadedEventLoopGroup.singleton.next().execute { reply(bytes) }
        }
        try await withServer([try listener("127.0.0.1:0")], handler: later) { port, _ in
            let client = try TestDatagramClient(boundTo: "127.0.0.1:0")
            try client.connect(to: "127.0.0.1:\(port)")
            for number in 0..<50 {
                try client.send([UInt8(number)])
                #expect(try client.receive() == [UInt8(number)])
            }
        }
    }

    @Test func aReplyAfterTheEndIsDropped() async throws {
        let (replies, continuation) = AsyncStream.makeStream(of: NGDatagramServer.Reply.self)
        let keeping: NGDatagramServer.Handler = { _, _, reply in continuation.yield(reply) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await NGDatagramServer.start(
            [try listener("127.0.0.1:0")], on: group.next(), logger: quiet, handler: keeping
        ).get()
        let client = try TestDatagramClient(boundTo: "127.0.0.1:0")
        try client.connect(to: "127.0.0.1:\(try #require(server.localAddresses.first?.port))")
        try client.send([1])
        let reply = try #require(await replies.first { _ in true })
        try await server.close().get()
        // The same descriptor number now belongs to someone else, who must not see the reply.
        let stranger = try TestDatagramClient(boundTo: "127.0.0.1:0")
        try stranger.connect(to: "127.0.0.1:9")
        try await group.next().submit { reply([2]) }.get()
        try await group.shutdownGracefully()
    }

    @Test func anAddressInUseIsNamedInTheError() async throws {
        try await withServer([try listener("127.0.0.1:0")]) { port, _ in
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let error = #expect(throws: ControlTransportError.self) {
                _ = try NGDatagramServer.start(
                    [try listener("127.0.0.1:\(port)")], on: group.next(), logger: quiet, handler: reversing)
            }
            #expect(error?.description.contains("udp 127.0.0.1:\(port): Address already in use") == true)
            try await group.shutdownGracefully()
        }
    }

    @Test func oneAddressOfAListenerIsEnough() async throws {
        // 192.0.2.0/24 is for documentation: no host has such an address.
        try await withServer([try listener("192.0.2.200:0", "127.0.0.1:0")]) { _, server in
            #expect(server.localAddresses.compactMap(\.ipAddress) == ["127.0.0.1"])
        }
    }
}
