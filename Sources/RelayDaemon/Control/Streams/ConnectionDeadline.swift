import NIOCore

/// The moment at which a connection is closed unless something happens before; one at a time.
///
/// Confined to the connection's event loop.
final class ConnectionDeadline {
    private var task: Scheduled<Void>?

    /// Calls `expire` after `amount`, in place of whatever was due before; nil calls it never.
    func set(
        _ amount: TimeAmount?, context: ChannelHandlerContext,
        expire: @escaping (ChannelHandlerContext) -> Void
    ) {
        self.task?.cancel()
        self.task = nil
        guard let amount else { return }
        let bound = NIOLoopBound((context, expire), eventLoop: context.eventLoop)
        self.task = context.eventLoop.scheduleTask(in: amount) { bound.value.1(bound.value.0) }
    }

    /// Nothing is due any more.
    func cancel() {
        self.task?.cancel()
        self.task = nil
    }
}
