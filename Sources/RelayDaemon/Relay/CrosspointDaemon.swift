import ArgumentParser
import CLinux
import CallControl
import Glibc
import KernelForwarding
import Logging
import NIOCore
import NIOPosix
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// The daemon from its command line to its exit status.
public enum CrosspointDaemon {
    /// Runs until SIGINT or SIGTERM; returns the exit status.
    public static func run(arguments: [String]) -> Int32 {
        // Before any thread is started, so that all of them inherit it and only `waitForStop` sees the signals.
        let signals = StopSignals()
        let loaded: LoadedConfiguration
        do {
            loaded = try ConfigurationLoader.system.load(arguments: arguments)
        } catch {
            DaemonOptions.exit(withError: error)
        }
        let logger = Logger.daemon(loaded.configuration)
        logger.log(loaded.notes)
        do {
            let daemon = try RunningDaemon(loaded.configuration, logger: logger)
            logger.notice("crosspointd \(CrosspointVersion.text) is ready")
            let signal = signals.wait()
            logger.notice("stopping because of \(signal)")
            daemon.stop()
            logger.notice("stopped")
            return 0
        } catch {
            logger.critical("crosspointd does not start: \(error)")
            return 1
        }
    }
}

/// SIGINT and SIGTERM, blocked everywhere and waited for in one place.
private struct StopSignals {
    private var set = sigset_t()

    init() {
        sigemptyset(&self.set)
        sigaddset(&self.set, SIGINT)
        sigaddset(&self.set, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &self.set, nil)
        // A client of the control socket that went away is an error of a write, not the end of the daemon.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Returns the name of the first one that arrives.
    func wait() -> String {
        var set = self.set
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number == SIGINT ? "SIGINT" : "SIGTERM"
    }
}

/// Everything that runs, in the order in which it was started.
private final class RunningDaemon {
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let relay: NIOLoopBound<Relay>
    private var ngServer: NGDatagramServer?
    private var controlServer: ControlSocketServer?
    private var pidFile: String?
    private let logger: Logger

    init(_ configuration: DaemonConfiguration, logger: Logger) throws {
        let host = try HostAddresses.system()
        let (interfaces, notes) = try configuration.resolveInterfaces(host)
        logger.log(notes)
        let listeners = try configuration.resolveListeners(host)
        let settings = configuration.relaySettings(interfaces)
        for interface in settings.interfaces { logger.info("interface \(interface.summary)") }
        self.logger = logger
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.loop = self.group.next()
        do {
            self.relay = try Self.relay(configuration, settings, host: host, loop: self.loop, logger: logger)
        } catch {
            try? self.group.syncShutdownGracefully()
            throw error
        }
        do {
            try self.listen(configuration, listeners)
        } catch {
            self.stop()
            throw error
        }
    }

    /// The relay with both paths, on its event loop.
    private static func relay(
        _ configuration: DaemonConfiguration, _ settings: RelaySettings, host: HostAddresses,
        loop: any EventLoop,
        logger: Logger
    ) throws -> NIOLoopBound<Relay> {
        let mailbox = RelayEventMailbox(loop: loop)
        let userspace = try Self.userspace(configuration, settings, logger: logger) { mailbox.deliver($0) }
        let relay = try loop.submit {
            let kernel = try KernelPath.opened(configuration, host: host, logger: logger)
            let ports = RelayPorts(
                addresses: settings.localAddresses, range: configuration.mediaPorts,
                maxPorts: UInt32(clamping: userspace.maximumPorts), seed: UInt64.random(in: .min ... .max))
            let relay = Relay(
                eventLoop: loop, logger: logger, clock: SystemClock(), settings: settings, ports: ports,
                userspace: userspace, kernel: kernel)
            relay.start()
            return NIOLoopBound(relay, eventLoop: loop)
        }.wait()
        mailbox.connect(relay)
        return relay
    }

    /// Opens the ways in, the controllers' first.
    private func listen(_ configuration: DaemonConfiguration, _ listeners: [ResolvedListener]) throws {
        let relay = self.relay
        self.ngServer = try NGDatagramServer.start(listeners, on: self.loop, logger: self.logger) {
            relay.value.receive(datagram: Array($0.readableBytesView), from: $1.endpointText, reply: $2)
        }.wait()
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

    private static func userspace(
        _ configuration: DaemonConfiguration, _ settings: RelaySettings, logger: Logger,
        onEvents: @escaping @Sendable ([RelayEvent]) -> Void
    ) throws -> UserspaceForwarder {
        let wanted = min(
            settings.localAddresses.count * configuration.mediaPorts.count, ForwarderLimits.maximumPorts)
        _ = crosspoint_raise_descriptor_limit(UInt64(wanted + ForwarderLimits.otherDescriptors))
        let workers = configuration.workerThreads ?? Int(crosspoint_usable_cpus())
        let forwarder = try UserspaceForwarder(
            configuration: ForwarderConfiguration(workers: workers, maximumPorts: wanted), onEvents: onEvents)
        if forwarder.maximumPorts < wanted {
            logger.warning(
                "the limit of open files allows \(forwarder.maximumPorts) relay ports of \(wanted); raise LimitNOFILE"
            )
        }
        logger.info("userspace path: io_uring with \(workers) workers")
        return forwarder
    }

    /// Ends everything, the ways in first.
    func stop() {
        let relay = self.relay
        try? self.ngServer?.close().wait()
        try? self.loop.submit { relay.value.stop() }.wait()
        try? self.controlServer?.close().wait()
        if let pidFile = self.pidFile { PIDFile.remove(pidFile) }
        try? self.group.syncShutdownGracefully()
    }
}

/// Sizes that the daemon sets for the userspace path.
private enum ForwarderLimits {
    /// Relay ports over all addresses: what 200,000 two-way streams need.
    static let maximumPorts = 1 << 20
    /// Descriptors for logs, control sockets, netlink and rings.
    static let otherDescriptors = 1024
}

/// Hands the workers' news to the relay on its event loop; news from before it exists are kept.
private final class RelayEventMailbox: Sendable {
    private let loop: any EventLoop
    private let relay: NIOLoopBoundBox<NIOLoopBound<Relay>?>

