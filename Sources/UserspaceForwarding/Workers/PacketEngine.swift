internal import WireFormat

/// The sizes of one worker's engine.
struct EngineSizes: Sendable {
    /// Receive buffers, a power of two.
    var buffers: Int
    /// Octets of payload a buffer has room for.
    var payloadBytes: Int
    /// Ports have numbers below this one.
    var ports: Int
}

/// How long an engine may wait for something to do.
enum Patience {
    /// Until a datagram or mail comes.
    case unlimited
    /// The same, but no longer than this many nanoseconds.
    case atMost(nanoseconds: UInt64)
    /// Datagrams keep coming: until several are there, or this many nanoseconds have passed.
    case gathering(nanoseconds: UInt64)
}

/// A received datagram, in memory of the engine that received it.
struct ArrivedDatagram {
    /// Which of the engine's buffers it lies in.
    let buffer: UInt16
    let source: TransportAddress
    /// As much of the payload as the buffer had room for.
    let payload: UnsafeRawBufferPointer
    let wasTruncated: Bool
}

/// A way into the kernel: how one worker receives and sends. It belongs to the thread that made it.
///
/// An engine moves datagrams and knows nothing of plans: what becomes of each is in ``WorkerCore``, the same for all of
/// them, and the worker's loop in ``Worker``. The worker is compiled for each engine, so no call on the packet path goes
/// through a table of methods.
protocol PacketEngine: ~Copyable {
    /// What it is called in the log and in statistics.
    static var name: EngineName { get }

    /// Sets everything up; on the thread that will use it. `event` is an eventfd that is readable while there is mail.
    init(_ sizes: EngineSizes, event: Int32) throws(SystemError)

    /// Begins to receive from the socket of a port, and to send by it. The descriptor is lent until ``release(_:)``.
    mutating func open(_ port: Int, descriptor: Int32) throws(SystemError)

    /// Ends receiving; returns true if nothing of the port is in flight any more. Otherwise the engine itself calls
    /// ``finishClosing(_:for:)`` when that is so.
    mutating func beginClosing(_ port: Int) -> Bool

    /// Forgets a port's socket; what was to leave by it has left.
    mutating func release(_ port: Int)

    /// Waits for something to do. What was prepared to leave has left when it returns.
    mutating func wait(_ patience: Patience)

    /// Takes what has arrived, up to a batch, without handling it; returns true if there may be more.
    mutating func takeArrivals() -> Bool

    /// Hands what was taken to ``WorkerCore/relay(_:on:through:)``. Plans may have changed since it was taken.
    mutating func handleArrivals(for core: inout WorkerCore)

    /// Prepares a datagram to leave; what is refused later is counted on `ports`.
    ///
    /// - Parameters:
    ///   - datagram: what leaves, which stays in its buffer until then; a datagram may leave several times.
    ///   - bytes: how many octets of it leave, from the first.
    ///   - port: where it arrived.
    ///   - sink: the port it leaves by, which is open.
    ///   - destination: where to, of the family of the sink's socket.
    ///   - ports: where refusals are counted.
    /// - Returns: false if there is no room for it.
    mutating func send(
        _ datagram: ArrivedDatagram, bytes: Int, arrivedOn port: Int, by sink: Int,
        to destination: TransportAddress, counting ports: inout PortTable
    ) -> Bool

    /// Ends a round: prepares what the next wait is for.
    mutating func endRound()
}

extension PacketEngine where Self: ~Copyable {
    /// Closes a closing port, of which nothing is in flight any more.
    mutating func finishClosing(_ port: Int, for core: inout WorkerCore) {
        self.release(port)
        core.finishClosing(port)
    }
}
