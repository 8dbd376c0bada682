import CallControl
import ControlProtocols
import Logging
import NIOCore
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// The relay's control side: calls, ports and paths, and everything that changes them.
///
/// Confined to one event loop: commands, news from the workers and timers all arrive there, so the state needs no
/// lock, and a repeated command cannot overtake the one it repeats. Netlink is spoken to on the same thread, because
/// a transaction costs less than handing it over (Docs/architecture.md).
final class Relay {
    let eventLoop: any EventLoop
    var logger: Logger
    let clock: SystemClock
    let ports: RelayPorts
    let userspace: UserspaceForwarder
    let kernel: KernelPath
    var calls: CallTable
    var ledger: FlowLedger
    var cookies = CookieCache<Int>()
    var kernelTraffic = KernelTraffic()
    /// The call each open port belongs to.
    var callOfPort: [RelayPortID: String] = [:]
    /// Who made or last changed each call.
    var controllers: [String: String] = [:]
    var requests = RequestTotals()
    var totals = RelayTotals()
    var rates = TrafficRates()
    var interfaceTraffic = InterfaceTraffic()
    /// Log lines left out because there were too many like them.
    var omittedLines: UInt64 = 0
    /// Log messages that were lost because nobody took them.
    var lostLines: @Sendable () -> UInt64 = { 0 }
    var recording: RecordingDesk
    /// Replies to duplicates of requests that are being worked on.
    var waiting: [Int: DatagramReply] = [:]
    var lastRequester = 0
    /// What ends the waiting of the workers' commands, while they wait.
    var heldWorkers: Scheduled<Void>?
    let closedPorts = ClosedPorts()
    /// For what a sender can cause as often as it likes.
    private var limiter = RepeatedMessageLimiter<String>(burst: Relay.linesPerMinuteAndKind)
    var refusedFlowsRetriedAt: MonotonicTime?
    /// There while a limit asks for the load.
    var loadMeters: LoadMeters?
    let started: SignallingTime
    /// Sets of flags that requests name, from the configuration.
    var templates = NGTemplates()
    /// The log levels in force, which can be changed while the daemon runs.
    var levels = LogLevels(.info)
    private var ticker: RepeatedTask?
    /// The last tick, and the end of the last pause.
    var lastTick: MonotonicTime?
    var resumed: MonotonicTime?

    init(
        eventLoop: any EventLoop, logger: Logger, clock: SystemClock, settings: RelaySettings,
        ports: RelayPorts,
        userspace: UserspaceForwarder, kernel: KernelPath, recorder: CallRecorder? = nil
    ) {
        self.recording = RecordingDesk(recorder: recorder)
        self.eventLoop = eventLoop
        self.logger = logger
        self.clock = clock
        self.ports = ports
        self.userspace = userspace
        self.kernel = kernel
        self.calls = CallTable(settings: settings)
        self.ledger = FlowLedger(kernel: kernel.state)
        self.started = clock.now
    }

    /// Begins with the periodic work.
    func start() {
        let second = TimeAmount.seconds(1)
        let relay = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.ticker = self.eventLoop.scheduleRepeatedTask(initialDelay: second, delay: second) { _ in
            relay.value.tick()
        }
        self.setLoadLimits(self.calls.settings.loadLimits)
        let loop = self.eventLoop
        self.recording.recorder?.listen { news in loop.execute { relay.value.receive(news) } }
        self.kernel.watchTable(on: self.eventLoop) { relay.value.inspectKernelTable() }
    }

    /// Ends all calls and takes everything of ours out of the kernel.
    func stop() {
        self.ticker?.cancel()
        let ids = self.calls.callIDs(limit: .max)
        if !ids.isEmpty { self.logger.notice("ending \(ids.count) calls because the daemon stops") }
        let now = self.clock.now
        for id in ids {
            guard let ended = self.calls.terminate(id, reason: .shutdown, at: now.monotonic) else { continue }
            self.finish(ended)
        }
        self.kernel.shutDown()
        self.userspace.stop()
        self.recording.recorder?.stop()
    }

    /// Once a second: what is due, what is silent, what the kernel counted, what it refused.
    private func tick() {
        let now = self.clock.now
        self.collectClosedPorts()
        self.cookies.expire(at: now.monotonic)
        self.retryKernelTable()
        self.notePause(at: now.monotonic)
        if !self.isJustResumed(at: now.monotonic) { self.endExpired(at: now.monotonic) }
        self.readKernelCounters(at: now.monotonic)
        self.measureLoad(at: now.monotonic)
        self.measureRates(at: now.monotonic)
        self.retryRefusedFlows(at: now.monotonic)
        self.watchRecordings()
    }

    private func endExpired(at now: MonotonicTime) {
        for outcome in self.calls.expire(at: now, lastPacket: { self.silentSince($0) }) {
            switch outcome {
            case .ended(let call): self.finish(call)
            case .partyRemoved(let actions): self.perform(actions)
            case .notFound, .scheduled: break
            }
        }
    }

    /// When a packet last arrived on a port, on either path.
    func lastPacket(on port: RelayPortID) -> MonotonicTime? {
        let user = self.userspace.arrivals(on: port).last
        let kernel = self.kernelTraffic.totals(of: port).lastReceived
        guard let user else { return kernel }
        return kernel.map { max($0, user) } ?? user
    }

    /// Lines of one kind that are written in a minute; the next one after that says how many were left out.
    static let linesPerMinuteAndKind = 20

    /// Writes what a sender can cause as often as it likes, and so at most ``linesPerMinuteAndKind``.
    ///
    /// `kind` must not hold anything a sender chooses: kinds are counted one by one.
    func logLimited(
        _ kind: String, as level: Logger.Level = .warning, call: String? = nil,
        of subsystem: LogSubsystem = .control, _ text: @autoclosure () -> String
    ) {
        let plain = self.logger.of(subsystem)
        guard level >= plain.logLevel else { return }
        guard case .write(let repeats) = self.limiter.admit(kind, at: self.clock.now.monotonic) else {
            self.omittedLines &+= 1
            return
        }
        let logger = call.map { self.logger(for: $0).of(subsystem) } ?? plain
        logger.log(level: level, "\(text())\(RepeatedMessageLimiter<String>.suffix(repeats: repeats))")
    }

    /// A logger whose lines carry the call-id; calls with the flag `debug` log everything.
    func logger(for call: String, isDebugged: Bool = false) -> Logger {
        var logger = self.logger
        logger[metadataKey: "call"] = "\(call)"
        if isDebugged || self.calls.isDebugged(call) { logger.logLevel = .debug }
        return logger
    }
}
