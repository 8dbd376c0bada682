import Glibc
import Logging
import NIOCore
import NIOPosix
import WireFormat

/// Receives NG requests over UDP and sends the replies from the address each request was sent to.
///
/// Everything happens on one event loop: the handler is called there, one datagram at a time.
struct NGDatagramServer: Sendable {
    /// Sends the reply to one request; may be called later, from any thread, and more than once.
    typealias Reply = @Sendable ([UInt8]) -> Void
    /// Takes one datagram, its sender, and the way to answer.
    typealias Handler = @Sendable (ByteBuffer, SocketAddress, @escaping Reply) -> Void

    private let channels: [any Channel]
    private let loop: any EventLoop

    /// Binds the listeners and starts to receive.
    ///
    /// Each listener needs one address that can be bound; those that cannot are warned of. Throws a
    /// ``ControlTransportError`` if a listener has none, and then nothing stays open.
    static func start(
        _ listeners: [ResolvedListener], on loop: any EventLoop, logger: Logger, handler: @escaping Handler
    ) throws(ControlTransportError) -> EventLoopFuture<NGDatagramServer> {
        self.start(try self.bind(listeners, logger: logger), on: loop, logger: logger, handler: handler)
    }

    /// Starts to receive on sockets that are bound already; what arrived meanwhile waits in them.
    static func start(
        _ sockets: [ControlDatagramSocket], on loop: any EventLoop, logger: Logger, handler: @escaping Handler
    ) -> EventLoopFuture<NGDatagramServer> {
        let channels = sockets.map { socket in
            let buffers = ReusedReceiveBuffer(capacity: 65536)
            return DatagramBootstrap(group: loop)
                .channelOption(.receivePacketInfo, value: true)
                .channelOption(.recvAllocator, value: buffers)
                .channelOption(.maxMessagesPerRead, value: 16)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let receiver = NGDatagramReceiver(
                            socket: socket, shelf: buffers.shelf, logger: logger, handler: handler)
                        try channel.pipeline.syncOperations.addHandler(receiver)
                    }
                }
                .withBoundSocket(socket.descriptor)
        }
        return EventLoopFuture.whenAllSucceed(channels, on: loop).map { channels in
            for channel in channels {
                logger.info(
                    "listening for NG control",
                    metadata: ["udp": "\(channel.localAddress?.endpointText ?? "?")"])
            }
            return NGDatagramServer(channels: channels, loop: loop)
        }
    }

    /// Where it listens; the real port if port 0 was asked for.
    var localAddresses: [SocketAddress] { self.channels.compactMap(\.localAddress) }

    /// Stops receiving and closes the sockets; replies that come later are dropped.
    func close() -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete(self.channels.map { $0.close() }, on: self.loop)
    }

    /// Binds the listeners: each needs one address that can be bound, those that cannot are warned of.
    static func bind(
        _ listeners: [ResolvedListener], logger: Logger
    ) throws(ControlTransportError) -> [ControlDatagramSocket] {
        var sockets: [ControlDatagramSocket] = []
        for listener in listeners {
            var failures: [ControlTransportError] = []
            for address in listener.addresses {
                do {
                    sockets.append(try ControlDatagramSocket(bindingTo: address))
                } catch {
                    failures.append(error)
                }
            }
            if failures.count == listener.addresses.count {
                for socket in sockets { socket.close() }
                throw failures.first ?? ControlTransportError("a listener without an address")
            }
            for failure in failures { logger.warning("\(failure)") }
        }
        return sockets
    }
}

/// Reads datagrams from one socket.
private final class NGDatagramReceiver: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let socket: ControlDatagramSocket
    private let shelf: ReusedReceiveBuffer.Shelf
    private let logger: Logger
    private let handler: NGDatagramServer.Handler
    private var limiter = RepeatedMessageLimiter<String>()
    private var isOpen = true

    init(
        socket: ControlDatagramSocket, shelf: ReusedReceiveBuffer.Shelf, logger: Logger,
        handler: @escaping NGDatagramServer.Handler
    ) {
        self.socket = socket
        self.shelf = shelf
        self.logger = logger
        self.handler = handler
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let datagram = self.unwrapInboundIn(data)
        let peer = datagram.remoteAddress
        let local = datagram.metadata?.packetInfo?.destinationAddress
        let loop = context.eventLoop
        let receiver = NIOLoopBound(self, eventLoop: loop)
        self.handler(datagram.data, peer) { bytes in
            if loop.inEventLoop {
                receiver.value.send(bytes, to: peer, from: local)
            } else {
                loop.execute { receiver.value.send(bytes, to: peer, from: local) }
            }
        }
        self.shelf.put(datagram.data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.warn("receiving NG control: \(error)")
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.isOpen = false
        context.fireChannelInactive()
    }

    private func send(_ bytes: [UInt8], to peer: SocketAddress, from local: SocketAddress?) {
        // Once the channel is closed the descriptor may be someone else's.
        guard self.isOpen else { return }
        let code = self.socket.send(bytes, to: peer, from: local)
        if code != 0 {
            self.warn("a reply of \(bytes.count) octets was not sent: \(String(cString: strerror(code)))")
        }
    }

    private func warn(_ text: String) {
        let now = MonotonicTime(nanoseconds: NIODeadline.now().uptimeNanoseconds)
        guard case .write(let repeats) = self.limiter.admit(text, at: now) else { return }
        self.logger.warning("\(text)\(RepeatedMessageLimiter<String>.suffix(repeats: repeats))")
    }
}
