import CallControl

/// Limits by load, and log levels.
extension CommandLineInterface {
    // MARK: - Load limits

    func loadLimit(_ what: String) -> String {
        let limits = self.state.settings.loadLimits
        switch what {
        case "maxcpu":
            return "Maximum CPU usage configured on rtpengine: \(Self.fixed(limits.cpuPercent ?? 0, 1))\n"
        case "maxload":
            return "Maximum load average configured on rtpengine: \(Self.fixed(limits.loadAverage ?? 0, 2))\n"
        default: return "Maximum bandwidth configured on rtpengine: \(limits.bytesPerSecond ?? 0)\n"
        }
    }

    func setLoadLimit(_ what: String, to value: String) -> CommandLineOutcome {
        let most = what == "maxcpu" ? 100 : what == "maxload" ? DaemonConfiguration.Limits.largestLoad : 1e18
        guard let number = Double(value) else {
            return .text("Fail setting \(what) to \(value); no digists found\n")
        }
        guard number >= 0, number <= most else {
            return .text("Fail setting \(what) to \(value); expected a number from 0 to \(Int(most))\n")
        }
        var limits = self.state.settings.loadLimits
        let limit = number > 0 ? number : nil
        switch what {
        case "maxcpu": limits.cpuPercent = limit
        case "maxload": limits.loadAverage = limit
        default: limits.bytesPerSecond = limit.map { UInt64($0) }
        }
        return .text("Success setting \(what) to \(value)\n", actions: [.setLoadLimits(limits)])
    }

    /// A number that is not negative with that many digits after the point.
    private static func fixed(_ value: Double, _ digits: Int) -> String {
        let factor = digits == 1 ? 10 : 100
        let scaled = Int((value * Double(factor)).rounded())
        let rest = String(scaled % factor)
        return "\(scaled / factor)." + String(repeating: "0", count: max(0, digits - rest.count)) + rest
    }

    // MARK: - Log levels

    func logLevels(of system: String?) -> String {
        let levels = self.state.logLevels
        guard let system else {
            return LogSubsystem.allCases.map { "\($0.name) = \(levels[$0].rawValue)\n" }.joined()
        }
        return LogSubsystem(named: system).map { "\(levels[$0].rawValue)\n" } ?? ""
    }

    static func setLogLevel(_ words: [String]) -> CommandLineOutcome {
        var words = words
        var subsystem: LogSubsystem?
        if words.count > 1 {
            let name = words.removeFirst()
            subsystem = LogSubsystem(named: name)
            guard subsystem != nil else {
                let known = LogSubsystem.allCases.map(\.name).joined(separator: ", ")
                return .text("Fail setting loglevel of \(name); there are \(known)\n")
            }
        }
        guard let value = words.first, LogSubsystem(named: value) == nil else {
            return .text(Self.moreNeeded)
        }
        guard let level = SyslogSeverity(value) else {
            return .text("Fail setting loglevel to \(value); expected a number from 0 to 7\n")
        }
        return .text(
            "Success setting loglevel to \(level.rawValue)\n", actions: [.setLogLevel(subsystem, level)])
    }
}

extension LogSubsystem {
    /// What belongs to it, in rtpengine's words where it has them.
    var summary: String {
        switch self {
        case .core: "Everything that isn't part of another subsystem"
        case .control: "Control protocols including SDP exchanges, CLI"
        case .http: "HTTP, HTTPS, Websockets"
        case .internals: "Noisy low-level internals"
        case .cdr: "The line at the end of each call"
        }
    }
}
