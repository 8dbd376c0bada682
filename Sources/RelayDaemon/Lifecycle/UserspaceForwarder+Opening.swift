import CLinux
import CallControl
import CallRecording
import Logging
import RelayPlanning
import UserspaceForwarding

extension UserspaceForwarder {
    /// Starts the userspace path as configured and says in the log how it works.
    static func opened(
        _ configuration: DaemonConfiguration, _ settings: RelaySettings, recording: RecordingTap?,
        logger: Logger, onEvents: @escaping @Sendable ([RelayEvent]) -> Void
    ) throws -> UserspaceForwarder {
        let wanted = min(
            RelayPorts.portCount(of: settings.interfaceAddresses, range: configuration.mediaPorts),
            ForwarderLimits.maximumPorts)
        _ = crosspoint_raise_descriptor_limit(
            UInt64(wanted + ForwarderLimits.otherDescriptors(recording != nil)))
        let sizes = ForwarderConfiguration(
            workers: configuration.workers, maximumPorts: wanted, engine: configuration.userspaceEngine)
        let forwarder = try Self.started(sizes, recording: recording, onEvents: onEvents)
        if forwarder.maximumPorts < wanted {
            logger.warning(
                "the limit of open files allows \(forwarder.maximumPorts) relay ports of \(wanted); raise LimitNOFILE"
            )
        }
        if let obstacle = forwarder.ioUringObstacle {
            logger.warning(
                "userspace path: epoll instead of io_uring, which takes more CPU a packet: \(obstacle); allow io_uring (Docs/containers.md), or choose epoll with --userspace-engine=epoll"
            )
        }
        logger.info("userspace path: \(forwarder.engine.rawValue) with \(forwarder.workerCount) workers")
        return forwarder
    }

    private static func started(
        _ configuration: ForwarderConfiguration, recording: RecordingTap?,
        onEvents: @escaping @Sendable ([RelayEvent]) -> Void
    ) throws -> UserspaceForwarder {
        do throws(SystemError) {
            return try UserspaceForwarder(
                configuration: configuration, recording: recording, onEvents: onEvents)
        } catch {
            throw configuration.engine == .ioUring ? EngineUnavailable(reason: error) : error
        }
    }
}

/// `--userspace-engine=io_uring`, and it cannot be used.
struct EngineUnavailable: Error, CustomStringConvertible {
    let reason: SystemError

    var description: String {
        "--userspace-engine=io_uring: \(self.reason); allow it (Docs/containers.md), or let crosspointd choose: --userspace-engine=auto"
    }
}

/// Sizes that the daemon sets for the userspace path.
private enum ForwarderLimits {
    /// Relay ports over all addresses: what 200,000 two-way streams need.
    static let maximumPorts = 1 << 20
    /// Descriptors for logs, control sockets, netlink and workers, and one for each recording.
    static func otherDescriptors(_ isRecording: Bool) -> Int {
        1024 + (isRecording ? RecordingLimits.recordings : 0)
    }
}
