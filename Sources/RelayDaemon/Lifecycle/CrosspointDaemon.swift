import ArgumentParser
import Logging

/// The daemon from its command line to its exit status.
public enum CrosspointDaemon {
    /// Runs until SIGINT or SIGTERM; returns the exit status.
    public static func run(arguments: [String]) -> Int32 {
        // Before any thread is started, so that all of them inherit it and only `StopSignals.wait` sees the signals.
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
