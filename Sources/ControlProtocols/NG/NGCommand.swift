public import NATRules
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
}

/// The commands (issue-wise: those of the plain relay).
public enum NGCommand: Sendable {
    case ping
    case offer(OfferAnswer)
    case answer(OfferAnswer)
    case delete(DeleteRequest)
    case query(CallSelector)
    case list(limit: Int)
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

/// Flags and keys of offer and answer, after all spellings have been folded.
public struct OfferAnswerOptions: Sendable, Hashable {
    /// Which address of the sender to believe: nil takes the daemon's default (`--sip-source`).
    public enum SourceOfTruth: Sendable, Hashable {
        /// `trust address`: what the SDP says.
        case sdp
        /// `SIP source address`: the address in `received-from`, with the SDP's port.
        case sipSource
    }
    /// What becomes of `a=rtcp` in the SDP that goes out.
    public enum RTCPAttribute: Sendable, Hashable {
        /// `a=rtcp:PORT`.
        case port
        /// `no rtcp attribute`.
        case none
        /// `full rtcp attribute`: `a=rtcp:PORT IN IP4 ADDRESS`.
        case full
    }
    /// What to do about RTP/RTCP multiplexing (RFC 5761).
    public enum RTCPMuxOption: String, Sendable, Hashable, CaseIterable {
        case offer
        case require
        case demux
        case accept
        case reject
    }

    /// `trust address` or `SIP source address`.
    public var sourceOfTruth: SourceOfTruth?
    /// `address family`.
    public var addressFamily: AddressFamily?
    /// `direction`: logical interface towards the sender and towards the receiver (0 to 2 names).
    public var direction: [String] = []
    /// `media address`: the address to write into the SDP instead of ours.
    public var mediaAddress: IPAddress?
    /// `asymmetric`.
    public var isAsymmetric = false
    /// `strict source`.
    public var strictSource = false
    /// `media handover`.
    public var mediaHandover = false
    /// `unidirectional`.
    public var isUnidirectional = false
    /// `port latching` (true) or `no port latching` (false); nil leaves the rule alone.
    public var portLatching: Bool?
    /// `endpoint-learning`.
    public var endpointLearning: LearningMode?
    /// `TOS`; nil takes the daemon's.
    public var trafficClass: UInt8?
    /// `replace: origin`.
    public var replacesOrigin = false
    /// `replace: session-connection` (each media section has its own c= anyway).
    public var replacesSessionConnection = false
    /// `replace: sdp-version`.
    public var replacesSDPVersion = false
    /// `replace: force-increment-sdp-ver`.
    public var forcesSDPVersionIncrement = false
    /// `replace: username`.
    public var replacesUsername = false
    /// `replace: session-name`.
    public var replacesSessionName = false
    /// `replace: origin-full`.
    public var replacesFullOrigin = false
    /// `replace: zero-address`.
    public var replacesZeroAddress = false
    /// `original sendrecv`.
    public var keepsDirection = false
    /// `no rtcp attribute`, `full rtcp attribute`.
    public var rtcpAttribute: RTCPAttribute = .port
    /// `rtcp-mux`.
    public var rtcpMux: Set<RTCPMuxOption> = []
    /// `transport protocol`, as written; nil keeps what the sender has.
    public var transportProtocol: String?
    /// `ICE`: what the controller asked for, lower case; nil if absent.
    public var ice: String?
    /// `label` and `set-label`.
    public var label: String?
    /// `metadata`.
    public var metadata: String?
    /// `delete delay` may come with any command; seconds.
    public var deleteDelaySeconds: Int?
    /// `generate mid`.
    public var generatesMID = false
    /// `loop protect`.
    public var loopProtect = false
    /// `reset`.
    public var resets = false
    /// `supports: ["load limit"]`.
    public var supportsLoadLimit = false
    /// `debug`.
    public var debug = false
    /// `new branch`.
    public var newBranch = false
    /// `provisional`.
    public var isProvisional = false
    /// `SIP code`.
    public var sipCode: Int?

    /// Everything at its default.
    public init() {}
}
