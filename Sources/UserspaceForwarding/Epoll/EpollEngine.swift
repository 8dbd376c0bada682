internal import CEpoll
internal import CLinux
internal import Glibc
internal import WireFormat

/// The socket of one port, as the engine keeps it; all zero while the port is closed.
private struct EpollSocket {
    var descriptor: Int32 = 0
    /// The last look that found a datagram here.
    var lastLook: UInt32 = 0
    /// Datagrams that were taken and not yet handled.
    var datagramsInHand: UInt16 = 0
    /// How many datagrams to ask for at once.
    var burst: UInt8 = 0
    /// Receive errors in a row.
    var failures: UInt8 = 0
    var isClosing = false
}

/// Receives and sends by system calls; epoll says on which sockets something has come.
///
/// Level-triggered: a socket from which not everything was taken is found again at the next look, so one datagram is
/// one call of `recvfrom`, with no second one that only finds the socket empty, and a socket that is flooded gets its
/// turn after the others. Sockets on which datagrams follow each other closely are read, and what leaves by one socket
/// is sent, several at a time.
struct EpollEngine: PacketEngine, ~Copyable {
    /// Datagrams taken between two looks at the mail; each has a buffer of its own.
    static let batchDatagrams = 256
    /// Sockets named by one look.
    static let batchSockets = 256
    /// Datagrams a busy worker lets gather: it sleeps for less time if more came in the last one.
    static let gatheredDatagrams: UInt64 = 64
    /// Sleeps shorter than this are left out: they would take longer than asked for.
    static let shortestSleepNanoseconds: UInt64 = 50_000
    /// Receive errors in a row after which a socket is given up.
    static let maximumReceiveFailures: UInt8 = 16
    /// What names the eventfd among the ports.
    private static let eventNumber = UInt32.max

    static var name: EngineName { .epoll }

    private let epoll: Int32
    private let event: Int32
    private let sockets: UnsafeMutablePointer<EpollSocket>
    private let inbox: OpaquePointer
    private var outbox = Outbox()
    /// Ports on which something has come, and the eventfd.
    private let ready: UnsafeMutablePointer<UInt32>
    private var readyCount = 0
    private var nextReady = 0
    /// Counts the calls of epoll_wait.
    private var look: UInt32 = 1
    /// The port of each datagram in hand, by buffer.
    private let arrivals: UnsafeMutablePointer<UInt32>
    private var arrivalCount = 0
    /// Datagrams taken since the worker last slept.
    private var takenCount: UInt64 = 0
    private var receiveErrors: UInt64 = 0
    /// Ports that are to be closed once the datagrams in hand are handled.
    private var portsToFinish: [Int] = []

    init(_ sizes: EngineSizes, event: Int32) throws(SystemError) {
        let epoll = try checked(crosspoint_epoll_open(), "opening an epoll set")
        var inbox: OpaquePointer?
        let buffers = UInt32(min(sizes.buffers, Self.batchDatagrams))
        let result = crosspoint_inbox_open(buffers, UInt32(sizes.payloadBytes), &inbox)
        let added = crosspoint_epoll_add(epoll, event, Self.eventNumber)
        guard result == 0, added == 0, let inbox else {
            crosspoint_close(epoll)
            if let inbox { crosspoint_inbox_close(inbox) }
            let attempted = result == 0 ? "watching for mail by epoll" : "allocating receive buffers"
            throw SystemError(errno: result == 0 ? -added : -result, attempted: attempted)
        }
        self.epoll = epoll
        self.event = event
        self.inbox = inbox
        self.bufferCount = Int(buffers)
        self.sockets = LazyMemory.allocate(EpollSocket.self, count: sizes.ports)
        self.ready = LazyMemory.allocate(UInt32.self, count: Self.batchSockets)
        self.arrivals = LazyMemory.allocate(UInt32.self, count: Self.batchDatagrams)
    }

    private let bufferCount: Int

    deinit {
        crosspoint_close(self.epoll)
        crosspoint_inbox_close(self.inbox)
        LazyMemory.free(self.sockets)
        LazyMemory.free(self.ready)
        LazyMemory.free(self.arrivals)
    }

    // MARK: Ports

    mutating func open(_ port: Int, descriptor: Int32) throws(SystemError) {
        self.sockets[port] = EpollSocket(descriptor: descriptor, burst: 1)
        // Where this fails, nothing is heard on the port; what leaves by it does leave.
        _ = try checked(
            crosspoint_epoll_add(self.epoll, descriptor, UInt32(port)), "watching a socket by epoll")
    }

    mutating func beginClosing(_ port: Int) -> Bool {
        _ = crosspoint_epoll_remove(self.epoll, self.sockets[port].descriptor)
        self.sockets[port].isClosing = true
        guard self.sockets[port].datagramsInHand > 0 else { return true }
        self.portsToFinish.append(port)
        return false
    }

    mutating func release(_ port: Int) { self.sockets[port] = EpollSocket() }

    // MARK: Waiting

