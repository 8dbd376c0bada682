import CallControl

/// rtpengine's command line interface: a line in, words and things to do out (ng.md 4.2).
///
/// The words are those of rtpengine 10.5 where versions differ, spelling included: scripts look for them. What only
/// newer versions say is said as they do.
struct CommandLineInterface {
    let state: any CommandLineState

    static let moreNeeded = "More parameters required.\n"

    /// Performs one line; what follows its end is not looked at.
    func perform(_ line: String) -> CommandLineOutcome {
        let line = line.prefix { !$0.isNewline }
        let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        let rest = Array(words.dropFirst())
        switch words.first {
        case "list", "get": return self.list(rest)
        case "set": return self.set(rest)
        case "terminate": return self.terminate(rest)
        case "debug": return self.debug(rest)
        case "call": return self.call(rest)
        case "help", "usage":
            return .text(Self.help(["list", "get", "set", "terminate", "debug", "call", "version"]))
        case "version": return .text("\(Self.version)\n")
        case let word? where Self.absent.contains(word): return .text(Self.unsupported(word))
        default: return .text(Self.unknown(words))
        }
    }

    private static var version: String { "crosspointd \(CrosspointVersion.text)" }

    /// Commands of rtpengine about things that this relay does not have.
    private static let absent: Set<String> = [
        "params", "ksadd", "ksrm", "kslist", "active", "standby", "media",
    ]

    private static func unsupported(_ name: String) -> String { "\(name) is not supported by this relay\n" }

    private static func unknown(_ words: [String]) -> String {
        "Unknown or incomplete command::\(words.joined(separator: " "))\n"
    }

    private static func help(_ words: [String]) -> String {
        "Available sub-commands at this level:\n" + words.map { "\t\($0)\n" }.joined()
    }

    // MARK: - list

    private static let listed = [
        "numsessions", "sessions", "totals", "counters", "maxopenfiles", "maxsessions", "maxcpu", "maxload",
        "maxbw", "timeout", "silenttimeout", "offertimeout", "finaltimeout", "loglevels", "loglevel",
        "controltos", "deletedelay", "interfaces", "jsonstats", "transcoders", "version",
    ]

    private func list(_ words: [String]) -> CommandLineOutcome {
        guard let what = words.first else { return .text(Self.moreNeeded) }
        if let timeout = CommandLineTimeout(rawValue: what) { return .text(self.text(of: timeout)) }
        switch what {
        case "numsessions": return .text(self.numberOfSessions())
        case "sessions": return self.sessions(words.dropFirst().joined(separator: " "))
        case "totals": return .text(self.state.statistics.totalsText)
        case "counters": return .text(self.state.statistics.countersText)
        case "interfaces": return .text(self.state.statistics.interfacesText)
        case "jsonstats": return .text(self.state.statistics.tree.json)
        case "maxsessions":
            let most = self.state.settings.maxSessions ?? -1
            return .text("Maximum sessions configured on rtpengine: \(most)\n")
        case "maxopenfiles":
            let files = self.state.openFiles
            return .text(
                "Maximum open-files configured on rtpengine: \(files.limit); cat /proc/\(files.process)/limits\n"
            )
        case "maxcpu": return .text("Maximum CPU usage configured on rtpengine: 0.0\n")
        case "maxload": return .text("Maximum load average configured on rtpengine: 0.00\n")
        case "maxbw": return .text("Maximum bandwidth configured on rtpengine: 0\n")
        case "loglevels": return .text("core - Everything that isn't part of another subsystem\n")
        case "loglevel":
            let level = self.state.logLevel.rawValue
            guard let system = words.dropFirst().first else { return .text("core = \(level)\n") }
            return .text(system == "core" ? "\(level)\n" : "")
        case "controltos": return .text("0\n")
        case "transcoders": return .text("No stats entries\n")
        case "version": return .text("\(Self.version)\n")
        case "help": return .text(Self.help(Self.listed))
        case _ where what.hasPrefix("redis"): return .text(Self.unsupported("Redis"))
        default: return .text(Self.unknown(words))
        }
    }

    private func text(of timeout: CommandLineTimeout) -> String {
        let seconds = Int64(self.state.settings[keyPath: timeout.setting])
        switch timeout {
        case .timeout: return "TIMEOUT=\(seconds)\n"
        case .silent: return "SILENT_TIMEOUT=\(seconds)\n"
        case .offer: return "OFFER_TIMEOUT=\(seconds)\n"
        case .final: return "FINAL_TIMEOUT=\(seconds)\n"
        case .deleteDelay: return "\(seconds)\n"
        }
    }

    private func numberOfSessions() -> String {
        let count = self.state.statistics.sessions
        let families = self.state.families
        return """
            Current sessions own: \(count)
            Current sessions foreign: 0
            Current sessions total: \(count)
            Current transcoded media: 0
            Current sessions ipv4 only media: \(families.ipv4)
            Current sessions ipv6 only media: \(families.ipv6)
            Current sessions ip mixed  media: \(families.mixed)

            """
    }

    private func sessions(_ which: String) -> CommandLineOutcome {
        switch which {
        case "": return .text(Self.moreNeeded)
        case "all", "own":
            let lines = self.state.sessions
            let kind = which == "own" ? "own " : ""
            return .text(
                lines.isEmpty
                    ? "No \(kind)sessions on this media relay.\n" : lines.map(\.text).joined())
        case "foreign": return .text("No foreign sessions on this media relay.\n")
        default:
            guard self.state.hasCall(which) else { return .text("\nCall ID not found (\(which)).\n\n") }
            return .details(callID: which)
        }
    }

