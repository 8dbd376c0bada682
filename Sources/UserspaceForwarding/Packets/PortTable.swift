internal import Glibc
internal import NATRules
internal import RTPPackets
internal import RelayPlanning
internal import WireFormat

/// All ports of one worker, and what happens to each datagram that arrives on them.
///
/// It knows nothing of sockets and rings: an engine hands it datagrams and does what it decides. Slots are indexed by
/// ``RelayPortID``, without hashing; memory is only touched for ports that are used.
struct PortTable: ~Copyable {
    /// The number of no port: what is sent for itself, not for a datagram that arrived, says that it arrived here.
    static let noPort = 0xF_FFFF
    /// The most ports, whose numbers are below ``noPort``.
    static let maximumPorts = noPort

    let capacity: Int
    let states: UnsafeMutablePointer<PortState>
    /// What is measured on each port; two kilobytes each, so they lie apart from the states.
    let trackers: UnsafeMutablePointer<QualityTracker>
    private let phases: UnsafeMutablePointer<PortPhase>
    private let counterTable: PortCounterTable
    let totals: WorkerCounters
    /// Where copies of packets go; the tap it belongs to outlives the worker.
    private let recorder: RecordingRing?
    /// Ports that are not closed.
    private(set) var openPortCount = 0
    /// Ports whose party's address changed since the control side was told; each is listed once, so a party that
    /// changes its source with every packet makes one event a batch.
    private var changedPorts: [Int] = []
    /// Ports that have to open a NAT.
    var piercing = PiercingQueue()

    /// A table with no ports.
    init(counterTable: PortCounterTable, totals: TotalsBlock, recorder: RecordingRing? = nil) {
        self.recorder = recorder
        self.capacity = counterTable.capacity
        self.counterTable = counterTable
        self.totals = WorkerCounters(publishingTo: totals)
        self.states = LazyMemory.allocate(PortState.self, count: self.capacity)
        self.trackers = LazyMemory.allocate(QualityTracker.self, count: self.capacity)
        self.phases = LazyMemory.allocate(PortPhase.self, count: self.capacity)
    }

    deinit {
        for port in 0..<self.capacity where self.phases[port] != .closed {
            (self.states + port).deinitialize(count: 1)
            (self.trackers + port).deinitialize(count: 1)
        }
        LazyMemory.free(self.states)
        LazyMemory.free(self.trackers)
        LazyMemory.free(self.phases)
    }

    // MARK: Control

    /// The phase of a port; `closed` for numbers the table has no room for.
    func phase(_ port: Int) -> PortPhase {
        port >= 0 && port < self.capacity ? self.phases[port] : .closed
    }

    /// The plan of a port that is not closed.
    func plan(_ port: Int) -> PortPlan? { self.phase(port) == .closed ? nil : self.states[port].plan }

    /// Begins with a port; returns false if the slot is in use or there is none.
    mutating func open(_ plan: PortPlan, quality: QualityTracker, at now: MonotonicTime) -> Bool {
        let port = Int(plan.id.index)
        guard port < self.capacity else { return false }
        let counters = self.counterTable.counters(of: port)
        guard self.occupy(port, PortState(plan: plan, counters: counters, at: now), quality) else {
            return false
        }
        if self.states[port].isSettled { self.noteChange(port) }
        self.considerPiercing(port, at: now)
        return true
    }

    /// Puts a port into a free slot; returns false if there is none.
    mutating func occupy(_ port: Int, _ state: PortState, _ quality: QualityTracker) -> Bool {
        guard port < self.capacity, self.phases[port] == .closed else { return false }
        (self.states + port).initialize(to: state)
        (self.trackers + port).initialize(to: quality)
        self.phases[port] = .open
        self.openPortCount += 1
        self.totals.add(1, to: .openPorts)
        return true
    }

    /// Takes a new plan for an open port; returns false if it is not open.
    mutating func update(_ plan: PortPlan, at now: MonotonicTime) -> Bool {
        let port = Int(plan.id.index)
        guard self.phase(port) == .open else { return false }
        let wasSettled = self.states[port].isSettled
        let beganAnew = (self.states + port).pointee.update(plan, at: now)
        let isSettled = self.states[port].isSettled
        // Without learning that began anew, what was settled no longer is only because the port has to wait now.
        let isNews = isSettled ? beganAnew || !wasSettled : wasSettled && !beganAnew
        if isNews { self.noteChange(port) }
        self.considerPiercing(port, at: now)
        return true
    }

