public import WireFormat

/// The latest sender report of one source; it counts packets also while they are forwarded elsewhere.
public struct SenderActivity: Sendable, Hashable {
    /// What the sender said.
    public let report: SenderReport
    /// When it arrived.
    public let reportedAt: MonotonicTime
}

extension SenderActivity: SSRCKeyed {
    static var vacant: SenderActivity {
        SenderActivity(report: .vacant, reportedAt: MonotonicTime(nanoseconds: 0))
    }

    var ssrc: UInt32 { self.report.ssrc }
    var lastHeard: MonotonicTime { self.reportedAt }
}
