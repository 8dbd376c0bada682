import CLinux
import CallControl
import ControlProtocols
import Glibc
import Logging
import NIOCore
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// The command line interface, which comes over TCP, HTTP and NG.
extension Relay {
    /// Performs one line; the details of a call may take a word with its worker.
    func perform(commandLine line: String, from peer: String, answer: @escaping (String) -> Void) {
        self.collectClosedPorts()
        let interface = CommandLineInterface(state: RelayCommandLineState(relay: self))
        switch interface.perform(line) {
        case .details(let id):
            self.details(of: id, answer: answer)
        case .text(let text, let actions):
            for action in actions {
                self.logger.notice("command line of \(peer): \(action.summary)")
                self.perform(action)
            }
            guard actions.contains(.terminateAll) else { return answer(text) }
            self.terminateInTurns(self.calls.callIDs(limit: .max)[...]) { answer(text) }
        }
    }

    private func perform(_ action: CommandLineAction) {
        switch action {
        case .setMaxSessions(let most): self.setMaxSessions(most)
        case .setLoadLimits(let limits): self.setLoadLimits(limits)
        case .setTimeout(let timeout, let seconds):
            self.calls.settings[keyPath: timeout.setting] = seconds
        case .setLogLevel(let subsystem?, let level): self.levels.set(subsystem, to: level)
        case .setLogLevel(nil, let level):
            for subsystem in LogSubsystem.allCases { self.levels.set(subsystem, to: nil) }
            self.levels.general = level
        case .setDebug(let id, let isOn): self.calls.setDebugged(id, isOn)
        case .terminate(let id): self.terminate([id])
        case .terminateAll: break  // In turns, see above.
        }
    }

    private func terminate(_ ids: [String]) {
        let now = self.clock.now.monotonic
        for id in ids {
            guard let ended = self.calls.terminate(id, reason: .forceTerminated, at: now) else { continue }
            self.finish(ended)
        }
    }

    /// Ends many calls without keeping controllers waiting meanwhile.
    private func terminateInTurns(_ ids: ArraySlice<String>, done: @escaping () -> Void) {
        self.terminate(Array(ids.prefix(Self.callsEndedInATurn)))
        let rest = ids.dropFirst(Self.callsEndedInATurn)
        guard !rest.isEmpty else { return done() }
        let next = NIOLoopBound((self, done), eventLoop: self.eventLoop)
        // A moment later: what is only due at once would still go before what the sockets bring.
        self.eventLoop.scheduleTask(in: .microseconds(200)) {
            next.value.0.terminateInTurns(rest, done: next.value.1)
        }
    }

    private static var callsEndedInATurn: Int { 50 }

    private func details(of id: String, answer: @escaping (String) -> Void) {
        guard let report = self.calls.report(of: id) else {
            return answer("\nCall ID not found (\(id)).\n\n")
        }
        let line = SessionLine(
            callID: id, isEnding: report.isEnding, createdSeconds: report.created.unixSeconds,
            proxy: self.controllers[report.id] ?? "")
        self.statistics(of: report) { statistics in
            answer(
                SessionDetails.text(line, report: report, statistics: statistics, now: self.clock.now))
        }
    }
}

/// The relay as the command line interface sees it.
private struct RelayCommandLineState: CommandLineState {
    let relay: Relay

    var statistics: DaemonStatistics { self.relay.daemonStatistics() }
    var settings: RelaySettings { self.relay.calls.settings }
    var logLevels: LogLevels { self.relay.levels }
    var families: MediaFamilies { self.relay.calls.mediaFamilies }

    var openFiles: (limit: UInt64, process: Int32) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return (UInt64(limit.rlim_cur), getpid())
    }

    var sessions: [SessionLine] {
        self.relay.calls.outlines.map { call in
            SessionLine(
                callID: call.id, isEnding: call.isEnding, createdSeconds: call.created.unixSeconds,
                proxy: self.relay.controllers[call.id] ?? "")
        }
    }

    func hasCall(_ id: String) -> Bool { self.relay.calls.contains(id) }
}

extension CommandLineAction {
    /// For the log.
    fileprivate var summary: String {
        switch self {
        case .setMaxSessions(let most): "max-sessions is \(most.map(String.init) ?? "-1") now"
        case .setTimeout(let timeout, let seconds): "\(timeout.rawValue) is \(Int64(seconds)) s now"
        case .setLogLevel(let subsystem, let level):
            "the log level\(subsystem.map { " of \($0.name)" } ?? "") is \(level.rawValue) now"
        case .setLoadLimits: "limits by load are changed"
        case .setDebug(let id, let isOn): "debug log of call \(id) \(isOn ? "on" : "off")"
        case .terminate(let id): "call \(id) is ended"
        case .terminateAll: "all calls are ended"
        }
    }
}