    /// Stops relaying on an open port; its slot stays in use until ``finishClosing(_:)``.
    mutating func beginClosing(_ port: Int) {
        guard self.phase(port) == .open else { return }
        self.phases[port] = .closing
    }

    /// Frees the slot of a closing port.
    mutating func finishClosing(_ port: Int) {
        guard self.phase(port) == .closing else { return }
        (self.states + port).deinitialize(count: 1)
        (self.trackers + port).deinitialize(count: 1)
        self.phases[port] = .closed
        self.openPortCount -= 1
        self.totals.subtract(1, from: .openPorts)
    }

    /// What is known of the sources heard on a port.
    func quality(_ port: Int) -> [SSRCQuality] {
        self.phase(port) == .closed ? [] : self.trackers[port].sources
    }

    /// Takes the clock rates of an open port.
    mutating func setClockRates(_ port: Int, _ rates: ClockRates) {
        guard self.phase(port) == .open else { return }
        (self.trackers + port).pointee.change(clockRates: rates)
    }

    /// Says that RTP goes by the kernel from now on, or comes this way again.
    mutating func setRTPInKernel(_ port: Int, _ isInKernel: Bool) {
        guard self.phase(port) == .open else { return }
        if isInKernel {
            (self.trackers + port).pointee.interruptRTP()
        } else {
            (self.trackers + port).pointee.resumeRTP()
        }
    }

    /// True if the control side has to be told something.
    var hasEvents: Bool { !self.changedPorts.isEmpty }

    /// Hands out what the control side has to be told of changes since the last call.
    mutating func takeEvents() -> [RelayEvent] {
        var events: [RelayEvent] = []
        for port in self.changedPorts where self.phases[port] == .open && self.states[port].isChanged {
            self.states[port].isChanged = false
            if let event = self.states[port].learntEvent { events.append(event) }
        }
        self.changedPorts.removeAll(keepingCapacity: true)
        return events
    }

    /// Puts a port on the list of those the control side has to be told of.
    mutating func noteChange(_ port: Int) {
        guard !self.states[port].isChanged else { return }
        self.states[port].isChanged = true
        self.changedPorts.append(port)
    }

    // MARK: Packets

    /// Decides about a datagram that arrived on `port`, which is in use, and counts it.
    mutating func receive(
        _ bytes: RawSpan, on port: Int, from source: TransportAddress, at now: MonotonicTime
    ) -> PacketDecision {
        precondition(port >= 0 && port < self.capacity && self.phases[port] != .closed)
        self.countArrival(on: port, bytes: bytes.byteCount)
        let decision = self.decide(bytes, on: port, from: source, at: now)
        if case .drop(let reason) = decision {
            self.countDrop(reason, on: port)
            // Strangers and garbage must not keep a call alive, nor make its party look present.
            guard reason.isOfParty else { return decision }
        }
        self.states[port].counters.set(.lastReceivedNanoseconds, to: now.nanoseconds)
        self.record(bytes, on: port, from: source, at: now)
        return decision
    }

    /// Copies a datagram of a port's party, blocked or not, if the port is recorded.
    @inline(__always)
    private func record(_ bytes: RawSpan, on port: Int, from source: TransportAddress, at now: MonotonicTime)
    {
        let state = self.states + port
        guard let recording = state.pointee.plan.recording, let recorder = self.recorder else { return }
        recorder.record(
            bytes, of: recording, from: source, to: state.pointee.plan.local,
            counters: state.pointee.counters,
            at: now)
    }

    /// Counts a datagram that arrived on a port in use but could not be looked at.
    mutating func discard(bytes: Int, on port: Int, because reason: DropReason, at now: MonotonicTime) {
        precondition(port >= 0 && port < self.capacity && self.phases[port] != .closed)
        self.countArrival(on: port, bytes: bytes)
        self.countDrop(reason, on: port)
    }

    /// Counts a datagram that was given to the kernel to leave by `sink`.
    @inline(__always)
    func countSubmitted(bytes: Int, by sink: Int) {
        let counters = self.states[sink].counters
        counters.add(1, to: .submittedPackets)
        counters.add(UInt64(bytes), to: .submittedBytes)
        self.totals.add(1, to: .sentPackets)
        self.totals.add(UInt64(bytes), to: .sentBytes)
    }

    /// Counts a datagram that was submitted but that the kernel then refused; on the port it arrived on it counts as
    /// dropped, unless that is ``noPort``.
    mutating func countRefused(bytes: Int, by sink: Int, arrivedOn port: Int, errno: Int32) {
        if self.phase(sink) != .closed {
            let counters = self.states[sink].counters
            counters.add(1, to: .refusedPackets)
            counters.add(UInt64(bytes), to: .refusedBytes)
            counters.set(.lastSendErrno, to: UInt64(UInt32(bitPattern: errno)))
        }
        self.totals.subtract(1, from: .sentPackets)
        self.totals.subtract(UInt64(bytes), from: .sentBytes)
        if self.phase(port) != .closed { self.countDrop(DropReason(refusal: errno), on: port) }
    }