    // MARK: - set

    private static let settable = [
        "maxsessions", "timeout", "silenttimeout", "offertimeout", "finaltimeout", "deletedelay", "loglevel",
    ]

    private func set(_ words: [String]) -> CommandLineOutcome {
        guard let what = words.first else { return .text(Self.moreNeeded) }
        if what == "help" { return .text(Self.help(Self.settable)) }
        guard let value = words.dropFirst().first else { return .text(Self.moreNeeded) }
        if let timeout = CommandLineTimeout(rawValue: what) { return Self.set(timeout, to: value) }
        switch what {
        case "maxsessions": return Self.setMaxSessions(value)
        case "loglevel": return Self.setLogLevel(Array(words.dropFirst()))
        case "maxcpu", "maxload", "maxbw", "controltos":
            return .text("Fail setting \(what) to \(value); not supported by this relay\n")
        case "maxopenfiles":
            return .text("Fail setting maxopenfiles to \(value); raise LimitNOFILE and start again\n")
        case _ where what.hasPrefix("redis"): return .text(Self.unsupported("Redis"))
        default: return .text(Self.unknown(words))
        }
    }

    private static func setMaxSessions(_ value: String) -> CommandLineOutcome {
        let name = "maxsessions"
        guard let number = Int(value) else {
            return .text("Fail setting \(name) to \(value); no digists found\n")
        }
        let most = DaemonConfiguration.Limits.mostSessions
        guard number >= -1, number <= most else {
            let reason =
                number < 0 ? "either positive or -1 values allowed" : "at most \(most) sessions are possible"
            return .text("Fail setting \(name) to \(value); \(reason)\n")
        }
        guard number >= 0 else {
            return .text(
                "Success setting \(name) to -1; disable feature\n", actions: [.setMaxSessions(nil)])
        }
        return .text("Success setting \(name) to \(number)\n", actions: [.setMaxSessions(number)])
    }

    private static func set(_ timeout: CommandLineTimeout, to value: String) -> CommandLineOutcome {
        // rtpengine calls all of them "timeout" here, but for one.
        let name = timeout == .deleteDelay ? "delete-delay" : "timeout"
        guard let seconds = Int(value) else {
            return .text("Fail setting \(name) to \(value); no digists found\n")
        }
        let least = timeout.mayBeZero ? 0 : 1
        let most = DaemonConfiguration.Limits.longestSeconds
        guard seconds >= least, seconds <= most else {
            return .text(
                "Fail setting \(name) to \(value); expected a number from \(least) to \(most)\n")
        }
        return .text(
            "Success setting \(name) to \(seconds)\n",
            actions: [.setTimeout(timeout, seconds: Double(seconds))])
    }

    private static func setLogLevel(_ words: [String]) -> CommandLineOutcome {
        var words = words
        if words.count > 1 {
            let system = words.removeFirst()
            guard system == "core" else {
                return .text("Fail setting loglevel of \(system); there is only core\n")
            }
        }
        guard let value = words.first, Int(value) != nil || words.count == 1 else {
            return .text(Self.moreNeeded)
        }
        guard value != "core" else { return .text(Self.moreNeeded) }
        guard let level = SyslogSeverity(value) else {
            return .text("Fail setting loglevel to \(value); expected a number from 0 to 7\n")
        }
        return .text(
            "Success setting loglevel to \(level.rawValue)\n", actions: [.setLogLevel(level)])
    }

    // MARK: - Calls

    private func terminate(_ words: [String]) -> CommandLineOutcome {
        let which = words.joined(separator: " ")
        switch which {
        case "": return .text(Self.moreNeeded)
        case "all": return .text("All calls terminated by operator.\n", actions: [.terminateAll])
        case "own": return .text("All own calls terminated by operator.\n", actions: [.terminateAll])
        case "foreign": return .text("All foreign calls terminated by operator.\n")
        default:
            guard self.state.hasCall(which) else { return .text("\nCall Id not found (\(which)).\n\n") }
            return .text(
                "\nCall Id (\(which)) successfully terminated by operator.\n\n",
                actions: [.terminate(callID: which)])
        }
    }

    private func debug(_ words: [String]) -> CommandLineOutcome {
        guard let id = words.first else { return .text("No call ID specified\n") }
        guard self.state.hasCall(id) else { return .text("Call ID '\(id)' not found\n") }
        let isOn = words.dropFirst().first != "off"
        return .text(
            "\(isOn ? "Enabled" : "Disabled") debugging for call '\(id)'\n",
            actions: [.setDebug(callID: id, isOn: isOn)])
    }

    private func call(_ words: [String]) -> CommandLineOutcome {
        guard let id = words.first else { return .text(Self.moreNeeded) }
        guard self.state.hasCall(id) else { return .text("\nCall ID not found (\(id)).\n\n") }
        switch words.dropFirst().first {
        case nil: return .text(Self.help(["info", "terminate", "debug"]))
        case "info": return .details(callID: id)
        case "terminate": return self.terminate([id])
        case "debug": return self.debug([id] + words.dropFirst(2))
        default: return .text(Self.unknown(Array(words.dropFirst())))
        }
    }
}
