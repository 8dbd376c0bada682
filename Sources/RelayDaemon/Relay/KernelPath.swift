import CallControl
import Dispatch
import Glibc
import KernelForwarding
import Logging
import NIOConcurrencyHelpers
import NIOCore
import RelayPlanning
import WireFormat

/// The kernel path as the relay sees it: present or not, with what keeps it from working in words.
///
/// Confined to the control thread, but for the counters of all flows, which are read on a thread of their own.
final class KernelPath {
    /// What path decisions need to know.
    private(set) var state: KernelPathState
    private let forwarder: KernelForwarder?
    private let reader: KernelCounterReader?
    private let watch: KernelTableWatch?
    private var watchSource: (any DispatchSourceRead)?
    private let logger: Logger
    private let readingQueue = DispatchQueue(label: "crosspoint.kernel-counters")
    private var isReading = false
    /// True after a removal that failed: the kernel may forward what nobody knows of any more.
    var needsRepair: Bool { self.mustRepair || self.forwarder?.hasLeftovers == true }
    private var mustRepair = false
    /// A kernel that refuses once mostly refuses again.
    private var limiter = RepeatedMessageLimiter<String>(burst: 3)
    private var lastReading: MonotonicTime?
    /// How often all counters are read; media timeouts are this coarse on the kernel path.
    private let readingIntervalSeconds: Double
    /// True while a limit asks for the bandwidth: then the counters are read once a second.
    var readsOften = false

    /// A path that is switched off or does not work.
    init(unavailable obstacles: UserspaceReasons, logger: Logger) {
        self.state = KernelPathState(obstacles: obstacles)
        self.forwarder = nil
        self.reader = nil
        self.watch = nil
        self.logger = logger
        self.readingIntervalSeconds = .infinity
    }

    /// A path that works for `families`: leftovers of an earlier run are removed and the table is put in place.
    init(
        table: String, portRanges: [ClosedRange<UInt16>], trafficClass: UInt8, families: Set<AddressFamily>,
        hostAddresses: Set<IPAddress>, mediaTimeoutSeconds: Double, logger: Logger
    ) throws(NetlinkError) {
        let forwarder = try KernelForwarder(
            table: table, portRanges: portRanges, trafficClass: trafficClass, families: families)
        self.forwarder = forwarder
        self.reader = try KernelCounterReader(table: table)
        self.watch = try KernelTableWatch(over: forwarder)
        self.state = Self.workingState(
            trafficClass: trafficClass, families: families, hostAddresses: hostAddresses)
        self.logger = logger
        self.readingIntervalSeconds = min(10, max(1, mediaTimeoutSeconds / 4))
    }

    /// What path decisions need to know of a path with these rules.
    static func workingState(
        trafficClass: UInt8, families: Set<AddressFamily>, hostAddresses: Set<IPAddress>
    ) -> KernelPathState {
        KernelPathState(
            unavailableFamilies: Set(AddressFamily.allCases).subtracting(families),
            trafficClass: trafficClass, hostAddresses: hostAddresses)
    }

    /// Puts flows in, in one transaction if the kernel takes them all; returns those it refused, by index, and why.
    func install(_ flows: [(KernelFlow, comment: String)]) -> [(index: Int, failure: NetlinkError)] {
        guard let forwarder = self.forwarder else { return [] }
        return putInPiecewise(flows[...], isHopeless: \.concernsAllFlows) { piece -> NetlinkError? in
            do throws(NetlinkError) {
                try forwarder.install(Array(piece))
                return nil
            } catch {
                return error
            }
        }
    }

    /// Takes flows out and returns their final counters, in order.
    func remove(_ flows: [KernelFlow]) -> [TrafficCounters] {
        let nothing = Array(repeating: TrafficCounters(), count: flows.count)
        guard let forwarder = self.forwarder else { return nothing }
        do {
            return try forwarder.remove(flows)
        } catch {
            self.logError(
                "removal", "kernel flows could not be removed, the table will be made anew: \(error)")
            self.mustRepair = true
            return nothing
        }
    }

    /// The counters of flows at this moment; nil for those that are not there.
    func counters(of flows: [KernelFlow]) -> [TrafficCounters?] {
        guard let forwarder = self.forwarder, !flows.isEmpty else { return flows.map { _ in nil } }
        do {
            return try forwarder.counters(of: flows)
        } catch {
            self.logError("counters", "kernel counters could not be read: \(error)")
            return flows.map { _ in nil }
        }
    }

