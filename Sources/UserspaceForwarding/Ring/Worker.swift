internal import CLinux
internal import CUring
internal import Glibc
internal import RTPPackets
internal import RelayPlanning
internal import WireFormat

/// The socket of one port, as its worker keeps it; all zero while the port is closed.
struct PortSocket {
    var descriptor: Int32 = 0
    /// Tells the receives of one life of the slot from those of the next.
    var generation: UInt16 = 0
    /// True while a multishot receive is in flight.
    var isArmed = false
    /// True while the port is on the list of those to be armed.
    var awaitsArming = false
    /// Receive errors in a row.
    var failures: UInt8 = 0
}

/// One thread's ring and ports: takes datagrams from sockets and sends them on as the port table decides.
///
/// All of it belongs to the thread that made it; others reach it through the mailbox only. Everything is sized at
/// start, and nothing on the packet path allocates, locks or counts references.
struct Worker: ~Copyable {
    /// Completions looked at between two looks at the submission queue.
    static let batchCompletions = 256
    /// Batches handled on one reading of the clock.
    static let batchesPerWakeup = 16
    /// Receive errors in a row after which a socket is given up.
    static let maximumReceiveFailures: UInt8 = 16
    /// Completions a busy worker waits for before it handles them early.
    static let gatheredCompletions = 64

    struct Settings: Sendable {
        var ring: RingSizes
        var gatheringNanoseconds: UInt64
    }

    let ring: Ring
    var ports: PortTable
    let sockets: UnsafeMutablePointer<PortSocket>
    let mailbox: Mailbox
    private let settings: Settings
    private let deliver: @Sendable ([RelayEvent]) -> Void
    private let completions: UnsafeMutableBufferPointer<crosspoint_completion>
    /// Buffers whose datagrams were handed to the kernel since the last submit.
    private let sentBuffers: UnsafeMutablePointer<UInt16>
    private var sentBufferCount = 0
    /// Ports whose receive has to be armed.
    private var portsToArm: [Int] = []
    /// Ports whose receive has to be cancelled.
    var portsToCancel: [Int] = []
    /// What to call when a closing port is closed.
    var closeCompletions: [Int: @Sendable () -> Void] = [:]
    /// When to end even if ports are still in use; nil while the worker is to go on.
    var stopDeadline: MonotonicTime?
    private var isMailArmed = false
    var now = MonotonicTime(nanoseconds: 0)
    private var lastTraffic = MonotonicTime(nanoseconds: 0)
    private var isGathering = false

    /// Sets up the ring; on the thread that will run it.
    init(
        _ settings: Settings, counters: PortCounterTable, totals: TotalsBlock, mailbox: Mailbox,
        recorder: RecordingRing? = nil, deliver: @escaping @Sendable ([RelayEvent]) -> Void
    ) throws(SystemError) {
        self.ring = try Ring(settings.ring)
        self.ports = PortTable(counterTable: counters, totals: totals, recorder: recorder)
        self.sockets = LazyMemory.allocate(PortSocket.self, count: counters.capacity)
        self.sentBuffers = LazyMemory.allocate(UInt16.self, count: Int(settings.ring.buffers))
        self.completions = .allocate(capacity: Self.batchCompletions)
        self.completions.initialize(repeating: crosspoint_completion())
        self.settings = settings
        self.mailbox = mailbox
        self.deliver = deliver
    }

    deinit {
        self.completions.deallocate()
        LazyMemory.free(self.sentBuffers)
        LazyMemory.free(self.sockets)
    }

    /// Relays until told to stop; every port is closed then.
    mutating func run() {
        while !self.hasEnded {
            self.wait()
            self.releaseSentBuffers()
            self.now = MonotonicTime(nanoseconds: crosspoint_monotonic_nanoseconds())
            let earlierTraffic = self.lastTraffic
            self.handleCompletions()
            self.noteTraffic(since: earlierTraffic)
            self.prepareWaitingRequests()
            self.ring.publishBuffers()
            self.ports.totals.publish()
            if self.ports.hasEvents { self.deliver(self.ports.takeEvents()) }
        }
    }

