import KernelForwarding
import Logging
import RelayPlanning
import WireFormat

extension KernelPath {
    /// Opens the kernel path as far as this host allows, and says in plain words what keeps it from working.
    ///
    /// Throws with `--no-fallback`, when no family works.
    static func opened(
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
        for range in configuration.mediaRanges {
            guard let warning = EphemeralPorts.warning(media: range) else { continue }
            logger.warning("kernel path: \(warning)")
        }
        do {
            let path = try KernelPath(
                table: configuration.tableName, portRanges: configuration.mediaRanges,
                trafficClass: configuration.trafficClass, families: families,
                hostAddresses: Set(host.local.map(\.address)),
                mediaTimeoutSeconds: configuration.timeout.inSeconds,
                logger: logger)
            let names = families.map { "IPv\($0.rawValue)" }.sorted().joined(separator: " and ")
            logger.info("kernel path: nftables table inet \(configuration.tableName) for \(names)")
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
