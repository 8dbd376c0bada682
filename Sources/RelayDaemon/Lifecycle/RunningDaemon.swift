import CallControl
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
    private let logger: Logger

    init(_ configuration: DaemonConfiguration, logger: Logger) throws {
        let host = try HostAddresses.system()
        let (interfaces, notes) = try configuration.resolveInterfaces(host)
        logger.log(notes)
        let listeners = try configuration.resolveListeners(host)
        let settings = configuration.relaySettings(interfaces)
        for interface in settings.interfaces { logger.info("interface \(interface.summary)") }
        // First of all: with the address taken, another daemon is at work, and its kernel table must be left alone.
        let sockets = try ControlSockets(opening: listeners, logger: logger)
        self.logger = logger
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.loop = self.group.next()
        do {
            self.relay = try Self.relay(configuration, settings, host: host, loop: self.loop, logger: logger)
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
    }

    /// The relay with both paths, on its event loop.
    private static func relay(
        _ configuration: DaemonConfiguration, _ settings: RelaySettings, host: HostAddresses,
        loop: any EventLoop,
        logger: Logger
    ) throws -> NIOLoopBound<Relay> {
        let mailbox = RelayEventMailbox(loop: loop)
        let userspace = try UserspaceForwarder.opened(configuration, settings, logger: logger) {
            mailbox.deliver($0)
        }
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
    private func listen(_ configuration: DaemonConfiguration, _ sockets: ControlSockets) throws {
        let relay = self.relay
        self.ngServer = try NGDatagramServer.start(sockets.ng, on: self.loop, logger: self.logger) {
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

    /// Ends everything, the ways in first.
    func stop() {
        let relay = self.relay
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
            $0.local == $0.advertised ? "\($0.local)" : "\($0.local) shown as \($0.advertised)"
        }
        return "\(self.name): \(addresses.joined(separator: ", "))"
    }
}
