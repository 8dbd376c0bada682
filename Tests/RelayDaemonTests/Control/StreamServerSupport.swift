import Glibc
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing
import WireFormat

@testable import RelayDaemon

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a server on a port of loopback for the duration of the body, which gets its address.
func withStreamServer(
    _ start: ([ControlStreamSocket], any EventLoop) -> EventLoopFuture<ControlStreamServer>,
    _ body: (TransportAddress) throws -> Void
) throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { try? group.syncShutdownGracefully() }
    let anywhere = try #require(TransportAddress("127.0.0.1:0"))
    let socket = try ControlStreamSocket(listeningOn: anywhere, for: "a test")
    let server = try start([socket], group.next()).wait()
    defer { try? server.close().wait() }
    let text = try #require(server.localAddresses.first?.endpointText)
    try body(try #require(TransportAddress(text)))
}

/// Limits that a test can wait for.
func shortLimits(connections: Int = 4) -> StreamLimits {
    StreamLimits(
        connections: connections, idle: .milliseconds(300), request: .milliseconds(200),
        answer: .milliseconds(200))
}

/// Waits.
func usleepMilliseconds(_ milliseconds: UInt32) { usleep(milliseconds * 1000) }

/// Counts calls of a handler.
final class CallCounter: Sendable {
    private let count = NIOLockedValueBox(0)

    var value: Int { self.count.withLockedValue { $0 } }

    func add() { self.count.withLockedValue { $0 += 1 } }
}
