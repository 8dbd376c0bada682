internal import CUring
internal import Glibc
internal import WireFormat

/// The socket of one port, as the engine keeps it; all but the generation zero while the port is closed.
private struct RingSocket {
    var descriptor: Int32 = 0
    /// Tells the receives of one life of the slot from those of the next.
    var generation: UInt16 = 0
    /// True while a multishot receive is in flight.
    var isArmed = false
    /// True while the port is on the list of those to be armed.
    var awaitsArming = false
    var isClosing = false
    /// Receive errors in a row.
    var failures: UInt8 = 0
}

/// Receives and sends by io_uring: a multishot receive on each socket, sends out of the same buffers.
struct RingEngine: PacketEngine, ~Copyable {
    /// Requests prepared between two submits.
    static let submissions = 1024
    /// Completions looked at between two looks at the submission queue.
    static let batchCompletions = 256
    /// Receive errors in a row after which a socket is given up.
    static let maximumReceiveFailures: UInt8 = 16
    /// Completions a busy worker waits for before it handles them early.
    static let gatheredCompletions = 64
    /// How long to wait if requests found no room in the submission queue, in nanoseconds.
    static let retryNanoseconds: UInt64 = 1_000_000

    static var name: EngineName { .ioUring }

    private var ring: Ring
    private let event: Int32
    private let sockets: UnsafeMutablePointer<RingSocket>
    private let completions: UnsafeMutableBufferPointer<crosspoint_completion>
    private var completionCount = 0
    /// Buffers whose datagrams were handed to the kernel since the last submit.
    private let sentBuffers: UnsafeMutablePointer<UInt16>
    private var sentBufferCount = 0
    /// Ports whose receive has to be armed.
    private var portsToArm: [Int] = []
    /// Ports whose receive has to be cancelled.
    private var portsToCancel: [Int] = []
    private var isMailArmed = false

    init(_ sizes: EngineSizes, event: Int32) throws(SystemError) {
        self.ring = try Ring(
            RingSizes(
                submissions: UInt32(Self.submissions), buffers: UInt32(sizes.buffers),
                payloadBytes: UInt32(sizes.payloadBytes), files: UInt32(sizes.ports)))
        self.event = event
        self.sockets = LazyMemory.allocate(RingSocket.self, count: sizes.ports)
        self.sentBuffers = LazyMemory.allocate(UInt16.self, count: sizes.buffers)
        self.completions = .allocate(capacity: Self.batchCompletions)
        self.completions.initialize(repeating: crosspoint_completion())
    }

    deinit {
        self.completions.deallocate()
        LazyMemory.free(self.sentBuffers)
        LazyMemory.free(self.sockets)
    }

    // MARK: Ports

    mutating func open(_ port: Int, descriptor: Int32) throws(SystemError) {
        self.sockets[port].descriptor = descriptor
        self.sockets[port].failures = 0
        self.sockets[port].isClosing = false
        self.requestArming(port)
        // Where this fails, whatever should leave by this port is refused and counted as sendFailed; receiving works.
        try self.ring.setFile(port, to: descriptor)
    }

    mutating func beginClosing(_ port: Int) -> Bool {
        self.sockets[port].isClosing = true
        guard self.sockets[port].isArmed else { return true }
        self.portsToCancel.append(port)
        return false
    }

    mutating func release(_ port: Int) {
        // What was prepared to leave by this port must not leave by the next one in its slot.
        if !self.ring.isAllSubmitted { self.ring.submit() }
        self.ring.clearFile(port)
        self.sockets[port].descriptor = 0
        self.sockets[port].generation &+= 1
    }

    // MARK: Waiting and submitting

    mutating func wait(_ patience: Patience) {
        switch patience {
        case _ where self.hasWaitingRequests:
            self.ring.submitAndWait(for: 1, atMostNanoseconds: Self.retryNanoseconds)
        case .unlimited:
            self.ring.submitAndWait(for: 1, atMostNanoseconds: 0)
        case .atMost(let nanoseconds):
            self.ring.submitAndWait(for: 1, atMostNanoseconds: nanoseconds)
        case .gathering(let nanoseconds):
            self.ring.submitAndWait(for: Self.gatheredCompletions, atMostNanoseconds: nanoseconds)
        }
        self.releaseSentBuffers()
    }

    /// Gives back the buffers of datagrams that were sent: a send never outlives the submit.
    private mutating func releaseSentBuffers() {
        guard self.sentBufferCount > 0, self.ring.isAllSubmitted else { return }
        for index in 0..<self.sentBufferCount { self.ring.giveBack(self.sentBuffers[index]) }
        self.sentBufferCount = 0
        self.ring.publishBuffers()
    }

    mutating func endRound() {
        self.prepareWaitingRequests()
        self.ring.publishBuffers()
    }

    /// Prepares a wait for mail, receives and cancellations that are due, as far as the submission queue has room.
    private mutating func prepareWaitingRequests() {
        if !self.isMailArmed { self.isMailArmed = self.ring.readEvent(self.event, tag: .event) }
        while let port = self.portsToCancel.last {
            guard self.cancel(port) else { return self.ring.submit() }
            self.portsToCancel.removeLast()
        }
        while let port = self.portsToArm.last {
            guard self.arm(port) else { return self.ring.submit() }
            self.portsToArm.removeLast()
        }
    }

