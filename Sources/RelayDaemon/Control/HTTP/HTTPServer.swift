import Logging
import NIOCore
import NIOHTTP1

/// Serves HTTP/1.1 for controllers, for Prometheus, and for the command line interface.
///
/// NIOHTTP1 rather than a web framework: it belongs to the package that is here already, and runs on the control loop,
/// so that a request over HTTP is one more request and not one more thread.
enum HTTPServer {
    /// Sends the answer; only the first call counts. From any thread.
    typealias Reply = @Sendable (HTTPAnswer) -> Void
    /// Takes one request and the client's address; on the event loop.
    typealias Handler = @Sendable (HTTPAction, String, @escaping Reply) -> Void

    /// Octets of all header fields of a request together, and of one of them.
    static let headerOctets = 16_384

    /// Starts to accept.
    static func start(
        _ sockets: [ControlStreamSocket], on loop: any EventLoop, limits: StreamLimits = StreamLimits(),
        logger: Logger, handler: @escaping Handler
    ) -> EventLoopFuture<ControlStreamServer> {
        let places = ConnectionPlaces(limit: limits.connections)
        return ControlStreamServer.start(sockets, for: "HTTP", on: loop, logger: logger) { channel in
            var header = NIOHTTPDecoderLimitConfiguration()
            header.maxHeaderFieldSize = Self.headerOctets
            header.maxHeaderListSize = Self.headerOctets
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: true, withEncoderConfiguration: .init(),
                withDecoderLimitConfiguration: header)
            try pipeline.addHandler(
                HTTPConnection(places: places, limits: limits, logger: logger, handler: handler))
        }
    }
}

