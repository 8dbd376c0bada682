extension NGReply {
    /// `statistics`: the daemon's numbers, as rtpengine's `list jsonstats` has them.
    public static func ok(daemonStatistics: NGDictionary) -> NGReply {
        NGReply(["statistics": .dictionary(daemonStatistics), "result": "ok"])
    }

    /// `publish`: the SDP that answers, and the names of the call and the party, which may have been made up.
    public static func published(sdp: [UInt8], callID: String, fromTag: String) -> NGReply {
        NGReply([
            "call-id": .text(callID), "from-tag": .text(fromTag), "sdp": .string(sdp), "result": "ok",
        ])
    }

    /// `subscribe request`: the SDP that offers copies, and where they come from.
    ///
    /// - Parameters:
    ///   - toTag: the subscriber's tag, which may have been made up.
    ///   - sections: one for each media section of the SDP, in its order.
    ///   - isSIPREC: with `tag-medias` and `media-labels`, which controllers make SIPREC's metadata of (RFC 7865).
    public static func subscribed(
        sdp: [UInt8], toTag: String, sections: [SubscribedSection], isSIPREC: Bool
    ) -> NGReply {
        var dictionary: NGDictionary = ["sdp": .string(sdp)]
        // Controllers from before `from-tags` subscribe to one party and read this. As in rtpengine, it is there if there
        // is one section, not one party.
        if let only = sections.first, sections.count == 1 { dictionary["from-tag"] = .text(only.tag) }
        if isSIPREC {
            dictionary["tag-medias"] = .list(sections.map { $0.tagMedias })
            var labels = NGDictionary()
            for section in sections where !section.mediaLabel.isEmpty {
                labels[section.mediaLabel] = .dictionary(section.labelled)
            }
            dictionary["media-labels"] = .dictionary(labels)
        }
        dictionary["from-tags"] = .list(sections.map { .text($0.tag) })
        dictionary["to-tag"] = .text(toTag)
        dictionary["result"] = "ok"
        return NGReply(dictionary)
    }

    /// `cli`: what the command line interface says.
    public static func ok(response: String) -> NGReply {
        NGReply(["response": .text(response), "result": "ok"])
    }

    /// The same reply with the files of a recording that it began.
    public func recordings(_ paths: [String]) -> NGReply {
        guard !paths.isEmpty else { return self }
        return self.adding("recordings", .list(paths.map { .text($0) }))
    }
}

/// A media section of the SDP that a subscriber is offered, and the party's section that is copied into it.
public struct SubscribedSection: Sendable, Hashable {
    /// The party's tag.
    public var tag: String
    /// The party's `label`.
    public var label: String?
    /// Position of the party's section in its own SDP, from 1.
    public var index: Int
    /// `audio`, `video`, …
    public var type: String
    /// `a=label` of the section that is offered (RFC 4574); empty if it has none.
    public var mediaLabel: String
    /// Direction of the party's section, as the party sees it: `sendrecv`, `sendonly`, `recvonly` or `inactive`.
    public var mode: String

    /// A section with its source.
    public init(
        tag: String, label: String? = nil, index: Int, type: String, mediaLabel: String = "", mode: String
    ) {
        self.tag = tag
        self.label = label
        self.index = index
        self.type = type
        self.mediaLabel = mediaLabel
        self.mode = mode
    }

    /// The member of `tag-medias`, whose `medias` has one member in this shape.
    var tagMedias: NGValue {
        var dictionary: NGDictionary = ["tag": .text(self.tag)]
        dictionary["label"] = self.label.map { .text($0) }
        dictionary["medias"] = .list([
            [
                "index": .integer(Int64(self.index)), "type": .text(self.type),
                "label": .text(self.mediaLabel),
                "mode": .text(self.mode),
            ]
        ])
        return .dictionary(dictionary)
    }

    /// The member of `media-labels`.
    var labelled: NGDictionary {
        var dictionary: NGDictionary = [
            "tag": .text(self.tag), "index": .integer(Int64(self.index)), "type": .text(self.type),
        ]
        dictionary["label"] = self.label.map { .text($0) }
        dictionary["mode"] = .text(self.mode)
        return dictionary
    }
}