    /// Notes how many datagrams the kernel dropped before anybody saw them.
    func noteLostInSocket(_ datagrams: UInt32, on port: Int) {
        if self.phase(port) != .closed {
            self.states[port].counters.set(.lostInSocket, to: UInt64(datagrams))
        }
    }

    /// Counts a decided datagram that could not be submitted.
    func countDrop(_ reason: DropReason, on port: Int) {
        self.states[port].counters.drop(reason)
        self.totals.drop(reason)
    }

    @inline(__always)
    private func countArrival(on port: Int, bytes: Int) {
        let counters = self.states[port].counters
        counters.add(1, to: .receivedPackets)
        counters.add(UInt64(bytes), to: .receivedBytes)
        self.totals.add(1, to: .receivedPackets)
        self.totals.add(UInt64(bytes), to: .receivedBytes)
    }

    @inline(__always)
    private mutating func decide(
        _ bytes: RawSpan, on port: Int, from source: TransportAddress, at now: MonotonicTime
    ) -> PacketDecision {
        let state = self.states + port
        guard self.phases[port] == .open else { return .drop(.portClosed) }
        guard state.pointee.plan.isPublished else { return .drop(.notPublished) }
        guard state.pointee.plan.payload == .rtp else {
            return self.decideOpaque(bytes, on: port, from: source, at: now)
        }
        switch DatagramKind.of(bytes) {
        case .rtp: return self.decideRTP(bytes, on: port, from: source, at: now)
        case .rtcp: return self.decideRTCP(bytes, on: port, from: source, at: now)
        case .stun, .dtls: return .drop(.unexpectedProtocol)
        case .other: return .drop(bytes.byteCount < 2 ? .truncated : .unexpectedProtocol)
        }
    }

    private mutating func decideOpaque(
        _ bytes: RawSpan, on port: Int, from source: TransportAddress, at now: MonotonicTime
    ) -> PacketDecision {
        guard self.accept(source, on: port, teaches: true, at: now) else { return .drop(.unknownSource) }
        let state = self.states + port
        guard state.pointee.plan.blocks.isDisjoint(with: [.media, .traffic]) else { return .drop(.blocked) }
        let decision = self.route(to: state.pointee.plan.sink)
        guard state.pointee.plan.firstCopy != nil else { return decision }
        return self.withCopies(decision, bytes: bytes.byteCount, of: port, isRTCP: false)
    }

    @inline(__always)
    private mutating func decideRTP(
        _ bytes: RawSpan, on port: Int, from source: TransportAddress, at now: MonotonicTime
    ) -> PacketDecision {
        let state = self.states + port
        let header: RTPHeader?
        do throws(RTPHeaderError) {
            header = try RTPHeader(bytes)
        } catch .invalidPadding {
            // The last octet of an SRTP packet that is relayed unread is its authentication tag, not a length.
            header = nil
        } catch {
            return .drop(.truncated)
        }
        // RTP on the RTCP port is relayed, but says nothing of where RTCP comes from.
        let isOnRTCPPort = state.pointee.plan.component == .rtcp
        guard self.accept(source, on: port, teaches: !isOnRTCPPort, at: now) else {
            return .drop(.unknownSource)
        }
        if let header { (self.trackers + port).pointee.receiveRTP(header, bytes: bytes.byteCount, at: now) }
        if !state.pointee.plan.blocks.isEmpty, state.pointee.blocks(RTPHeader.payloadType(of: bytes)) {
            return .drop(.blocked)
        }
        let decision = self.route(to: state.pointee.plan.sink)
        guard state.pointee.plan.firstCopy != nil else { return decision }
        return self.withCopies(decision, bytes: bytes.byteCount, of: port, isRTCP: isOnRTCPPort)
    }

