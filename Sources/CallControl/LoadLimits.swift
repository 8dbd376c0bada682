/// How busy the host and the relay are at one moment.
public struct LoadSample: Sendable, Hashable {
    /// The 1-minute load average.
    public var loadAverage: Double?
    /// Percent of the CPUs' time that was used since the last sample.
    public var cpuPercent: Double?
    /// Octets of media that arrived in a second, on both paths.
    public var bytesPerSecond: UInt64?

    /// A sample in which nothing is known yet.
    public init() {}
}

/// `--max-load`, `--max-cpu` and `--max-bandwidth`: from which load on no new calls are taken (ng.md 4.5).
public struct LoadLimits: Sendable, Hashable {
    /// The 1-minute load average; nil is no limit.
    public var loadAverage: Double?
    /// Percent of the CPUs' time; nil is no limit.
    public var cpuPercent: Double?
    /// Octets of media a second; nil is no limit.
    public var bytesPerSecond: UInt64?

    /// No limits.
    public init() {}

    /// True if there is nothing to measure.
    public var isEmpty: Bool {
        self.loadAverage == nil && self.cpuPercent == nil && self.bytesPerSecond == nil
    }

    /// Which limit a sample has reached, in rtpengine's order; nil if none. What was not measured limits nothing.
    public func refusal(of sample: LoadSample) -> LoadRefusal? {
        if let limit = self.loadAverage, let load = sample.loadAverage, load >= limit {
            return .load(load, limit: limit)
        }
        if let limit = self.cpuPercent, let cpu = sample.cpuPercent, cpu >= limit {
            return .cpu(cpu, limit: limit)
        }
        if let limit = self.bytesPerSecond, let bytes = sample.bytesPerSecond, bytes >= limit {
            return .bandwidth(bytes, limit: limit)
        }
        return nil
    }
}

/// A limit that was reached, with what was measured.
public enum LoadRefusal: Error, Sendable, Hashable {
    case load(Double, limit: Double)
    case cpu(Double, limit: Double)
    case bandwidth(UInt64, limit: UInt64)

    /// What the log adds to the text for controllers.
    public var detail: String {
        switch self {
        case .load(let load, let limit): "the load average is \(load), max-load is \(limit)"
        case .cpu(let percent, let limit): "the CPUs are used for \(Int(percent)) %, max-cpu is \(limit)"
        case .bandwidth(let bytes, let limit): "\(bytes) octets arrive a second, max-bandwidth is \(limit)"
        }
    }
}

extension CallTable {
    /// Whether a call that is not there yet may begin: every command that would make one asks here.
    ///
    /// Throws ``CallError/sessionLimit(_:)``, ``CallError/draining`` or ``CallError/overloaded(_:)`` and counts it.
    mutating func admitNewCall() throws(CallError) {
        do throws(CallError) {
            if self.isDraining { throw .draining }
            if let limit = self.settings.maxSessions, self.calls.count >= limit { throw .sessionLimit(limit) }
            if let refusal = self.settings.loadLimits.refusal(of: self.load) { throw .overloaded(refusal) }
        } catch {
            self.totals.rejected += 1
            throw error
        }
    }
}
