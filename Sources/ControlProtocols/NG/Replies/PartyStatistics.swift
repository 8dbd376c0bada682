/// One party of a call: an entry of `tags`.
public struct PartyStatistics: Sendable, Equatable {
    /// A party this one sends to or receives from.
    public struct Subscription: Sendable, Hashable {
        /// The other party's tag, empty while unknown.
        public var tag: String
        /// `offer/answer`, or `pub/sub`.
        public var type: String

        /// A subscription, by default the one that an offer and its answer make.
        public init(tag: String, type: String = "offer/answer") {
            self.tag = tag
            self.type = type
        }

        func encoded() -> NGValue { ["tag": .text(self.tag), "type": .text(self.type)] }
    }

    /// The SIP tag, empty while unknown.
    public var tag: String
    /// Tells parties without a tag apart.
    public var number: Int
    /// `via-branch`.
    public var viaBranch: String?
    /// `label`.
    public var label: String?
    /// `metadata`.
    public var metadata: String?
    /// Seconds since 1970 at which the party was first heard of.
    public var createdSeconds: Int64
    /// Parties whose media this one receives.
    public var subscriptions: [Subscription]
    /// Parties that receive this one's media.
    public var subscribers: [Subscription]
    /// Media sections in the order of the SDP.
    public var medias: [MediaStatistics]

    /// A party; `number` counts only without a tag.
    public init(
        tag: String, number: Int, viaBranch: String? = nil, label: String? = nil, metadata: String? = nil,
        createdSeconds: Int64, subscriptions: [Subscription] = [], subscribers: [Subscription] = [],
        medias: [MediaStatistics] = []
    ) {
        self.tag = tag
        self.number = number
        self.viaBranch = viaBranch
        self.label = label
        self.metadata = metadata
        self.createdSeconds = createdSeconds
        self.subscriptions = subscriptions
        self.subscribers = subscribers
        self.medias = medias
    }

    /// The key in `tags`: the tag, or `<untagged N>`.
    public var key: String { self.tag.isEmpty ? "<untagged \(self.number)>" : self.tag }

    var dictionary: NGDictionary {
        var dictionary: NGDictionary = ["tag": .text(self.tag)]
        dictionary["via-branch"] = self.viaBranch.map { .text($0) }
        dictionary["label"] = self.label.map { .text($0) }
        dictionary["created"] = .integer(self.createdSeconds)
        dictionary["metadata"] = self.metadata.map { .text($0) }
        dictionary["subscriptions"] = .list(self.subscriptions.map { $0.encoded() })
        dictionary["subscribers"] = .list(self.subscribers.map { $0.encoded() })
        dictionary["medias"] = .list(self.medias.map { $0.encoded() })
        // Vertical service codes need DTMF detection, which this relay does not do: always empty.
        dictionary["VSC"] = .list([])
        return dictionary
    }
}