    /// Decides about RTCP, also on the RTP port: there it leaves by `rtcpSink` if the party multiplexes (RFC 5761), and
    /// otherwise with the RTP, without confirming where RTP comes from (some endpoints send it by mistake).
    private mutating func decideRTCP(
        _ bytes: RawSpan, on port: Int, from source: TransportAddress, at now: MonotonicTime
    ) -> PacketDecision {
        let state = self.states + port
        let isMultiplexed = state.pointee.plan.rtcpSink != nil
        let mayTeach = state.pointee.plan.component == .rtcp || isMultiplexed
        guard self.accept(source, on: port, teaches: mayTeach, at: now) else { return .drop(.unknownSource) }
        guard !state.pointee.plan.blocks.contains(.traffic) else { return .drop(.blocked) }
        let sink = state.pointee.plan.rtcpSink ?? state.pointee.plan.sink
        self.readReports(bytes, on: port, sink: sink, at: now)
        let kept = state.pointee.plan.cutsFeedback ? Self.byteCountBeforeFeedback(bytes) : bytes.byteCount
        guard kept > 0 else { return .drop(.unwantedFeedback) }
        var decision = self.route(to: sink)
        if kept < bytes.byteCount, case .forward(let sink, let destination) = decision {
            decision = .forwardPrefix(bytes: kept, sink: sink, destination: destination)
        }
        guard state.pointee.plan.firstCopy != nil else { return decision }
        return self.withCopies(decision, bytes: kept, of: port, isRTCP: true)
    }

    /// The octets without what only the profiles with feedback know (RTP/AVPF towards RTP/AVP); what cannot be read
    /// stays whole.
    private static func byteCountBeforeFeedback(_ bytes: RawSpan) -> Int {
        do throws(RTCPError) {
            return try RTCPCompound.byteCountBeforeFeedback(bytes)
        } catch {
            return bytes.byteCount
        }
    }

    /// Whether a datagram's source may send to a port; it teaches where the party is if it may.
    @inline(__always)
    private mutating func accept(
        _ source: TransportAddress, on port: Int, teaches: Bool, at now: MonotonicTime
    ) -> Bool {
        let isAccepted =
            teaches ? self.learn(port, from: source, at: now) : self.states[port].accepts(source, at: now)
        if isAccepted, !self.states[port].isHeard { self.noteHeard(port) }
        return isAccepted
    }

    /// Notes the first datagram of a party; an address that was known without any may be settled only now.
    private mutating func noteHeard(_ port: Int) {
        let wasSettled = self.states[port].isSettled
        self.states[port].isHeard = true
        if self.states[port].isSettled != wasSettled { self.noteChange(port) }
    }

    @inline(__always)
    private mutating func learn(_ port: Int, from source: TransportAddress, at now: MonotonicTime) -> Bool {
        switch (self.states + port).pointee.receive(from: source, at: now) {
        case .accept:
            return true
        case .acceptAndMoved, .acceptAndSettled:
            self.noteChange(port)
            return true
        case .reject:
            return false
        case .rejectAndSettled:
            self.noteChange(port)
            return false
        }
    }

    /// The way through a sink, or why there is none.
    @inline(__always)
    func route(to sink: RelayPortID?) -> PacketDecision {
        guard let sink else { return .drop(.noSink) }
        let index = Int(sink.index)
        guard self.phase(index) == .open else { return .drop(.noSink) }
        guard !self.states[index].plan.isMuted, let destination = self.states[index].destination else {
            return .drop(.noDestination)
        }
        // A socket of one family cannot send to the other.
        guard destination.family == self.states[index].plan.local.family else {
            return .drop(.noDestination)
        }
        guard !self.states[index].awaitsParty else { return .drop(.partyNotHeard) }
        return .forward(sink: index, destination: destination)
    }

    /// Reports that cannot be read, those of SRTP among them, are relayed all the same.
    private mutating func readReports(
        _ bytes: RawSpan, on port: Int, sink: RelayPortID?, at now: MonotonicTime
    ) {
        let other = sink.map { Int($0.index) }.flatMap { self.phase($0) == .open ? $0 : nil }
        let otherSide = other.map { self.trackers[$0].asOtherSide }
        do throws(RTCPError) {
            let relayed = try (self.trackers + port).pointee.receiveRTCP(bytes, at: now, otherSide: otherSide)
            if let other { (self.trackers + other).pointee.remember(relayed) }
        } catch {}
    }
}

extension DropReason {
    /// What an errno of a send means: the kernel had no room just then, or something is wrong with the destination.
    fileprivate init(refusal errno: Int32) {
        self = errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM ? .overload : .sendFailed
    }

    /// True if the datagram came from the party the port faces, and only had nowhere to go.
    fileprivate var isOfParty: Bool {
        switch self {
        case .noSink, .noDestination, .partyNotHeard, .overload, .sendFailed, .unwantedFeedback, .blocked:
            true
        case .notPublished, .unknownSource, .truncated, .unexpectedProtocol, .tooLarge, .portClosed: false
        }
    }
}