/// One client.
private final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between two requests.
        case idle
        /// The body is coming.
        case receiving(HTTPRoute)
        /// Refused before its end; what still comes is thrown away, and the connection ends.
        case refused
        /// The daemon works on it.
        case working
        /// The client has to read the answer.
        case answering
    }

    private let watch: ConnectionWatch
    private let handler: HTTPServer.Handler
    private var state = State.idle
    private var body = ByteBuffer()
    /// Parts of requests behind the one that is answered; reading stops meanwhile, so one read bounds them.
    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    private var keepsAlive = false
    private var hidesBody = false
    /// Grows with each request, so that an answer given twice is not taken for the next one's.
    private var request = 0

    init(
        places: ConnectionPlaces, limits: StreamLimits, logger: Logger, handler: @escaping HTTPServer.Handler
    ) {
        self.watch = ConnectionWatch(places: places, limits: limits, logger: logger)
        self.handler = handler
    }

    func channelActive(context: ChannelHandlerContext) {
        // The first request must come at once: who connects wants something.
        if self.watch.begin(context) {
            self.watch.await(self.watch.limits.request, or: "no request came", context)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.waiting.removeAll()
        self.watch.end()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.watch.isClosed else { return }
        let part = self.unwrapInboundIn(data)
        if self.isBusy { self.waiting.append(part) } else { self.take(part, context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // What is no HTTP was answered with 400 by the handler before this one.
        context.close(promise: nil)
    }

    // MARK: - Requests

    /// True while a request is worked on or its answer is on its way: the next one waits until the client has it, so that
    /// answers nobody reads do not pile up. (NIO's own handler for pipelining does not wait for the client.)
    private var isBusy: Bool {
        switch self.state {
        case .working, .answering: true
        case .idle, .receiving, .refused: false
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        if case .refused = self.state { return }
        switch part {
        case .head(let head): self.begin(head, context)
        case .body(let bytes): self.receive(bytes, context)
        case .end: self.end(context)
        }
    }

    /// Goes on with what came meanwhile, and reads on when that is done.
    private func takeWaiting(_ context: ChannelHandlerContext) {
        while !self.watch.isClosed, !self.isBusy, let part = self.waiting.popFirst() {
            self.take(part, context)
        }
        if !self.watch.isClosed, !self.isBusy { self.setReading(true, context) }
    }

    private func setReading(_ isOn: Bool, _ context: ChannelHandlerContext) {
        // Fails only on a closed channel, where it does not matter.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isOn)
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        self.request += 1
        self.keepsAlive = head.isKeepAlive
        self.hidesBody = head.method == .HEAD
        self.body.clear()
        self.watch.await(self.watch.limits.request, or: "a request that does not end", context)
        let route = HTTPRoute(HTTPRoute.Head(head))
        if case .refuse(let answer) = route { return self.refuse(answer, context) }
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
            length > route.longestBody
        {
            return self.refuse(.tooLong(route), context)
        }
        self.state = .receiving(route)
        if head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(self.wrapOutboundOut(.head(head)), promise: nil)
        }
    }

    private func receive(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard case .receiving(let route) = self.state else { return }
        guard self.body.readableBytes + bytes.readableBytes <= route.longestBody else {
            return self.refuse(.tooLong(route), context)
        }
        var bytes = bytes
        self.body.writeBuffer(&bytes)
    }

    private func end(_ context: ChannelHandlerContext) {
        guard case .receiving(let route) = self.state else { return }
        guard let action = route.action(body: Array(self.body.readableBytesView)) else {
            return self.answer(HTTPAnswer(status: 400, text: "the body is not UTF-8\n"), context)
        }
        self.body.clear()
        self.state = .working
        self.setReading(false, context)
        self.watch.awaitNothing()
        let loop = context.eventLoop
        let request = self.request
        let connection = NIOLoopBound((self, context), eventLoop: loop)
        self.handler(action, self.watch.peer) { answer in
            let deliver: @Sendable () -> Void = {
                let (own, context) = connection.value
                guard own.request == request, case .working = own.state else { return }
                own.answer(answer, context)
            }
            if loop.inEventLoop { deliver() } else { loop.execute(deliver) }
        }
    }

    // MARK: - Answers

    /// Answers before the request has ended; where its rest ends is of no interest any more.
    private func refuse(_ answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        self.keepsAlive = false
        self.setReading(false, context)
        self.answer(answer, context)
    }

    private func answer(_ answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        guard !self.watch.isClosed else { return }
        self.state = .answering
        self.watch.await(self.watch.limits.answer, or: "it does not read its answer", context)
        var headers = HTTPHeaders([
            ("Content-Type", answer.contentType), ("Content-Length", String(answer.body.count)),
            ("Cache-Control", "no-store"),
        ])
        if let allowed = answer.allowed { headers.add(name: "Allow", value: allowed) }
        if !self.keepsAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        if !self.hidesBody {
            context.write(
                self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        }
        let connection = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil))).whenComplete { _ in
            connection.value.0.answered(connection.value.1)
        }
    }

    private func answered(_ context: ChannelHandlerContext) {
        guard !self.watch.isClosed else { return }
        guard self.keepsAlive else {
            self.state = .refused
            self.waiting.removeAll()
            self.setReading(true, context)
            // Closing at once would throw away the answer along with what the client still sends.
            self.watch.close(after: .milliseconds(500), context)
            context.close(mode: .output, promise: nil)
            return
        }
        guard case .answering = self.state else { return }
        self.state = .idle
        self.watch.close(after: self.watch.limits.idle, context)
        // Not at once: a write that ends at once would have requests answered one inside the other.
        let connection = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute { connection.value.0.takeWaiting(connection.value.1) }
    }
}

extension HTTPAnswer {
    /// A body longer than what the route takes.
    fileprivate static func tooLong(_ route: HTTPRoute) -> HTTPAnswer {
        HTTPAnswer(status: 413, text: "at most \(route.longestBody) octets of body are taken here\n")
    }
}

extension HTTPRoute.Head {
    fileprivate init(_ head: HTTPRequestHead) {
        self.method = head.method.rawValue
        self.target = head.uri
        self.contentType = head.headers.first(name: "content-type").map { value in
            value.prefix { $0 != ";" }.trimmingSpaces.lowercased()
        }
        self.wantsWebSocket = head.headers[canonicalForm: "upgrade"].contains {
            $0.lowercased() == "websocket"
        }
    }
}
