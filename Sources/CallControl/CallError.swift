import ControlProtocols
public import SDPGrammar

/// Why a command was refused; `reason` is the text controllers know (ng.md 1.3), `detail` what the log adds.
public enum CallError: Error, Sendable, Hashable {
    /// The SDP does not parse.
    case malformedSDP(SDPError)
    /// The SDP parses but says too little to relay.
    case incompleteSDP(SDPError)
    /// No such call, in an answer.
    case unknownCall
    /// The tags do not fit the call.
    case invalidDialogue(String)
    /// No relay ports are left or can be bound.
    case outOfPorts(String)
    /// `--max-sessions` is reached.
    case sessionLimit(Int)
    /// The relay is being emptied and takes no new calls.
    case draining
    /// The host is too busy for new calls.
    case overloaded(LoadRefusal)
    /// No such call, in commands other than offer and answer.
    case noCall
    /// A command names what the call does not have; `reason` is the text controllers know.
    case unmatched(reason: String, detail: String)
    /// A limit of `CallLimits` was hit.
    case tooLarge(String)

    /// The text of `error-reason`.
    public var reason: String {
        switch self {
        case .malformedSDP: NGReason.unparsableSDP
        case .incompleteSDP: NGReason.incompleteSDP
        case .unknownCall: NGReason.unknownCall
        case .invalidDialogue: NGReason.invalidDialogue
        case .outOfPorts: NGReason.ranOutOfPorts
        case .sessionLimit, .draining: NGReason.sessionLimitReached
        case .overloaded(.load): NGReason.loadLimitExceeded
        case .overloaded(.cpu): NGReason.cpuLimitExceeded
        case .overloaded(.bandwidth): NGReason.bandwidthLimitExceeded
        case .noCall: NGReason.unknownCallID
        case .unmatched(let reason, _): reason
        case .tooLarge: NGReason.failedRewrite
        }
    }

    /// What exactly was wrong, for the log.
    public var detail: String {
        switch self {
        case .malformedSDP(let error), .incompleteSDP(let error):
            error.line > 0 ? "line \(error.line): \(error.reason)" : error.reason
        case .unknownCall, .noCall: "no call with this call-id; it may have ended or timed out"
        case .invalidDialogue(let detail), .outOfPorts(let detail), .tooLarge(let detail),
            .unmatched(_, let detail):
            detail
        case .sessionLimit(let limit): "max-sessions is \(limit)"
        case .draining: "the relay is draining and takes no new calls"
        case .overloaded(let refusal): refusal.detail
        }
    }

    /// True if another relay may have room for the call: controllers that know the result `load limit` get that.
    public var isLoadLimit: Bool {
        switch self {
        case .sessionLimit, .draining, .overloaded: true
        default: false
        }
    }
}
