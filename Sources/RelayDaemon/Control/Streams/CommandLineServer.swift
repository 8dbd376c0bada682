import Logging
import NIOCore

/// Serves `rtpengine-ctl`: a line with a command, the answer, and the end of the connection (ng.md 4.2).
enum CommandLineServer {
    /// Sends the answer; only the first call counts. From any thread.
    typealias Reply = @Sendable (String) -> Void
    /// Takes one line and the client's address; on the event loop.
    typealias Handler = @Sendable (String, String, @escaping Reply) -> Void

    /// The longest command, in octets: a call-id and a few words.
    static let longestLineBytes = 4096

    /// Starts to accept.
    static func start(
        _ sockets: [ControlStreamSocket], on loop: any EventLoop,
        limits: StreamLimits = StreamLimits(connections: 32), logger: Logger, handler: @escaping Handler
    ) -> EventLoopFuture<ControlStreamServer> {
        let places = ConnectionPlaces(limit: limits.connections)
        return ControlStreamServer.start(
            sockets, for: "the command line interface", on: loop, logger: logger
        ) { channel in
            let pipeline = channel.pipeline.syncOperations
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            let decoder = LineDecoder(longestLineBytes: Self.longestLineBytes, endsWithStream: true)
            try pipeline.addHandler(ByteToMessageHandler(decoder))
            try pipeline.addHandler(
                CommandLineConnection(places: places, limits: limits, logger: logger, handler: handler))
        }
    }
}

/// One client, with one command.
private final class CommandLineConnection: ChannelInboundHandler {
    typealias InboundIn = String
    typealias OutboundOut = ByteBuffer

    private let watch: ConnectionWatch
    private let handler: CommandLineServer.Handler
    private var hasAsked = false
    private var isAnswered = false

    init(
        places: ConnectionPlaces, limits: StreamLimits, logger: Logger,
        handler: @escaping CommandLineServer.Handler
    ) {
        self.watch = ConnectionWatch(places: places, limits: limits, logger: logger)
        self.handler = handler
    }

    func channelActive(context: ChannelHandlerContext) {
        if self.watch.begin(context) {
            self.watch.await(self.watch.limits.request, or: "no command came", context)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.watch.end()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The client has said all it will say; if that was no command, nothing is left to do.
        if let event = event as? ChannelEvent, event == .inputClosed, !self.hasAsked {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // One command a connection: whatever follows it is not looked at.
        guard !self.watch.isClosed, !self.hasAsked else { return }
        self.hasAsked = true
        self.watch.awaitNothing()
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        let loop = context.eventLoop
        let connection = NIOLoopBound((self, context), eventLoop: loop)
        self.handler(self.unwrapInboundIn(data), self.watch.peer) { text in
            let deliver: @Sendable () -> Void = { connection.value.0.answer(text, connection.value.1) }
            if loop.inEventLoop { deliver() } else { loop.execute(deliver) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.watch.giveUp(error is LineTooLongError ? "a command that does not end" : "\(error)", context)
    }

    private func answer(_ text: String, _ context: ChannelHandlerContext) {
        guard !self.watch.isClosed, !self.isAnswered else { return }
        self.isAnswered = true
        self.watch.await(self.watch.limits.answer, or: "it does not read its answer", context)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: text))).whenComplete { _ in
            bound.value.close(promise: nil)
        }
    }
}