    private func logError(_ kind: String, _ text: String) {
        guard case .write(let repeats) = self.limiter.admit(kind, at: SystemClock().now.monotonic) else {
            return
        }
        self.logger.error("\(text)\(RepeatedMessageLimiter<String>.suffix(repeats: repeats))")
    }

    /// Removes everything of ours from the kernel.
    func shutDown() {
        self.watchSource?.cancel()
        self.watchSource = nil
        do {
            try self.forwarder?.shutDown()
        } catch {
            self.logger.error("something of ours may remain in the kernel: \(error)")
        }
    }

    // MARK: - Other programs

    /// Calls `onLoss` on the event loop when another program has removed or altered the table.
    func watchTable(on loop: any EventLoop, onLoss: @escaping @Sendable () -> Void) {
        guard let watch = self.watch else { return }
        let source = DispatchSource.makeReadSource(
            fileDescriptor: watch.fileDescriptor, queue: self.readingQueue)
        // It stays readable until the event loop has read it: told once, and not looked at again without a pause.
        let isTold = NIOLockedValueBox(false)
        source.setEventHandler {
            let wasTold = isTold.withLockedValue { told in
                defer { told = true }
                return told
            }
            guard !wasTold else { return _ = usleep(Self.watchPauseMicroseconds) }
            loop.execute {
                isTold.withLockedValue { $0 = false }
                onLoss()
            }
        }
        source.resume()
        self.watchSource = source
    }

    /// A tick of one second is sometimes a little early.
    private static let shortestIntervalSeconds = 0.9
    private static let watchPauseMicroseconds: UInt32 = 500

    /// Reads what the watch saw; true if the table has to be put back.
    func tableWasLost() -> Bool { self.watch?.drain() ?? false }

    /// Puts the table back with these flows; returns the counters of those that were still there.
    ///
    /// Whatever else was installed is gone afterwards.
    func restore(_ flows: [(KernelFlow, comment: String)]) -> Result<[TrafficCounters], NetlinkError> {
        guard let forwarder = self.forwarder else { return .success([]) }
        self.mustRepair = false
        do {
            return .success(try forwarder.restore(flows))
        } catch {
            return .failure(error)
        }
    }

    /// Notes that the table is missing and could not be put back, or that it is there again.
    func setTableLost(_ isLost: Bool) {
        if isLost {
            self.state.obstacles.insert(.kernelTableLost)
        } else {
            self.state.obstacles.remove(.kernelTableLost)
        }
    }

    // MARK: - Counters of all flows

    /// The next tick reads all counters, whenever they were read last.
    func readCountersSoon() { self.lastReading = nil }

    /// Reads all counters if that is due, away from the control thread, and hands them over there.
    ///
    /// - Parameter oneWayTimeoutSeconds: a further timeout that must be told from silence; zero for none.
    func readCountersIfDue(
        at now: MonotonicTime, oneWayTimeoutSeconds: Double, loop: any EventLoop,
        _ take: @escaping @Sendable ([KernelFlowReading]) -> Void
    ) {
        guard let reader = self.reader, !self.isReading, (self.forwarder?.flowCount ?? 0) > 0 else { return }
        let oneWay = oneWayTimeoutSeconds > 0 ? max(1, oneWayTimeoutSeconds / 4) : .infinity
        let wanted = self.readsOften ? Self.shortestIntervalSeconds : self.readingIntervalSeconds
        let interval = min(wanted, oneWay)
        if let last = self.lastReading, now.seconds(since: last) < interval { return }
        self.lastReading = now
        self.isReading = true
        let bound = NIOLoopBound(self, eventLoop: loop)
        let logger = self.logger
        self.readingQueue.async {
            let result = Result { () throws(NetlinkError) in try reader.allCounters() }
            loop.execute {
                bound.value.isReading = false
                switch result {
                case .success(let readings): take(readings)
                case .failure(let error): logger.warning("kernel counters could not be read: \(error)")
                }
            }
        }
    }
}

extension NetlinkError {
    /// True if any other flow would be refused as well.
    fileprivate var concernsAllFlows: Bool {
        switch self.kind {
        // Each attempt at a busy table has waited already; hundreds of them would hold up the control loop.
        case .notPermitted, .conntrackTableFull, .outOfMemory, .answersLost, .missing, .busy: true
        case .unsupported, .alreadyExists, .refused, .other: false
        }
    }
}
