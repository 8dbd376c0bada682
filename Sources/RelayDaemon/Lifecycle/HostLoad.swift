import CallControl
import FoundationEssentials
import WireFormat

/// Measures how busy the host is, from one look at it to the next.
///
/// In a container or a service with `CPUQuota=`, what counts is the share of what it may use: the fuller of the two is
/// reported.
struct HostLoad {
    /// What the kernel says of CPU time at one moment.
    struct CPUTimes: Equatable {
        /// Ticks of all CPUs since the start of the host, idle ones included.
        var total: UInt64
        /// Those in which nothing ran, or something waited for a disk.
        var idle: UInt64
    }

    /// What a control group may use and has used.
    struct GroupTimes: Equatable {
        var usedMicroseconds: UInt64
        /// CPUs it may use, such as 1.5.
        var allowedCPUs: Double
    }

    private var lastTimes: CPUTimes?
    private var lastGroup: (times: GroupTimes, at: MonotonicTime)?
    /// Reads a file of the system; nil if it is not there.
    private let read: (String) -> String?
    /// Where the control group's files are; nil if there is no second version of control groups.
    private let group: String?

    /// A meter of this host.
    init() {
        self.init { path in
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// A meter of what `read` says.
    init(read: @escaping (String) -> String?) {
        self.read = read
        self.group = read("/proc/self/cgroup").flatMap { Self.groupPath($0) }
    }

    /// Looks at the host now; the first look knows no CPU percentage.
    mutating func sample(at now: MonotonicTime) -> LoadSample {
        var sample = LoadSample()
        sample.loadAverage = self.read("/proc/loadavg").flatMap { Self.loadAverage($0) }
        let times = self.read("/proc/stat").flatMap { Self.cpuTimes($0) }
        if let times, let last = self.lastTimes { sample.cpuPercent = Self.percent(from: last, to: times) }
        self.lastTimes = times
        if let group = self.group, let times = self.groupTimes(group) {
            if let last = self.lastGroup {
                let share = Self.percent(
                    from: last.times, to: times, seconds: now.seconds(since: last.at))
                sample.cpuPercent = max(sample.cpuPercent ?? 0, share)
            }
            self.lastGroup = (times, now)
        } else {
            self.lastGroup = nil
        }
        return sample
    }

    // MARK: - What the files say

    /// The first number of `/proc/loadavg`.
    static func loadAverage(_ text: String) -> Double? {
        text.split(whereSeparator: \.isWhitespace).first.flatMap { Double($0) }
    }

    /// The line of all CPUs of `/proc/stat` (proc_stat(5)); guests' time is part of the user's.
    static func cpuTimes(_ text: String) -> CPUTimes? {
        guard let line = text.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix("cpu ") })
        else { return nil }
        let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { UInt64($0) }
        guard ticks.count >= 5 else { return nil }
        return CPUTimes(total: ticks.reduce(0, &+), idle: ticks[3] &+ ticks[4])
    }

    /// The percentage that was used between two moments; nil if no time has passed.
    static func percent(from old: CPUTimes, to new: CPUTimes) -> Double? {
        guard new.total > old.total else { return nil }
        let total = Double(new.total - old.total)
        let idle = new.idle > old.idle ? Double(new.idle - old.idle) : 0
        return max(0, 100 * (total - idle) / total)
    }

    /// The percentage of what a group may use.
    static func percent(from old: GroupTimes, to new: GroupTimes, seconds: Double) -> Double {
        guard seconds > 0, new.allowedCPUs > 0, new.usedMicroseconds >= old.usedMicroseconds else { return 0 }
        return 100 * Double(new.usedMicroseconds - old.usedMicroseconds) / (seconds * 1e6 * new.allowedCPUs)
    }

    /// The folder of the control group that `/proc/self/cgroup` names (cgroups(7), version 2).
    static func groupPath(_ text: String) -> String? {
        guard let line = text.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix("0::/") })
        else { return nil }
        let path = line.dropFirst(3)
        return path == "/" ? "/sys/fs/cgroup" : "/sys/fs/cgroup\(path)"
    }

    /// CPUs that `cpu.max` allows; nil if it sets no limit.
    static func allowedCPUs(_ text: String) -> Double? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), quota > 0,
            period > 0
        else { return nil }
        return quota / period
    }

    private func groupTimes(_ path: String) -> GroupTimes? {
        guard let allowed = self.read("\(path)/cpu.max").flatMap({ Self.allowedCPUs($0) }),
            let used = self.read("\(path)/cpu.stat").flatMap({ Self.usage($0) })
        else { return nil }
        return GroupTimes(usedMicroseconds: used, allowedCPUs: allowed)
    }

    /// `usage_usec` of `cpu.stat`.
    static func usage(_ text: String) -> UInt64? {
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("usage_usec ") {
            return UInt64(line.dropFirst("usage_usec ".count))
        }
        return nil
    }
}

/// The rate of a counter that only grows, from one look at it to the next.
struct RateMeter {
    private var last: (total: UInt64, at: MonotonicTime)?
    /// Per second, between the last two looks; nil before the second.
    private(set) var perSecond: Double?

    /// Looks at the counter; a look that comes too soon after the last one is left out.
    mutating func observe(_ total: UInt64, at now: MonotonicTime) {
        if let last = self.last {
            let seconds = now.seconds(since: last.at)
            guard seconds >= Self.shortestSeconds else { return }
            self.perSecond = total > last.total ? Double(total - last.total) / seconds : 0
        }
        self.last = (total, now)
    }

    private static let shortestSeconds = 0.4
}
