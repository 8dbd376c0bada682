/// Why a request is answered with `result: error`; ``reason`` is the text that goes into `error-reason`.
///
/// Controllers and their operators match on these texts, so they are rtpengine's to the letter.
public enum NGError: Error, Sendable, Hashable {
    // The envelope.
    case noPayload
    case invalidFormat
    case undecodableBencode(NGSyntaxError)
    case unparsableJSON(NGSyntaxError)
    /// What came over TCP can be no message, however it goes on; the offset counts from the message's cookie.
    case unparsableStream(NGSyntaxError)
    /// A message over TCP beyond ``NGStreamLimits``.
    case streamMessageTooLong

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
    /// `cli` without a line.
    case noBody
    /// `address` is none.
    case invalidAddress
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
        case .unparsableStream: "Could not find the end of a message"
        case .streamMessageTooLong: "Message too long"
        case .noCommand: "Dictionary contains no key \"command\""
        case .unrecognizedCommand: "Unrecognized command"
        case .unsupportedCommand(let name): "Command \"\(name)\" is not supported by this relay"
        case .noSDP: "No SDP body in message"
        case .noCallID: "No call-id in message"
        case .noFromTag: "No from-tag in message"
        case .noToTag: "No to-tag in message"
        case .noBody: "No 'body' in message"
        case .invalidAddress: "Failed to parse network address"
        case .negativeLimit: "invalid limit, must be >= 0"
        case .invalidIdentifier(let key): "Invalid \(key) in message"
        }
    }

    /// ``reason`` with what only the log should say.
    public var logText: String {
        switch self {
        case .undecodableBencode(let error), .unparsableJSON(let error), .unparsableStream(let error):
            "\(self.reason): \(error)"
        case .unrecognizedCommand(let name): "\(self.reason): \(name)"
        default: self.reason
        }
    }
}

/// Texts of `error-reason` and `warning` that depend on the state of calls; rtpengine's to the letter.
///
/// Kamailio and OpenSIPS go to the next node when they read ``ranOutOfPorts`` or ``sessionLimitReached``.
public enum NGReason {
    /// offer, answer, query and the recording commands for a call that does not exist.
    public static let unknownCall = "Unknown call-id"
    /// The same in the commands that block, publish, subscribe and connect.
    public static let unknownCallID = "Unknown call-ID"
    /// `connect` with a `to-call-id` that does not exist.
    public static let unknownOtherCallID = "Unknown to-tag call-ID"
    /// No party has the `label`.
    public static let unknownLabel = "No monologue matching the given label"
    /// No party's SDP named the `address`.
    public static let unknownAddress = "Failed to match address to any tag"
    /// No party has the from-tag.
    public static let unknownFromTag = "From-tag given, but no such tag exists"
    /// `connect` or `unsubscribe` with a from-tag that does not exist.
    public static let fromTagNotFound = "From-tag not found"
    /// `subscribe answer`, `unsubscribe` or `connect` with a to-tag that does not exist.
    public static let toTagNotFound = "To-tag not found"
    /// `block media` towards a to-tag that does not exist.
    public static let flowWithoutToTag = "Media flow not found (to-tag not found)"
    /// `block media` towards a to-label that does not exist.
    public static let flowWithoutToLabel = "Media flow not found (to-label not found)"
    /// `block media` towards a party that does not receive this one's media.
    public static let flowNotSubscribed = "Media flow not found (to-tag not subscribed)"
    /// `subscribe request` that chooses nobody.
    public static let noMedia = "No medias found (no monologues matched)"
    /// `subscribe request` that failed.
    public static let failedSubscription = "Failed to request subscription"
    /// `subscribe answer` that failed.
    public static let failedSubscriptionAnswer = "Failed to process subscription answer"
    /// `unsubscribe` that failed.
    public static let failedUnsubscribe = "Failed to unsubscribe"
    /// An SDP could not be made where none had come in.
    public static let failedSDP = "Failed to create SDP"
    /// `connect` of a party with itself.
    public static let connectToSelf = "Trying to connect to self"
    /// `connect` of calls that cannot become one.
    public static let failedMerge = "Failed to merge two calls into one"
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
    /// A warning, or an error with flag `fatal`.
    public static let nothingToDelete = "Call-ID not found or tags didn't match"
}
