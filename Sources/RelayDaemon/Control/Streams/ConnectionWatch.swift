import Logging
import NIOCore

/// What all connections of controllers have in common: a place among those there may be, a client that is not waited
/// for without end, and a line in the log for one that is closed for that.
///
/// Confined to the connection's event loop.
final class ConnectionWatch {
    /// How long the client may take for what.
    let limits: StreamLimits
    /// The client's address.
    private(set) var peer = "?"
    /// True from the moment on that nothing is read or written any more.
    private(set) var isClosed = false
    private let places: ConnectionPlaces
    private let logger: Logger
    private let deadline = ConnectionDeadline()
    private var hasPlace = false

    init(places: ConnectionPlaces, limits: StreamLimits, logger: Logger) {
        self.places = places
        self.limits = limits
        self.logger = logger
    }

    /// Notes who connected; false if that is one too many, and the connection is closed.
    func begin(_ context: ChannelHandlerContext) -> Bool {
        self.peer = context.remoteAddress?.endpointText ?? "?"
        self.hasPlace = self.places.take()
        if !self.hasPlace { self.giveUp("too many connections", context) }
        return self.hasPlace
    }

    /// Notes that the connection has ended.
    func end() {
        self.isClosed = true
        self.deadline.cancel()
        if self.hasPlace { self.places.giveBack() }
        self.hasPlace = false
    }

    /// Closes the connection after `amount` unless something else is awaited before; nil waits for ever.
    func await(_ amount: TimeAmount?, or reason: String, _ context: ChannelHandlerContext) {
        self.deadline.set(amount, context: context) { self.giveUp(reason, $0) }
    }

    /// The same without a word: it is the ordinary end.
    func close(after amount: TimeAmount?, _ context: ChannelHandlerContext) {
        self.deadline.set(amount, context: context) { $0.close(promise: nil) }
    }

    /// The client owes nothing for now.
    func awaitNothing() { self.deadline.cancel() }

    /// Closes the connection and says why.
    func giveUp(_ reason: String, _ context: ChannelHandlerContext) {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.places.report(self.peer, reason, logger: self.logger)
        context.close(promise: nil)
    }
}
