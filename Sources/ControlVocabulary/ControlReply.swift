/// Whether a request was carried out.
public enum ControlResult: String, Codable, Sendable {
    case ok
    case error
}

/// One line from the daemon to `crosspointctl`; of the optional members only the one that was asked for is there.
public struct ControlReply: Codable, Sendable, Equatable {
    /// Whether the request was carried out.
    public var result: ControlResult
    /// Why it was not, in words for an operator.
    public var error: String?
    /// The answer to `calls`.
    public var calls: [CallSummary]?
    /// The answer to `flows`.
    public var flows: [FlowSummary]?
    /// The answer to `stats`: a group of groups, numbers and texts.
    public var stats: StatisticValue?

    private init(result: ControlResult) {
        self.result = result
    }

    /// Done; nothing to tell.
    public static let done = ControlReply(result: .ok)

    /// Refused or failed, with the reason.
    public static func failed(_ reason: String) -> ControlReply {
        var reply = ControlReply(result: .error)
        reply.error = reason
        return reply
    }

    /// The answer to `calls`.
    public static func calls(_ calls: [CallSummary]) -> ControlReply {
        var reply = ControlReply(result: .ok)
        reply.calls = calls
        return reply
    }

    /// The answer to `flows`.
    public static func flows(_ flows: [FlowSummary]) -> ControlReply {
        var reply = ControlReply(result: .ok)
        reply.flows = flows
        return reply
    }

    /// The answer to `stats`.
    public static func stats(_ stats: [String: StatisticValue]) -> ControlReply {
        var reply = ControlReply(result: .ok)
        reply.stats = .group(stats)
        return reply
    }
}
