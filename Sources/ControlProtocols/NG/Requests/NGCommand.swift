public import WireFormat

/// One command of the NG protocol, typed; what none of the fields covers is listed in `notices`.
public struct NGRequest: Sendable {
    /// What is to be done.
    public var command: NGCommand
    /// Keys, flags and list members that are unknown or not supported: logged, never an error.
    public var notices: [NGNotice]

    /// Joins a command and what was noticed while reading it.
    public init(command: NGCommand, notices: [NGNotice] = []) {
        self.command = command
        self.notices = notices
    }
}

/// A key, flag or list member that was not obeyed.
public enum NGNotice: Sendable, Hashable {
    /// Nobody knows this.
    case unknown(String)
    /// Known to rtpengine, not supported here; the text says what happens instead.
    case unsupported(String, consequence: String)

    /// What the `warning` of a reply says of it; nil for what nobody knows, which only the log tells.
    public var warning: String? {
        guard case .unsupported(let name, let consequence) = self else { return nil }
        return "\(name) is not supported: \(consequence)"
    }
}

/// The commands a plain relay performs.
public enum NGCommand: Sendable {
    case ping
    case offer(OfferAnswer)
    case answer(OfferAnswer)
    case delete(DeleteRequest)
    case query(CallSelector)
    case list(limit: Int)
    case statistics
    case startRecording(RecordingRequest)
    case pauseRecording(RecordingRequest)
    case stopRecording(RecordingRequest)
    case block(BlockRequest)
    case publish(PublishRequest)
    case subscribeRequest(SubscribeRequest)
    case subscribeAnswer(OfferAnswer)
    case unsubscribe(PartySelection)
    case connect(ConnectRequest)
    /// A line of the command line interface.
    case cli(String)
}

/// The keys that choose a call and a party of it.
public struct CallSelector: Sendable, Hashable {
    /// `call-id`.
    public var callID: String
    /// `from-tag`.
    public var fromTag: String?
    /// `to-tag`.
    public var toTag: String?
    /// `via-branch`.
    public var viaBranch: String?

    /// A selector of a whole call, or of a part of it.
    public init(callID: String, fromTag: String? = nil, toTag: String? = nil, viaBranch: String? = nil) {
        self.callID = callID
        self.fromTag = fromTag
        self.toTag = toTag
        self.viaBranch = viaBranch
    }
}

/// `delete`.
public struct DeleteRequest: Sendable {
    /// What to delete; `toTag` counts only with `matchesToTag`.
    public var selector: CallSelector
    /// Flag `to-tag`: the to-tag is looked at.
    public var matchesToTag: Bool
    /// Key `delete delay` in seconds; nil takes the daemon's own.
    public var delaySeconds: Int?
    /// Flag `fatal`: an unknown call is an error instead of a warning.
    public var isFatal: Bool
    /// Flag `fast`: no statistics in the reply.
    public var omitsStatistics: Bool

    /// A delete of what the selector names.
    public init(
        selector: CallSelector, matchesToTag: Bool = false, delaySeconds: Int? = nil, isFatal: Bool = false,
        omitsStatistics: Bool = false
    ) {
        self.selector = selector
        self.matchesToTag = matchesToTag
        self.delaySeconds = delaySeconds
        self.isFatal = isFatal
        self.omitsStatistics = omitsStatistics
    }
}

/// `offer` and `answer`.
public struct OfferAnswer: Sendable {
    /// `call-id`, `from-tag`, `to-tag`, `via-branch`: the SIP dialogue's, not the message's.
    public var selector: CallSelector
    /// The SDP as it came.
    public var sdp: [UInt8]
    /// `received-from`.
    public var receivedFrom: IPAddress?
    /// Everything that changes how the message is treated.
    public var options: OfferAnswerOptions

    /// A message with default options.
    public init(
        selector: CallSelector, sdp: [UInt8], receivedFrom: IPAddress? = nil,
        options: OfferAnswerOptions = OfferAnswerOptions()
    ) {
        self.selector = selector
        self.sdp = sdp
        self.receivedFrom = receivedFrom
        self.options = options
    }
}
