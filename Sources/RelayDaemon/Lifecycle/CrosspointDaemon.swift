import ArgumentParser
import Logging

/// The daemon from its command line to its exit status.
public enum CrosspointDaemon {
    /// Runs until SIGINT or SIGTERM; returns the exit status.
    public static func run(arguments: [String]) -> Int32 {
        // Before any thread is started, so that all of them inherit it and only `DaemonSignals.wait` sees the signals.
        let signals = DaemonSignals()
        let loaded: LoadedConfiguration
        do {
            loaded = try ConfigurationLoader.system.load(arguments: arguments)
        } catch {
            DaemonOptions.exit(withError: error)
        }
        let configuration = loaded.configuration
        let levels = LogLevels(configuration.logLevel, subsystems: configuration.subsystemLevels)
        let sink = LogSink.daemon(configuration)
        // What is not read by then is lost: a reader that is stuck must not keep the daemon from ending.
        defer { sink.flush() }
        let logger = Logger.daemon(sink, levels: levels)
        logger.log(loaded.notes)
        let notifier = ServiceNotifier()
        do {
            let daemon = try RunningDaemon(configuration, levels: levels, notifier: notifier, logger: logger)
            daemon.countLostLines { sink.lost }
            logger.notice("crosspointd \(CrosspointVersion.text) is ready")
            notifier.ready(status: "ready, no calls")
            let signal = self.waitForStop(signals, levels: levels, logger: logger)
            if let patience = configuration.drainTimeout {
                self.drain(
                    daemon, signals, seconds: Int(patience.inSeconds), notifier: notifier, logger: logger,
                    because: signal)
            }
            logger.notice("stopping because of \(signal)")
            notifier.stopping(status: "ending calls")
            daemon.stop()
            logger.notice("stopped")
            return 0
        } catch {
            logger.critical("crosspointd does not start: \(error)")
            return 1
        }
    }

    /// Obeys signals until one asks for the end; returns its name.
    private static func waitForStop(_ signals: DaemonSignals, levels: LogLevels, logger: Logger) -> String {
        while true {
            let request = signals.wait()
            if case .stop(let name) = request { return name }
            self.obey(request, levels: levels, logger: logger)
        }
    }

    /// Takes no new calls and waits for the others; a second signal, or the end of the time, ends the waiting.
    private static func drain(
        _ daemon: RunningDaemon, _ signals: DaemonSignals, seconds: Int, notifier: ServiceNotifier,
        logger: Logger, because signal: String
    ) {
        logger.notice(
            "\(signal): draining for at most \(seconds) s; the same signal again ends all calls at once")
        daemon.drain()
        var waited = 0
        while waited < seconds {
            let calls = daemon.callCount
            guard calls > 0 else { return logger.notice("drained: there are no calls any more") }
            notifier.status("draining, \(calls) calls go on")
            // The manager's own patience ends later than this, however long the drain takes.
            notifier.extendTimeout(microseconds: 30_000_000)
            if let request = signals.wait(milliseconds: 1000) {
                if case .stop = request { return logger.notice("draining was cut short by a signal") }
                self.obey(request, levels: daemon.levels, logger: logger)
            } else {
                waited += 1
            }
        }
        logger.warning("drain-timeout is over and \(daemon.callCount) calls are still there")
    }

    private static func obey(_ request: DaemonSignals.Request, levels: LogLevels, logger: Logger) {
        switch request {
        case .stop: break
        case .logLess, .logMore:
            let step = request == .logLess ? -1 : 1
            // Never so low that the next change would go unnoticed.
            guard let level = SyslogSeverity(rawValue: levels.general.rawValue + step), level > .emergency
            else {
                return
            }
            levels.general = level
            logger.warning("log-level is now \(level.rawValue) (\(level.label.lowercased()))")
        case .reload:
            logger.notice("SIGHUP: nothing is read again; restart the daemon for a changed configuration")
        }
    }
}
