import ControlVocabulary
import Logging
import NIOCore
import NIOPosix

/// Serves `crosspointctl`: lines of JSON over a unix socket, answered in order, one request of a client at a time.
struct ControlSocketServer: Sendable {
    /// Sends the answer to one request: one line without its end; only the first call counts. From any thread.
    typealias Reply = @Sendable (String) -> Void
    /// Takes one request line, on the event loop.
    typealias Handler = @Sendable (String, @escaping Reply) -> Void

    /// Bounds on what clients can make the daemon hold.
    struct Limits: Sendable {
        /// The longest request, in octets.
        var longestLineBytes = 65536
        /// The most clients at a time.
        var connections = 16
        /// A client that neither asks nor reads for this long is closed.
        var idle: TimeAmount = .seconds(60)
    }

    private static let octetsPerRead = 4096

    private let channel: any Channel
    private let file: ControlSocketFile

    /// Makes the socket file and starts to serve; throws a ``ControlTransportError`` that says what is in the way.
    static func start(
        path: String, on loop: any EventLoop, limits: Limits = Limits(), logger: Logger,
        handler: @escaping Handler
    ) throws(ControlTransportError) -> EventLoopFuture<ControlSocketServer> {
        let file = try ControlSocketFile(creating: path)
        let places = ConnectionPlaces(limit: limits.connections)
        return ServerBootstrap(group: loop, childGroup: loop)
            // One read bounds how many requests wait, and how long those of controllers wait for them.
            .childChannelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.octetsPerRead)
            )
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let decoder = LineDecoder(longestLineBytes: limits.longestLineBytes)
                    try pipeline.addHandler(IdleStateHandler(allTimeout: limits.idle))
                    try pipeline.addHandler(ByteToMessageHandler(decoder))
                    try pipeline.addHandler(ControlConnection(places: places, handler: handler))
                }
            }
            .withBoundSocket(file.descriptor)
            .map { channel in
                logger.info("listening for crosspointctl", metadata: ["socket": "\(path)"])
                return ControlSocketServer(channel: channel, file: file)
            }
    }

    /// Stops accepting and removes the socket file; clients that are connected are not waited for.
    func close() -> EventLoopFuture<Void> {
        let file = self.file
        return self.channel.close().always { _ in file.remove() }
    }
}

/// One client.
private final class ControlConnection: ChannelInboundHandler {
    typealias InboundIn = String
    typealias OutboundOut = ByteBuffer

    private let places: ConnectionPlaces
    private let handler: ControlSocketServer.Handler
    private var hasPlace = false
    private var isBusy = false
    /// Requests that came together with the one being answered; reading stops meanwhile, so one read bounds them.
    private var waiting = CircularBuffer<String>()
    private var isClosing = false
    /// Grows with each request, so that an answer given twice is not taken for the next one's.
    private var request = 0

    init(places: ConnectionPlaces, handler: @escaping ControlSocketServer.Handler) {
        self.places = places
        self.handler = handler
    }

    func channelActive(context: ChannelHandlerContext) {
        self.hasPlace = self.places.take()
        if !self.hasPlace { self.refuse("too many connections", context: context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.isClosing = true
        self.waiting.removeAll()
        if self.hasPlace { self.places.giveBack() }
        self.hasPlace = false
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isClosing else { return }
        self.waiting.append(self.unwrapInboundIn(data))
        self.serveNext(context: context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? LineTooLongError {
            self.refuse("a request longer than \(error.limit) octets", context: context)
        } else {
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func serveNext(context: ChannelHandlerContext) {
        guard !self.isBusy, !self.isClosing, !self.waiting.isEmpty else { return }
        let line = self.waiting.removeFirst()
        self.isBusy = true
        self.setReading(false, context: context)
        self.request += 1
        let request = self.request
        let loop = context.eventLoop
        let connection = NIOLoopBound((self, context), eventLoop: loop)
        self.handler(line) { answer in
            if loop.inEventLoop {
                connection.value.0.answer(answer, to: request, context: connection.value.1)
            } else {
                loop.execute { connection.value.0.answer(answer, to: request, context: connection.value.1) }
            }
        }
    }

    private func answer(_ answer: String, to request: Int, context: ChannelHandlerContext) {
        guard !self.isClosing, self.isBusy, self.request == request else { return }
        let connection = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // The next request waits until this answer is with the client: what it does not read it cannot pile up.
        context.writeAndFlush(self.wrapOutboundOut(context.buffer(line: answer))).whenComplete { _ in
            let (own, context) = connection.value
            own.isBusy = false
            guard !own.isClosing else { return }
            guard !own.waiting.isEmpty else { return own.setReading(true, context: context) }
            // Not at once: a write that ends at once would have requests answered one inside the other.
            context.eventLoop.execute { connection.value.0.serveNext(context: connection.value.1) }
        }
    }

    private func setReading(_ isOn: Bool, context: ChannelHandlerContext) {
        // Fails only on a closed channel, where it does not matter.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isOn)
    }

    private func refuse(_ reason: String, context: ChannelHandlerContext) {
        self.isClosing = true
        let line = context.buffer(line: ControlCodec.encode(reply: .failed(reason)))
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(self.wrapOutboundOut(line)).whenComplete { _ in
            bound.value.close(promise: nil)
        }
    }
}

extension ChannelHandlerContext {
    /// A line with its end.
    fileprivate func buffer(line: String) -> ByteBuffer {
        var buffer = self.channel.allocator.buffer(capacity: line.utf8.count + 1)
        buffer.writeString(line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        return buffer
    }
}
