internal import CLinux
internal import RelayPlanning
internal import WireFormat

/// What every worker has, whichever engine it runs on: ports, their sockets, time, and what becomes of a datagram.
///
/// It belongs to the worker's thread. Nothing on the packet path allocates, locks or counts references.
struct WorkerCore: ~Copyable {
    /// How long a worker waits for its requests to end when it stops, in nanoseconds.
    static let stopPatienceNanoseconds: UInt64 = 2_000_000_000
    /// How long a worker that stops sleeps between two looks at the time, in nanoseconds.
    static let stopStepNanoseconds: UInt64 = 1_000_000
    /// The shortest wait for something that is due soon, in nanoseconds; 0 would be for ever.
    static let shortestPatienceNanoseconds: UInt64 = 1000

    var ports: PortTable
    /// The socket of each port; 0 while the port is closed.
    let descriptors: UnsafeMutablePointer<Int32>
    /// What to call when a closing port is closed.
    var closeCompletions: [Int: @Sendable () -> Void] = [:]
    /// Ports on their way to another worker, of which something is in flight in the engine.
    var departing: Set<Int> = []
    /// When to end even if ports are still in use; nil while the worker is to go on.
    private var stopDeadline: MonotonicTime?
    /// When this round began.
    private(set) var now = MonotonicTime(nanoseconds: 0)
    private var lastTraffic = MonotonicTime(nanoseconds: 0)
    private var earlierTraffic = MonotonicTime(nanoseconds: 0)
    private var isGathering = false
    private let gatheringNanoseconds: UInt64
    private let deliver: @Sendable ([RelayEvent]) -> Void

    /// A worker without ports.
    init(
        counters: PortCounterTable, totals: TotalsBlock, recorder: RecordingRing?,
        gatheringNanoseconds: UInt64, deliver: @escaping @Sendable ([RelayEvent]) -> Void
    ) {
        self.ports = PortTable(counterTable: counters, totals: totals, recorder: recorder)
        self.descriptors = LazyMemory.allocate(Int32.self, count: counters.capacity)
        self.gatheringNanoseconds = gatheringNanoseconds
        self.deliver = deliver
    }

    deinit { LazyMemory.free(self.descriptors) }

    // MARK: Packets

    /// What happens to one datagram: it leaves, or it was counted. Returns true if it is on its way out, so that its
    /// buffer is in use until the engine has sent it.
    @inline(__always)
    mutating func relay<Engine: PacketEngine & ~Copyable>(
        _ datagram: ArrivedDatagram, on port: Int, through engine: inout Engine
    ) -> Bool {
        self.lastTraffic = self.now
        guard !datagram.wasTruncated else {
            self.ports.discard(bytes: datagram.payload.count, on: port, because: .tooLarge, at: self.now)
            return false
        }
        switch self.ports.receive(datagram.payload.bytes, on: port, from: datagram.source, at: self.now) {
        case .drop:
            return false
        case .forward(let sink, let destination):
            return self.send(
                datagram, bytes: datagram.payload.count, arrivedOn: port, by: sink, to: destination,
                through: &engine)
        case .forwardPrefix(let kept, let sink, let destination):
            return self.send(
                datagram, bytes: kept, arrivedOn: port, by: sink, to: destination, through: &engine)
        case .forwardByMany(let bytes, let routes):
            return self.send(datagram, bytes: bytes, arrivedOn: port, by: routes, through: &engine)
        }
    }

    /// Sends a datagram and its copies; true if any of them is on its way.
    private mutating func send<Engine: PacketEngine & ~Copyable>(
        _ datagram: ArrivedDatagram, bytes: Int, arrivedOn port: Int, by routes: RouteList,
        through engine: inout Engine
    ) -> Bool {
        var routes = routes
        var hasLeft = false
        while let route = self.ports.next(of: &routes) {
            // What the kernel says of a copy later must not make a loss of the datagram.
            let isSent = engine.send(
                datagram, bytes: bytes, arrivedOn: route.isCopy ? PortTable.noPort : port, by: route.sink,
                to: route.destination, counting: &self.ports)
            guard isSent else { continue }
            self.ports.countSubmitted(bytes: bytes, by: route.sink)
            hasLeft = true
        }
        if !hasLeft { self.ports.countDrop(.overload, on: port) }
        return hasLeft
    }

