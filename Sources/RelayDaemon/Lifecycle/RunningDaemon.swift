import CallControl
import CallRecording
import Logging
import NIOCore
import NIOPosix
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// Everything that runs, in the order in which it was started.
final class RunningDaemon {
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let relay: NIOLoopBound<Relay>
    private var ngServer: NGDatagramServer?
    private var streamServers: [ControlStreamServer] = []
    private var controlServer: ControlSocketServer?
    private var pidFile: String?
    private var timers: [RepeatedTask] = []
    private let logger: Logger
    /// The log levels in force.
    let levels: LogLevels

    init(
        _ configuration: DaemonConfiguration, levels: LogLevels, notifier: ServiceNotifier, logger: Logger
    ) throws {
        self.levels = levels
        let host = try HostAddresses.system()
        let (interfaces, notes) = try configuration.resolveInterfaces(host)
        logger.log(notes)
        let listeners = try configuration.resolveListeners(host)
        let settings = configuration.relaySettings(interfaces)
        for interface in settings.interfaces { logger.info("interface \(interface.summary)") }
        if configuration.table > 0 {
            logger.notice(
                "table \(configuration.table): daemons on one host need media ports of their own; see Docs/operating.md"
            )
        }
        // First of all: with the address taken, another daemon is at work, and its kernel table must be left alone.
        let sockets = try ControlSockets(opening: listeners, logger: logger)
        self.logger = logger
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.loop = self.group.next()
        do {
            self.relay = try Self.relay(
                configuration, settings, host: host, levels: levels, loop: self.loop, logger: logger)
        } catch {
            sockets.close()
            try? self.group.syncShutdownGracefully()
            throw error
        }
        do {
            try self.listen(configuration, sockets)
        } catch {
            self.stop()
            throw error
        }
        self.report(to: notifier)
    }

    /// The relay with both paths, on its event loop.
    private static func relay(
        _ configuration: DaemonConfiguration, _ settings: RelaySettings, host: HostAddresses,
        levels: LogLevels, loop: any EventLoop, logger: Logger
    ) throws -> NIOLoopBound<Relay> {
        let mailbox = RelayEventMailbox(loop: loop)
        let recorder = try CallRecorder.opened(
            configuration.recording, workers: configuration.workers, logger: logger)
        let userspace = try UserspaceForwarder.opened(
            configuration, settings, recording: recorder?.tap, logger: logger
        ) { mailbox.deliver($0) }
        let relay = try loop.submit {
            let kernel = try KernelPath.opened(configuration, host: host, logger: logger)
            let ports = RelayPorts(
                interfaces: settings.interfaceAddresses, range: configuration.mediaPorts,
                maxPorts: UInt32(clamping: userspace.maximumPorts), seed: UInt64.random(in: .min ... .max))
            let relay = Relay(
                eventLoop: loop, logger: logger, clock: SystemClock(), settings: settings, ports: ports,
                userspace: userspace, kernel: kernel, recorder: recorder)
            relay.levels = levels
            relay.templates = configuration.signallingTemplates
            relay.start()
            return NIOLoopBound(relay, eventLoop: loop)
        }.wait()
        mailbox.connect(relay)
        return relay
    }

    /// Opens the ways in, the controllers' first.
    private func listen(_ configuration: DaemonConfiguration, _ sockets: ControlSockets) throws {
        let relay = self.relay
        self.ngServer = try NGDatagramServer.start(
            sockets.ng, on: self.loop, logger: self.logger.of(.control)
        ) {
            relay.value.receive(datagram: Array($0.readableBytesView), from: $1.endpointText, reply: $2)
        }.wait()
        self.streamServers = try sockets.serve(relay, on: self.loop, logger: self.logger)
        do {
            self.controlServer = try configuration.controlSocket.map { path in
                try ControlSocketServer.start(path: path, on: self.loop, logger: self.logger) { line, reply in
                    relay.value.receive(controlLine: line, reply: reply)
                }.wait()
            }
        } catch {
            guard !configuration.insistsOnControlSocket else { throw error }
            self.logger.warning("crosspointctl will not work: \(error)")
        }
        if let path = configuration.pidFile {
            try PIDFile.write(path)
            self.pidFile = path
        }
    }

    /// How the statistics learn of log messages that nobody will read.
    func countLostLines(_ count: @escaping @Sendable () -> UInt64) {
        let relay = self.relay
        try? self.loop.submit { relay.value.lostLines = count }.wait()
    }

    /// Takes no new calls from now on.
    func drain() {
        let relay = self.relay
        try? self.loop.submit { relay.value.drain() }.wait()
    }

    /// How many calls there are; none if the control loop is gone.
    var callCount: Int {
        let relay = self.relay
        return (try? self.loop.submit { relay.value.calls.count }.wait()) ?? 0
    }

    /// Lets the service manager know that the control loop is alive, as often as it wants, and what it is doing.
    private func report(to notifier: ServiceNotifier) {
        guard notifier.isActive else { return }
        let relay = self.relay
        let status = TimeAmount.seconds(5)
        self.timers.append(
            self.loop.scheduleRepeatedTask(initialDelay: status, delay: status) { _ in
                notifier.status(relay.value.statusLine)
            })
        guard let interval = notifier.watchdogMicroseconds else { return }
        // Half of it, as sd_watchdog_enabled(3) recommends.
        let half = TimeAmount.microseconds(Int64(clamping: max(1000, interval / 2)))
        self.timers.append(
            self.loop.scheduleRepeatedTask(initialDelay: .zero, delay: half) { _ in notifier.alive() })
    }

    /// Ends everything, the ways in first.
    func stop() {
        let relay = self.relay
        for timer in self.timers { timer.cancel() }
        try? self.ngServer?.close().wait()
        for server in self.streamServers { try? server.close().wait() }
        try? self.loop.submit { relay.value.stop() }.wait()
        try? self.controlServer?.close().wait()
        if let pidFile = self.pidFile { PIDFile.remove(pidFile) }
        try? self.group.syncShutdownGracefully()
    }
}

extension LogicalInterface {
    /// `pub: 192.0.2.1 shown as 203.0.113.1`.
    fileprivate var summary: String {
        let addresses = self.addresses.map {
            ($0.local == $0.advertised ? "\($0.local)" : "\($0.local) shown as \($0.advertised)")
                + ($0.ports.map { " on ports \($0.lowerBound)-\($0.upperBound)" } ?? "")
        }
        return "\(self.name): \(addresses.joined(separator: ", "))"
    }
}