    /// Cancels the receive of a closing port, unless it ended by itself meanwhile.
    private func cancel(_ port: Int) -> Bool {
        guard self.sockets[port].isClosing, self.sockets[port].isArmed else { return true }
        let target = RequestTag.receive(port: port, generation: self.sockets[port].generation)
        return self.ring.cancel(target, tag: .cancel)
    }

    private var hasWaitingRequests: Bool {
        !self.isMailArmed || !self.portsToArm.isEmpty || !self.portsToCancel.isEmpty
    }

    private mutating func arm(_ port: Int) -> Bool {
        let socket = self.sockets[port]
        guard socket.descriptor != 0, !socket.isClosing, !socket.isArmed else {
            self.sockets[port].awaitsArming = false
            return true
        }
        let tag = RequestTag.receive(port: port, generation: socket.generation)
        guard self.ring.receive(from: socket.descriptor, tag: tag) else { return false }
        self.sockets[port].isArmed = true
        self.sockets[port].awaitsArming = false
        return true
    }

    /// Puts a port on the list of those whose receive has to be armed.
    private mutating func requestArming(_ port: Int) {
        guard !self.sockets[port].awaitsArming else { return }
        self.sockets[port].awaitsArming = true
        self.portsToArm.append(port)
    }

    // MARK: Completions

    mutating func takeArrivals() -> Bool {
        self.completionCount = self.ring.takeCompletions(self.completions)
        return self.completionCount == Self.batchCompletions
    }

    mutating func handleArrivals(for core: inout WorkerCore) {
        for index in 0..<self.completionCount { self.handle(self.completions[index], for: &core) }
        self.completionCount = 0
    }

    @inline(__always)
    private mutating func handle(_ completion: crosspoint_completion, for core: inout WorkerCore) {
        let tag = RequestTag(bits: completion.user_data)
        switch tag.kind {
        case .receive:
            self.handleReceive(completion, tag, for: &core)
        case .send:
            self.handleRefusal(completion, tag, for: &core)
        case .event:
            // The mail itself was read already, or is read before the next completion.
            self.isMailArmed = false
        case .cancel:
            break
        case nil:
            preconditionFailure("io_uring completed a request that was never made")
        }
    }

    @inline(__always)
    private mutating func handleReceive(
        _ completion: crosspoint_completion, _ tag: RequestTag, for core: inout WorkerCore
    ) {
        let port = tag.port
        precondition(core.ports.phase(port) != .closed && self.sockets[port].generation == tag.value)
        if crosspoint_completion_has_buffer(completion.flags) != 0 {
            let buffer = crosspoint_completion_buffer(completion.flags)
            self.sockets[port].failures = 0
            self.relay(buffer, filled: completion.result, arrivedOn: port, for: &core)
        }
        if crosspoint_completion_has_more(completion.flags) == 0 {
            self.receiveEnded(on: port, result: completion.result, for: &core)
        }
    }

    @inline(__always)
    private mutating func relay(
        _ buffer: UInt16, filled: Int32, arrivedOn port: Int, for core: inout WorkerCore
    ) {
        guard let datagram = self.ring.datagram(in: buffer, filled: filled) else {
            core.ports.totals.add(1, to: .receiveErrors)
            self.ring.giveBack(buffer)
            return
        }
        guard core.relay(datagram, on: port, through: &self) else { return self.ring.giveBack(buffer) }
        self.sentBuffers[self.sentBufferCount] = buffer
        self.sentBufferCount &+= 1
    }

    /// Prepares a send; a full submission queue is submitted first.
    @inline(__always)
    mutating func send(
        _ datagram: ArrivedDatagram, bytes: Int, arrivedOn port: Int, by sink: Int,
        to destination: TransportAddress, counting ports: inout PortTable
    ) -> Bool {
        let tag = RequestTag.send(arrival: port, sink: sink, bytes: bytes)
        if self.ring.send(datagram.payload, bytes: bytes, by: sink, to: destination, tag: tag) { return true }
        self.ring.submit()
        return self.ring.send(datagram.payload, bytes: bytes, by: sink, to: destination, tag: tag)
    }

    /// Counts a datagram that the kernel did not send; only failures have a completion.
    private func handleRefusal(
        _ completion: crosspoint_completion, _ tag: RequestTag, for core: inout WorkerCore
    ) {
        guard completion.result < 0 else { return }
        core.ports.countRefused(
            bytes: Int(tag.value), by: tag.sink, arrivedOn: tag.port, errno: -completion.result)
    }

    /// A multishot receive has ended: the port is closing, buffers ran out, or something is wrong with the socket.
    private mutating func receiveEnded(on port: Int, result: Int32, for core: inout WorkerCore) {
        self.sockets[port].isArmed = false
        guard core.ports.phase(port) == .open else { return self.finishClosing(port, for: &core) }
        if result == -ENOBUFS {
            core.ports.totals.add(1, to: .bufferShortages)
        } else if result < 0 {
            core.ports.totals.add(1, to: .receiveErrors)
            self.sockets[port].failures &+= 1
            guard self.sockets[port].failures < Self.maximumReceiveFailures else { return }
        }
        self.requestArming(port)
    }
}