    @inline(__always)
    private mutating func send<Engine: PacketEngine & ~Copyable>(
        _ datagram: ArrivedDatagram, bytes: Int, arrivedOn port: Int, by sink: Int,
        to destination: TransportAddress, through engine: inout Engine
    ) -> Bool {
        guard
            engine.send(
                datagram, bytes: bytes, arrivedOn: port, by: sink, to: destination, counting: &self.ports)
        else {
            self.ports.countDrop(.overload, on: port)
            return false
        }
        self.ports.countSubmitted(bytes: bytes, by: sink)
        return true
    }

    // MARK: Rounds

    /// How long the engine may wait now.
    ///
    /// While datagrams keep coming, several are handled at one wake-up: waking costs more than handling one.
    var patience: Patience {
        if self.stopDeadline != nil { return .atMost(nanoseconds: Self.stopStepNanoseconds) }
        if self.isGathering { return .gathering(nanoseconds: self.gatheringNanoseconds) }
        guard let due = self.ports.nextPuncture else { return .unlimited }
        return .atMost(nanoseconds: max(Self.shortestPatienceNanoseconds, due.nanoseconds(since: self.now)))
    }

    /// Begins a round: reads the clock.
    mutating func beginRound() {
        self.ports.totals.add(1, to: .wakeups)
        self.now = MonotonicTime(nanoseconds: crosspoint_monotonic_nanoseconds())
        self.earlierTraffic = self.lastTraffic
    }

    /// Sends what opens NATs, as far as it is due.
    ///
    /// It is rare and small, so it goes straight into the socket, whatever the engine.
    mutating func sendPunctures() {
        for _ in 0..<PiercingQueue.turnsAtATime {
            guard let puncture = self.ports.takePuncture(at: self.now) else { return }
            let bytes = puncture.isRTP ? PortTable.punctureHeader : []
            let sent = bytes.withUnsafeBytes {
                crosspoint_udp_send(
                    self.descriptors[puncture.port], $0.baseAddress, $0.count, puncture.destination.system)
            }
            self.ports.countSubmitted(bytes: bytes.count, by: puncture.port)
            guard sent < 0 else { continue }
            self.ports.countRefused(
                bytes: bytes.count, by: puncture.port, arrivedOn: PortTable.noPort, errno: Int32(-sent))
        }
    }

    /// Ends a round: decides whether to gather, and tells others what happened.
    mutating func endRound() {
        // Only if datagrams follow each other so closely that several will come in that time.
        let gap = self.now.nanoseconds(since: self.earlierTraffic)
        self.isGathering = self.lastTraffic == self.now && gap < self.gatheringNanoseconds / 2
        self.ports.totals.publish()
        if self.ports.hasEvents { self.deliver(self.ports.takeEvents()) }
    }

    // MARK: Ending

    /// True once the worker shall stop.
    var isStopping: Bool { self.stopDeadline != nil }

    /// From now on the worker ends as soon as its ports are closed.
    mutating func beginStopping() {
        self.stopDeadline = self.now.advanced(byNanoseconds: Self.stopPatienceNanoseconds)
    }

    /// True if nothing is left to do, or it takes too long.
    var hasEnded: Bool {
        guard let deadline = self.stopDeadline else { return false }
        return self.ports.openPortCount == 0 || self.now > deadline
    }

    /// Closes the socket of a closing port, which the engine has forgotten.
    mutating func finishClosing(_ port: Int) {
        self.readLosses(port)
        crosspoint_close(self.descriptors[port])
        self.descriptors[port] = 0
        self.ports.finishClosing(port)
        if let completion = self.closeCompletions.removeValue(forKey: port) { completion() }
    }

    /// Takes an open port out, which the engine has forgotten; its socket stays open.
    mutating func remove(_ port: Int) -> MovedPort? {
        guard let moved = self.ports.remove(port, descriptor: self.descriptors[port]) else { return nil }
        self.descriptors[port] = 0
        return moved
    }

    /// Notes what the kernel dropped before anybody saw it.
    func readLosses(_ port: Int) {
        var datagrams: UInt32 = 0
        guard crosspoint_udp_lost(self.descriptors[port], &datagrams) == 0 else { return }
        self.ports.noteLostInSocket(datagrams, on: port)
    }
}
