/// One call as an operator sees it.
public struct CallSummary: Codable, Sendable, Equatable {
    /// The SIP Call-ID.
    public var callID: String
    /// When its first offer came, in seconds since 1970.
    public var created: Double
    /// Seconds since then.
    public var age: Double
    /// What the call is doing, in one word: `offered`, `answered`, `deleted`…
    public var state: String
    /// Its parties in the order they appeared.
    public var parties: [PartySummary]
    /// How many media sections its SDP has.
    public var media: Int

    /// A row with all its columns.
    public init(
        callID: String, created: Double, age: Double, state: String, parties: [PartySummary], media: Int
    ) {
        self.callID = callID
        self.created = created
        self.age = age
        self.state = state
        self.parties = parties
        self.media = media
    }
}

/// One party of a call.
public struct PartySummary: Codable, Sendable, Equatable {
    /// Its SIP tag.
    public var tag: String
    /// The label the controller gave it.
    public var label: String?
    /// Where its first stream is: learnt, else signalled.
    public var address: String?
    /// What it is besides a side of a dialogue: `publisher`, `subscriber`.
    public var role: String?
    /// What is thrown away of its media: `DTMF`, `media`, `all traffic`; nil if nothing is.
    public var blocked: [String]?

    /// A party with what is known of it.
    public init(
        tag: String, label: String? = nil, address: String? = nil, role: String? = nil,
        blocked: [String]? = nil
    ) {
        self.tag = tag
        self.label = label
        self.address = address
        self.role = role
        self.blocked = blocked
    }
}
