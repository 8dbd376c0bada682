public import WireFormat

/// Which parties of a call a command is for (ng.md 1.4).
public struct PartySelection: Sendable, Hashable {
    /// `all`.
    public enum Everyone: String, Sendable, Hashable {
        /// `all`: every party, and for unblock also what was blocked one by one.
        case all
        case offerAnswer = "offer-answer"
        case exceptOfferAnswer = "except-offer-answer"
        /// `flows`: every party, for copies.
        case flows
    }

    /// `call-id`, `from-tag`, `to-tag`, `via-branch`.
    public var selector: CallSelector
    /// `label`, `from-label`.
    public var label: String?
    /// `to-label`.
    public var toLabel: String?
    /// `address`: the party whose SDP named it.
    public var address: IPAddress?
    /// `from-tags`.
    public var fromTags: [String] = []
    /// `all`.
    public var everyone: Everyone?
    /// `directional`: without it commands such as block are for the whole call, whatever from-tag says.
    public var isDirectional = false

    /// A selection by call-id and tags.
    public init(selector: CallSelector) {
        self.selector = selector
    }
}

/// `block DTMF`, `unblock DTMF`, `block media`, `unblock media`.
public struct BlockRequest: Sendable, Hashable {
    /// What is thrown away.
    public enum Kind: Sendable, Hashable {
        case dtmf
        case media
    }

    /// Whose.
    public var parties: PartySelection
    /// What.
    public var kind: Kind
    /// False to let it pass again.
    public var isBlocking: Bool
    /// `set-label`: the label that the chosen party gets, or, if the whole call is meant, the one with that from-tag.
    public var newLabel: String?

    /// A request.
    public init(parties: PartySelection, kind: Kind, isBlocking: Bool, newLabel: String? = nil) {
        self.parties = parties
        self.kind = kind
        self.isBlocking = isBlocking
        self.newLabel = newLabel
    }
}

/// Where a recording goes and what is written beside it.
public struct RecordingOptions: Sendable, Hashable {
    /// `recording-file`, `output-destination`: the whole path of the pcap file.
    public var file: String?
    /// `recording-dir`: in place of the daemon's.
    public var directory: String?
    /// `recording-pattern`: the file name with rtpengine's `%` words.
    public var pattern: String?
    /// `metadata`.
    public var metadata: String?
    /// `discard-recording`: stop also removes the files.
    public var discards = false

    /// The daemon's own.
    public init() {}
}

/// `start recording`, `stop recording`, `pause recording`; always the whole call.
public struct RecordingRequest: Sendable, Hashable {
    /// The call.
    public var selector: CallSelector
    /// Where to.
    public var options: RecordingOptions

    /// A request.
    public init(selector: CallSelector, options: RecordingOptions = RecordingOptions()) {
        self.selector = selector
        self.options = options
    }
}

/// `publish`: media from somebody who sends only, for others to subscribe to.
public struct PublishRequest: Sendable {
    /// `call-id`; nil to have one made up.
    public var callID: String?
    /// `from-tag`; nil to have one made up.
    public var fromTag: String?
    /// The SDP as it came.
    public var sdp: [UInt8]
    /// `bidirectional`: the answer is sendrecv instead of recvonly.
    public var isBidirectional: Bool
    /// `received-from`.
    public var receivedFrom: IPAddress?
    /// The options an offer may have.
    public var options: OfferAnswerOptions

    /// A request with everything optional left out.
    public init(
        callID: String? = nil, fromTag: String? = nil, sdp: [UInt8], isBidirectional: Bool = false,
        receivedFrom: IPAddress? = nil, options: OfferAnswerOptions = OfferAnswerOptions()
    ) {
        self.callID = callID
        self.fromTag = fromTag
        self.sdp = sdp
        self.isBidirectional = isBidirectional
        self.receivedFrom = receivedFrom
        self.options = options
    }
}

/// `subscribe request`: an offer of copies of what parties send.
public struct SubscribeRequest: Sendable {
    /// Whose media; `selector.toTag` names the subscriber and is made up if absent.
    public var parties: PartySelection
    /// `SIPREC`: one section for each of the parties' sections, with labels.
    public var isSIPREC: Bool
    /// `inactive`: offered inactive, to be switched on later.
    public var isInactive: Bool
    /// `RTCP-mirror`.
    public var mirrorsRTCP: Bool
    /// The options an offer may have.
    public var options: OfferAnswerOptions

    /// A request for a copy.
    public init(
        parties: PartySelection, isSIPREC: Bool = false, isInactive: Bool = false, mirrorsRTCP: Bool = false,
        options: OfferAnswerOptions = OfferAnswerOptions()
    ) {
        self.parties = parties
        self.isSIPREC = isSIPREC
        self.isInactive = isInactive
        self.mirrorsRTCP = mirrorsRTCP
        self.options = options
    }
}

/// `connect`: two parties talk to each other from now on; of two calls it makes one.
public struct ConnectRequest: Sendable, Hashable {
    /// `call-id`, `from-tag` and `to-tag`.
    public var selector: CallSelector
    /// `to-call-id`: the call of to-tag, if it is another one.
    public var toCallID: String?
    /// `directional`: only from-tag's media goes to to-tag.
    public var isDirectional: Bool

    /// A request.
    public init(selector: CallSelector, toCallID: String? = nil, isDirectional: Bool = false) {
        self.selector = selector
        self.toCallID = toCallID
        self.isDirectional = isDirectional
    }
}