    mutating func wait(_ patience: Patience) {
        switch patience {
        case .unlimited:
            self.lookForReady(atMostMilliseconds: -1)
        case .atMost(let nanoseconds):
            self.lookForReady(atMostMilliseconds: Int32(clamping: (nanoseconds + 999_999) / 1_000_000))
        case .gathering(let nanoseconds):
            self.sleep(nanoseconds)
            self.lookForReady(atMostMilliseconds: 0)
        }
    }

    /// Lets datagrams gather. Nothing wakes the thread meanwhile, which is what saves the kernel most of its work; mail
    /// waits too.
    private mutating func sleep(_ nanoseconds: UInt64) {
        let count = max(self.takenCount, Self.gatheredDatagrams)
        self.takenCount = 0
        let shortened = nanoseconds * Self.gatheredDatagrams / count
        if shortened >= Self.shortestSleepNanoseconds { crosspoint_sleep(shortened) }
    }

    private mutating func lookForReady(atMostMilliseconds timeout: Int32) {
        let count = crosspoint_epoll_wait(self.epoll, self.ready, UInt32(Self.batchSockets), timeout)
        self.readyCount = max(0, Int(count))
        self.nextReady = 0
        self.look &+= 1
    }

    mutating func endRound() {}

    // MARK: Receiving

    mutating func takeArrivals() -> Bool {
        // A full look may have left sockets out.
        if self.nextReady == self.readyCount, self.readyCount == Self.batchSockets {
            self.lookForReady(atMostMilliseconds: 0)
        }
        while self.nextReady < self.readyCount {
            guard self.arrivalCount < self.bufferCount else { return true }
            let number = self.ready[self.nextReady]
            self.nextReady &+= 1
            if number == Self.eventNumber {
                // The mail itself is read before anything that was taken is handled.
                crosspoint_eventfd_take(self.event)
            } else {
                self.receive(on: Int(number))
            }
        }
        return self.readyCount == Self.batchSockets
    }

    /// Takes what has come on a socket, as much as is likely to be there.
    @inline(__always)
    private mutating func receive(on port: Int) {
        let socket = self.sockets + port
        // Closed since the look.
        guard socket.pointee.descriptor != 0, !socket.pointee.isClosing else { return }
        let isBusy = self.look &- socket.pointee.lastLook <= 1
        let burst = isBusy ? Int(socket.pointee.burst) : 1
        let wanted = min(burst, self.bufferCount - self.arrivalCount)
        let received = Int(
            crosspoint_inbox_receive(
                self.inbox, socket.pointee.descriptor, UInt32(self.arrivalCount), UInt32(wanted)))
        guard received > 0 else { return self.receiveFailed(on: port, errno: Int32(-received)) }
        socket.pointee.failures = 0
        socket.pointee.lastLook = self.look
        socket.pointee.burst = UInt8(
            received == wanted ? min(received * 2, Int(CROSSPOINT_BURST)) : received)
        socket.pointee.datagramsInHand &+= UInt16(received)
        for index in self.arrivalCount..<self.arrivalCount + received { self.arrivals[index] = UInt32(port) }
        self.arrivalCount &+= received
        self.takenCount &+= UInt64(received)
    }

    /// An error is taken off the socket by being told, so going on is right, but not for ever.
    private mutating func receiveFailed(on port: Int, errno: Int32) {
        guard errno != EAGAIN else { return }
        self.receiveErrors &+= 1
        self.sockets[port].failures &+= 1
        guard self.sockets[port].failures >= Self.maximumReceiveFailures else { return }
        _ = crosspoint_epoll_remove(self.epoll, self.sockets[port].descriptor)
    }

    mutating func handleArrivals(for core: inout WorkerCore) {
        for index in 0..<self.arrivalCount { self.handle(index, for: &core) }
        self.arrivalCount = 0
        self.outbox.empty(counting: &core.ports)
        while let port = self.portsToFinish.popLast() { self.finishClosing(port, for: &core) }
        if self.receiveErrors > 0 {
            core.ports.totals.add(self.receiveErrors, to: .receiveErrors)
            self.receiveErrors = 0
        }
    }

    @inline(__always)
    private mutating func handle(_ index: Int, for core: inout WorkerCore) {
        let port = Int(self.arrivals[index])
        self.sockets[port].datagramsInHand &-= 1
        var arrival = crosspoint_arrival()
        crosspoint_inbox_describe(self.inbox, UInt32(index), &arrival)
        guard let source = TransportAddress(arrival.source) else {
            self.receiveErrors &+= 1
            return
        }
        let datagram = ArrivedDatagram(
            buffer: UInt16(index), source: source,
            payload: UnsafeRawBufferPointer(start: arrival.payload, count: Int(arrival.length)),
            wasTruncated: arrival.was_truncated != 0)
        _ = core.relay(datagram, on: port, through: &self)
    }

    // MARK: Sending

    @inline(__always)
    mutating func send(
        _ datagram: ArrivedDatagram, bytes: Int, arrivedOn port: Int, by sink: Int,
        to destination: TransportAddress, counting ports: inout PortTable
    ) -> Bool {
        if self.outbox.isFull { self.outbox.empty(counting: &ports) }
        self.outbox.add(
            datagram.payload, bytes: bytes, to: destination,
            route: Outbox.Route(
                arrival: UInt32(port), sink: UInt32(sink), descriptor: self.sockets[sink].descriptor))
        return true
    }
}