    init(loop: any EventLoop) {
        self.loop = loop
        self.relay = NIOLoopBoundBox.makeEmptyBox(valueType: NIOLoopBound<Relay>.self, eventLoop: loop)
    }

    func connect(_ relay: NIOLoopBound<Relay>) {
        self.loop.execute { self.relay.value = relay }
    }

    func deliver(_ events: [RelayEvent]) {
        self.loop.execute { self.relay.value?.value.receive(events) }
    }
}

extension KernelPath {
    /// Opens the kernel path as far as this host allows, and says in plain words what keeps it from working.
    ///
    /// Throws with `--no-fallback`, when no family works.
    fileprivate static func opened(
        _ configuration: DaemonConfiguration, host: HostAddresses, logger: Logger
    ) throws -> KernelPath {
        guard configuration.usesKernelPath else {
            logger.info(
                "kernel path: switched off (table=\(configuration.table)); all media stays in userspace")
            return KernelPath(unavailable: .kernelPathDisabled, logger: logger)
        }
        let obstacles = KernelForwarder.probe()
        let families = Set(
            AddressFamily.allCases.filter { family in !obstacles.contains { $0.concerns(family) } })
        guard !families.isEmpty else {
            return try self.fallback(obstacles.map(\.description), configuration, logger: logger)
        }
        for obstacle in obstacles { logger.notice("kernel path: \(obstacle)") }
        if let warning = EphemeralPorts.warning(media: configuration.mediaPorts) {
            logger.warning("kernel path: \(warning)")
        }
        do {
            let path = try KernelPath(
                table: KernelForwarder.defaultTable, portRange: configuration.mediaPorts,
                trafficClass: configuration.trafficClass, families: families,
                hostAddresses: Set(host.local.map(\.address)),
                mediaTimeoutSeconds: configuration.timeout.inSeconds,
                logger: logger)
            logger.info(
                "kernel path: nftables table inet \(KernelForwarder.defaultTable) for \(families.map(\.sdpName).sorted())"
            )
            return path
        } catch {
            return try self.fallback([error.description], configuration, logger: logger)
        }
    }

    private static func fallback(
        _ problems: [String], _ configuration: DaemonConfiguration, logger: Logger
    ) throws -> KernelPath {
        if configuration.noFallback {
            throw ConfigurationError(
                "the kernel path does not work and --no-fallback forbids to go without: "
                    + problems.joined(separator: "; "))
        }
        for problem in problems { logger.warning("kernel path: \(problem)") }
        logger.warning("kernel path: does not work on this host; all media stays in userspace")
        return KernelPath(unavailable: .kernelPathUnavailable, logger: logger)
    }
}

extension DaemonConfiguration {
    /// What the calls need to know of it.
    fileprivate func relaySettings(_ resolved: ResolvedInterfaces) -> RelaySettings {
        var settings = RelaySettings(interfaces: resolved.interfaces)
        settings.interfaceAliases = resolved.aliases
        settings.learningMode = self.endpointLearning
        settings.trustsSIPSource = self.usesSIPSourceAddress
        settings.trafficClass = self.trafficClass
        settings.timeoutSeconds = self.timeout.inSeconds
        settings.silentTimeoutSeconds = self.silentTimeout.inSeconds
        settings.offerTimeoutSeconds = self.offerTimeout.inSeconds
        settings.finalTimeoutSeconds = self.finalTimeout?.inSeconds ?? 0
        settings.deleteDelaySeconds = self.deleteDelay.inSeconds
        settings.maxSessions = self.maxSessions
        let digits = String(UInt64.random(in: 0..<(1 << 48)), radix: 16)
        settings.instanceID = String(repeating: "0", count: 12 - digits.count) + digits
        return settings
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18
    }
}

extension LogicalInterface {
    /// `pub: 192.0.2.1 shown as 203.0.113.1`.
    fileprivate var summary: String {
        let addresses = self.addresses.map {
            $0.local == $0.advertised ? "\($0.local)" : "\($0.local) shown as \($0.advertised)"
        }
        return "\(self.name): \(addresses.joined(separator: ", "))"
    }
}

extension SocketAddress {
    /// `192.0.2.1:2223`, without the family that the description carries.
    fileprivate var endpointText: String {
        guard let address = self.ipAddress, let port = self.port else { return "\(self)" }
        return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

/// The file that tells scripts our process id.
private enum PIDFile {
    static func write(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ConfigurationError(
                "--pidfile: \"\(path)\" cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let text = "\(getpid())\n"
        let count = text.withCString { Glibc.write(descriptor, $0, strlen($0)) }
        guard count == text.utf8.count else {
            throw ConfigurationError("--pidfile: \"\(path)\" cannot be written")
        }
    }

    static func remove(_ path: String) { unlink(path) }
}
