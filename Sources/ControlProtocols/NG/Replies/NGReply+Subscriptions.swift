/// One section of a subscriber's SDP and whose media it carries.
public struct SubscribedSection: Sendable, Hashable {
    /// The tag of the party that sends it.
    public var tag: String
    /// That party's `label`.
    public var partyLabel: String?
    /// The section's position in that party's SDP, from 1.
    public var index: Int
    /// `audio`, `video`, …
    public var type: String
    /// The section's `a=label` in the subscriber's SDP; nil without SIPREC.
    public var label: String?
    /// What the sending party does: `sendrecv`, `sendonly`, …
    public var mode: String

    /// A section.
    public init(
        tag: String, partyLabel: String? = nil, index: Int, type: String, label: String? = nil, mode: String
    ) {
        self.tag = tag
        self.partyLabel = partyLabel
        self.index = index
        self.type = type
        self.label = label
        self.mode = mode
    }

    private var details: NGDictionary {
        var dictionary: NGDictionary = ["index": .integer(Int64(self.index)), "type": .text(self.type)]
        dictionary["label"] = self.label.map { .text($0) }
        dictionary["mode"] = .text(self.mode)
        return dictionary
    }

    /// The member of `tag-medias`: one for each section, as rtpengine 26.3 has it.
    fileprivate var tagMedia: NGValue {
        var dictionary: NGDictionary = ["tag": .text(self.tag)]
        dictionary["label"] = self.partyLabel.map { .text($0) }
        dictionary["medias"] = .list([.dictionary(self.details)])
        return .dictionary(dictionary)
    }

    /// The member of `media-labels`, whose key is the section's label.
    fileprivate var labelled: NGValue {
        var dictionary: NGDictionary = [
            "tag": .text(self.tag), "index": .integer(Int64(self.index)), "type": .text(self.type),
        ]
        dictionary["label"] = self.partyLabel.map { .text($0) }
        dictionary["mode"] = .text(self.mode)
        return .dictionary(dictionary)
    }
}

extension NGReply {
    /// `subscribe request`: the offer, and where its sections come from.
    ///
    /// - Parameter isSIPREC: also `tag-medias` and `media-labels`, which the siprec modules of Kamailio and OpenSIPS read.
    public static func ok(
        subscription sdp: [UInt8], toTag: String, sections: [SubscribedSection], isSIPREC: Bool
    ) -> NGReply {
        var dictionary: NGDictionary = ["sdp": .string(sdp)]
        if sections.count == 1, let only = sections.first { dictionary["from-tag"] = .text(only.tag) }
        if isSIPREC {
            dictionary["tag-medias"] = .list(sections.map(\.tagMedia))
            var labels = NGDictionary()
            for section in sections {
                if let label = section.label { labels[label] = section.labelled }
            }
            dictionary["media-labels"] = .dictionary(labels)
        }
        dictionary["from-tags"] = .list(sections.map { .text($0.tag) })
        dictionary["to-tag"] = .text(toTag)
        dictionary["result"] = "ok"
        return NGReply(dictionary)
    }

    /// `publish`: the answer, and the names that were made up if the request had none.
    public static func ok(publication sdp: [UInt8], callID: String, fromTag: String) -> NGReply {
        NGReply([
            "call-id": .text(callID), "from-tag": .text(fromTag), "sdp": .string(sdp), "result": "ok",
        ])
    }

    /// The same reply with further warnings before the one it has.
    public func adding(_ warnings: [String]) -> NGReply {
        let texts = warnings + [self.dictionary["warning"]?.text].compactMap { $0 }
        return texts.isEmpty ? self : self.warning(texts.joined(separator: "; "))
    }
}
