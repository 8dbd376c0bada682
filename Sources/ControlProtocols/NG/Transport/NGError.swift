/// Why a request is answered with `result: error`; ``reason`` is the text that goes into `error-reason`.
///
/// Controllers and their operators match on these texts, so they are rtpengine's to the letter.
public enum NGError: Error, Sendable, Hashable {
    // The envelope.
    case noPayload
    case invalidFormat
    case undecodableBencode(NGSyntaxError)
    case unparsableJSON(NGSyntaxError)

    // The command.
    case noCommand
    case unrecognizedCommand(String)
    /// rtpengine knows this command, this relay does not perform it.
    case unsupportedCommand(String)

    // Required keys, in the order in which they are checked.
    case noSDP
    case noCallID
    case noFromTag
    case noToTag
    /// `list` with a negative `limit`.
    case negativeLimit
    /// A key that names a call or a party has control characters, is not UTF-8 or longer than
    /// ``NGRequestLimits/identifierOctets``.
    case invalidIdentifier(key: String)

    /// The text of `error-reason`.
    public var reason: String {
        switch self {
        case .noPayload: "Invalid data (no payload)"
        case .invalidFormat: "Invalid NG data format"
        case .undecodableBencode: "Could not decode bencode dictionary"
        case .unparsableJSON: "Failed to parse JSON document"
        case .noCommand: "Dictionary contains no key \"command\""
        case .unrecognizedCommand: "Unrecognized command"
        case .unsupportedCommand(let name): "Command \"\(name)\" is not supported by this relay"
        case .noSDP: "No SDP body in message"
        case .noCallID: "No call-id in message"
        case .noFromTag: "No from-tag in message"
        case .noToTag: "No to-tag in message"
        case .negativeLimit: "invalid limit, must be >= 0"
        case .invalidIdentifier(let key): "Invalid \(key) in message"
        }
    }

    /// ``reason`` with what only the log should say.
    public var logText: String {
        switch self {
        case .undecodableBencode(let error), .unparsableJSON(let error): "\(self.reason): \(error)"
        case .unrecognizedCommand(let name): "\(self.reason): \(name)"
        default: self.reason
        }
    }
}

/// Texts of `error-reason` and `warning` that depend on the state of calls; rtpengine's to the letter.
///
/// Kamailio and OpenSIPS go to the next node when they read ``ranOutOfPorts`` or ``sessionLimitReached``.
public enum NGReason {
    /// offer and answer for a call that does not exist.
    public static let unknownCall = "Unknown call-id"
    /// The body is no SDP.
    public static let unparsableSDP = "Failed to parse SDP"
    /// The SDP lacks an address.
    public static let incompleteSDP = "Incomplete SDP specification"
    /// The tags do not fit the parties of the call.
    public static let invalidDialogue = "Invalid dialogue association"
    /// The SDP was understood, but no new one could be made.
    public static let failedRewrite = "Error rewriting SDP"
    /// No port pair is free.
    public static let ranOutOfPorts = "Ran out of ports"
    /// Ours: a reply that no datagram can hold.
    public static let replyTooLong = "Reply too long for a datagram"
    /// `max-sessions`.
    public static let sessionLimitReached = "Parallel session limit reached"
    /// `max-load`.
    public static let loadLimitExceeded = "Load limit exceeded"
    /// `max-cpu`.
    public static let cpuLimitExceeded = "CPU usage limit exceeded"
    /// `max-bandwidth`.
    public static let bandwidthLimitExceeded = "Bandwidth limit exceeded"
    /// A warning, or an error with flag `fatal`.
    public static let nothingToDelete = "Call-ID not found or tags didn't match"
}