    private var hasEnded: Bool {
        guard let deadline = self.stopDeadline else { return false }
        return self.ports.openPortCount == 0 || self.now > deadline
    }

    // MARK: Waiting and submitting

    /// Submits what was prepared and waits for something to do.
    ///
    /// While datagrams keep coming, several are handled at one wake-up: waking costs more than handling one.
    private mutating func wait() {
        self.ports.totals.add(1, to: .wakeups)
        if self.stopDeadline != nil || self.hasWaitingRequests {
            self.ring.submitAndWait(for: 1, atMostNanoseconds: 1_000_000)
        } else if self.isGathering {
            self.ring.submitAndWait(
                for: Self.gatheredCompletions, atMostNanoseconds: self.settings.gatheringNanoseconds)
        } else {
            self.ring.submitAndWait(for: 1, atMostNanoseconds: 0)
        }
    }

    /// Decides whether to gather: only if datagrams follow each other so closely that several will come in that time.
    private mutating func noteTraffic(since earlier: MonotonicTime) {
        let gap = self.now.nanoseconds(since: earlier)
        self.isGathering = self.lastTraffic == self.now && gap < self.settings.gatheringNanoseconds / 2
    }

    /// Gives back the buffers of datagrams that were sent: a send never outlives the submit.
    private mutating func releaseSentBuffers() {
        guard self.sentBufferCount > 0, self.ring.isAllSubmitted else { return }
        for index in 0..<self.sentBufferCount { self.ring.giveBack(self.sentBuffers[index]) }
        self.sentBufferCount = 0
        self.ring.publishBuffers()
    }

    /// Prepares a wait for mail, receives and cancellations that are due, as far as the submission queue has room.
    private mutating func prepareWaitingRequests() {
        if !self.isMailArmed { self.isMailArmed = self.ring.readEvent(self.mailbox.descriptor, tag: .event) }
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
        guard self.ports.phase(port) == .closing, self.sockets[port].isArmed else { return true }
        let target = RequestTag.receive(port: port, generation: self.sockets[port].generation)
        return self.ring.cancel(target, tag: .cancel)
    }

    private var hasWaitingRequests: Bool {
        !self.isMailArmed || !self.portsToArm.isEmpty || !self.portsToCancel.isEmpty
    }

    private mutating func arm(_ port: Int) -> Bool {
        guard self.ports.phase(port) == .open, !self.sockets[port].isArmed else {
            self.sockets[port].awaitsArming = false
            return true
        }
        let tag = RequestTag.receive(port: port, generation: self.sockets[port].generation)
        guard self.ring.receive(from: self.sockets[port].descriptor, tag: tag) else { return false }
        self.sockets[port].isArmed = true
        self.sockets[port].awaitsArming = false
        return true
    }

    /// Puts a port on the list of those whose receive has to be armed.
    mutating func requestArming(_ port: Int) {
        guard !self.sockets[port].awaitsArming else { return }
        self.sockets[port].awaitsArming = true
        self.portsToArm.append(port)
    }

    // MARK: Completions

    private mutating func handleCompletions() {
        for _ in 0..<Self.batchesPerWakeup {
            let count = self.ring.takeCompletions(self.completions)
            // A phone may send as soon as it was answered: what was posted before these datagrams came goes first.
            if self.mailbox.isWaiting { self.readMail() }
            for index in 0..<count { self.handle(self.completions[index]) }
            if count < Self.batchCompletions { return }
        }
    }

