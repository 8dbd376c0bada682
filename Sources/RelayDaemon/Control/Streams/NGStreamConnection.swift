import ControlProtocols
import Logging
import NIOCore

/// Serves NG over TCP: messages back to back, each answered as it would be over UDP (ng.md 1.1).
enum NGStreamServer {
    /// Sends the reply to one request; only the first call counts. From any thread.
    typealias Reply = @Sendable ([UInt8]) -> Void
    /// Takes one message with its cookie, the client, and the way to answer; on the event loop.
    typealias Handler = @Sendable ([UInt8], String, @escaping Reply) -> Void

    /// Controllers keep their connection for as long as they live, so an idle one is theirs.
    static let limits = StreamLimits(connections: 256, idle: nil)

    /// Starts to accept.
    static func start(
        _ sockets: [ControlStreamSocket], on loop: any EventLoop, limits: StreamLimits = Self.limits,
        logger: Logger, handler: @escaping Handler
    ) -> EventLoopFuture<ControlStreamServer> {
        let places = ConnectionPlaces(limit: limits.connections)
        return ControlStreamServer.start(sockets, for: "NG control", on: loop, logger: logger) { channel in
            try channel.syncOptions?.setOption(.socketOption(.so_keepalive), value: 1)
            let connection = NGStreamConnection(
                places: places, limits: limits, logger: logger, handler: handler)
            try channel.pipeline.syncOperations.addHandler(connection)
        }
    }
}

/// One controller.
private final class NGStreamConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Requests of one client that are worked on at a time; the next ones wait in the framing.
    static let mostUnderWay = 64

    private let watch: ConnectionWatch
    private let handler: NGStreamServer.Handler
    private var framing = NGStreamFraming()
    private var isReading = true
    private var underWay = 0
    private var isServing = false
    private var awaited = Awaited.nothing

    /// What the client owes.
    private enum Awaited {
        /// The rest of a message.
        case message
        /// To take its replies.
        case reading
        /// Nothing: it is idle, or waits itself.
        case nothing
    }

    init(
        places: ConnectionPlaces, limits: StreamLimits, logger: Logger,
        handler: @escaping NGStreamServer.Handler
    ) {
        self.watch = ConnectionWatch(places: places, limits: limits, logger: logger)
        self.handler = handler
    }

    func channelActive(context: ChannelHandlerContext) {
        if self.watch.begin(context) { self.setDeadline(context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.watch.end()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.watch.isClosed else { return }
        self.framing.append(self.unwrapInboundIn(data).readableBytesView)
        self.serve(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.serve(context)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Hands over what is complete, as long as the client reads its answers: what it does not read stays small.
    private func serve(_ context: ChannelHandlerContext) {
        // An answer that comes at once would serve the next request inside of this one.
        guard !self.isServing, !self.watch.isClosed else { return }
        self.isServing = true
        defer { self.isServing = false }
        while !self.watch.isClosed, self.underWay < Self.mostUnderWay, context.channel.isWritable {
            let message: [UInt8]?
            do {
                message = try self.framing.next()
            } catch {
                return self.watch.giveUp(error.reason, context)
            }
            guard let message else { break }
            // Only the time since the last whole message counts.
            if self.awaited == .message { self.awaited = .nothing }
            self.hand(over: message, context)
        }
        let mayRead = self.underWay < Self.mostUnderWay && context.channel.isWritable
        if mayRead != self.isReading {
            self.isReading = mayRead
            try? context.channel.syncOptions?.setOption(.autoRead, value: mayRead)
        }
        self.setDeadline(context)
    }

    private func hand(over message: [UInt8], _ context: ChannelHandlerContext) {
        self.underWay += 1
        let loop = context.eventLoop
        let connection = NIOLoopBound((self, context), eventLoop: loop)
        let isAnswered = NIOLoopBoundBox(false, eventLoop: loop)
        let answer: @Sendable ([UInt8]) -> Void = { bytes in
            guard !isAnswered.value else { return }
            isAnswered.value = true
            connection.value.0.answer(bytes, connection.value.1)
        }
        self.handler(message, self.watch.peer) { bytes in
            if loop.inEventLoop { answer(bytes) } else { loop.execute { answer(bytes) } }
        }
    }

    private func answer(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        self.underWay -= 1
        guard !self.watch.isClosed else { return }
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        self.serve(context)
    }

    /// A message that has begun must end, and answers must be read; a connection at rest may rest.
    private func setDeadline(_ context: ChannelHandlerContext) {
        guard !self.watch.isClosed else { return }
        let awaited: Awaited =
            if !context.channel.isWritable {
                .reading
            } else if self.framing.bufferedOctets > 0, self.underWay == 0 {
                .message
            } else {
                .nothing
            }
        // An octet now and then does not buy more time.
        guard awaited != self.awaited || awaited == .nothing else { return }
        self.awaited = awaited
        switch awaited {
        case .reading:
            self.watch.await(self.watch.limits.answer, or: "it does not read its replies", context)
        case .message:
            self.watch.await(self.watch.limits.request, or: "a message that does not end", context)
        case .nothing:
            self.watch.await(self.watch.limits.idle, or: "idle", context)
        }
    }
}
