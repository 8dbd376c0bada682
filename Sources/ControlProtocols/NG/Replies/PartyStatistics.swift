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

        func write(to writer: inout NGWriter) {
            writer.beginDictionary()
            writer.text(self.tag, for: "tag")
            writer.text(self.type, for: "type")
            writer.endDictionary()
        }
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

    func write(to writer: inout NGWriter, isRecorded: Bool?) {
        writer.beginDictionary()
        writer.text(self.tag, for: "tag")
        writer.text(self.viaBranch, for: "via-branch")
        writer.text(self.label, for: "label")
        writer.integer(self.createdSeconds, for: "created")
        writer.text(self.metadata, for: "metadata")
        writer.key("subscriptions")
        writer.beginList()
        for subscription in self.subscriptions { subscription.write(to: &writer) }
        writer.endList()
        writer.key("subscribers")
        writer.beginList()
        for subscriber in self.subscribers { subscriber.write(to: &writer) }
        writer.endList()
        writer.key("medias")
        writer.beginList()
        for media in self.medias { media.write(to: &writer) }
        writer.endList()
        // Vertical service codes need DTMF detection, which this relay does not do: always empty.
        writer.key("VSC")
        writer.beginList()
        writer.endList()
        if isRecorded != nil {
            writer.key("recording")
            writer.beginDictionary()
            writer.integer(0, for: "excluded")
            writer.integer(0, for: "forwarding")
            writer.endDictionary()
        }
        writer.endDictionary()
    }
}