    @inline(__always)
    private mutating func handle(_ completion: crosspoint_completion) {
        let tag = RequestTag(bits: completion.user_data)
        switch tag.kind {
        case .receive:
            self.handleReceive(completion, tag)
        case .send:
            self.handleRefusal(completion, tag)
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
    private mutating func handleReceive(_ completion: crosspoint_completion, _ tag: RequestTag) {
        let port = tag.port
        precondition(self.ports.phase(port) != .closed && self.sockets[port].generation == tag.value)
        if crosspoint_completion_has_buffer(completion.flags) != 0 {
            let buffer = crosspoint_completion_buffer(completion.flags)
            self.sockets[port].failures = 0
            self.relay(buffer, filled: completion.result, arrivedOn: port)
        }
        if crosspoint_completion_has_more(completion.flags) == 0 {
            self.receiveEnded(on: port, result: completion.result)
        }
    }

    /// What happens to one datagram: it leaves, or it was counted and its buffer is given back.
    @inline(__always)
    private mutating func relay(_ buffer: UInt16, filled: Int32, arrivedOn port: Int) {
        guard let datagram = self.ring.datagram(in: buffer, filled: filled) else {
            self.ports.totals.add(1, to: .receiveErrors)
            self.ring.giveBack(buffer)
            return
        }
        self.lastTraffic = self.now
        let bytes = datagram.payload.count
        guard !datagram.wasTruncated else {
            self.ports.discard(bytes: bytes, on: port, because: .tooLarge, at: self.now)
            self.ring.giveBack(buffer)
            return
        }
        switch self.ports.receive(datagram.payload.bytes, on: port, from: datagram.source, at: self.now) {
        case .drop:
            self.ring.giveBack(buffer)
        case .forward(let sink, let destination):
            self.forward(buffer, bytes: bytes, arrivedOn: port, by: sink, to: destination)
        case .forwardPrefix(let kept, let sink, let destination):
            self.forward(buffer, bytes: kept, arrivedOn: port, by: sink, to: destination)
        }
    }

    @inline(__always)
    private mutating func forward(
        _ buffer: UInt16, bytes: Int, arrivedOn port: Int, by sink: Int, to destination: TransportAddress
    ) {
        let tag = RequestTag.send(arrival: port, sink: sink, bytes: bytes)
        guard self.send(buffer, bytes: bytes, by: sink, to: destination, tag) else {
            self.ports.countDrop(.overload, on: port)
            self.ring.giveBack(buffer)
            return
        }
        self.ports.countSubmitted(bytes: bytes, by: sink)
        self.sentBuffers[self.sentBufferCount] = buffer
        self.sentBufferCount &+= 1
    }

    /// Prepares a send; a full submission queue is submitted first.
    @inline(__always)
    private func send(
        _ buffer: UInt16, bytes: Int, by sink: Int, to destination: TransportAddress, _ tag: RequestTag
    ) -> Bool {
        if self.ring.send(buffer: buffer, bytes: bytes, by: sink, to: destination, tag: tag) { return true }
        self.ring.submit()
        return self.ring.send(buffer: buffer, bytes: bytes, by: sink, to: destination, tag: tag)
    }

    /// Counts a datagram that the kernel did not send; only failures have a completion.
    private mutating func handleRefusal(_ completion: crosspoint_completion, _ tag: RequestTag) {
        guard completion.result < 0 else { return }
        let errno = -completion.result
        let isOverload = errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM
        self.ports.countRefused(
            bytes: Int(tag.value), by: tag.sink, arrivedOn: tag.port, errno: errno,
            reason: isOverload ? .overload : .sendFailed)
    }

    /// A multishot receive has ended: the port is closing, buffers ran out, or something is wrong with the socket.
    private mutating func receiveEnded(on port: Int, result: Int32) {
        self.sockets[port].isArmed = false
        guard self.ports.phase(port) == .open else { return self.finishClosing(port) }
        if result == -ENOBUFS {
            self.ports.totals.add(1, to: .bufferShortages)
        } else if result < 0 {
            self.ports.totals.add(1, to: .receiveErrors)
            self.sockets[port].failures &+= 1
            guard self.sockets[port].failures < Self.maximumReceiveFailures else { return }
        }
        self.requestArming(port)
    }
}
