import Logging
import NIOCore
import NIOPosix

/// Bounds on what the clients of one way in can make the daemon hold, and for how long.
struct StreamLimits: Sendable {
    /// The most clients at a time, over all addresses of this way in.
    var connections = 64
    /// A client that neither asks nor is answered for this long is closed; nil waits for ever.
    var idle: TimeAmount? = .seconds(60)
    /// The longest a request may take to arrive.
    var request: TimeAmount = .seconds(10)
    /// The longest an answer may wait for a client that does not read it.
    var answer: TimeAmount = .seconds(30)
}

/// Accepts connections of one way in on the control loop.
struct ControlStreamServer: Sendable {
    /// What one read takes: it bounds how long the requests of others wait.
    static let octetsPerRead = 16_384

    private let channels: [any Channel]
    private let loop: any EventLoop

    /// Starts to accept on sockets that listen already; they belong to it from now on.
    ///
    /// - Parameter addHandlers: puts a connection's handlers in place, on the event loop.
    static func start(
        _ sockets: [ControlStreamSocket], for purpose: String, on loop: any EventLoop, logger: Logger,
        addHandlers: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<ControlStreamServer> {
        let channels = sockets.map { socket in
            ServerBootstrap(group: loop, childGroup: loop)
                .childChannelOption(
                    .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.octetsPerRead)
                )
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try addHandlers(channel) }
                }
                .withBoundSocket(socket.descriptor)
        }
        return EventLoopFuture.whenAllSucceed(channels, on: loop).map { channels in
            for channel in channels {
                logger.info(
                    "listening for \(purpose)",
                    metadata: ["tcp": "\(channel.localAddress?.endpointText ?? "?")"])
            }
            return ControlStreamServer(channels: channels, loop: loop)
        }
    }

    /// Where it listens; the real port if port 0 was asked for.
    var localAddresses: [SocketAddress] { self.channels.compactMap(\.localAddress) }

    /// Stops accepting; clients that are connected are not waited for.
    func close() -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete(self.channels.map { $0.close() }, on: self.loop)
    }
}

extension SocketAddress {
    /// `192.0.2.1:2223`, without the family that the description carries.
    var endpointText: String {
        guard let address = self.ipAddress, let port = self.port else { return "\(self)" }
        return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
