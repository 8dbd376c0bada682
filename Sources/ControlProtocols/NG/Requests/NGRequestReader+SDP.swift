extension NGRequestReader {
    // MARK: Codecs

    /// `codec`: a dictionary of operations and the codecs they are for.
    mutating func readCodecs(_ name: String, _ value: NGValue) {
        guard let operations = value.dictionary else {
            return self.notices.unknown(Self.assignment(name, value))
        }
        for entry in operations.entries.prefix(NGRequestLimits.listMembers) {
            self.readCodecs(
                NGVocabulary.fold(entry.key), self.members(of: entry.value),
                name: Self.assignment("codec-\(entry.key)", entry.value))
        }
    }

    /// `codec-OPERATION-CODEC`, of which the member is what follows the first hyphen.
    mutating func readCodecFlag(_ flag: String, member: String) {
        let parts = member.split(separator: "-", maxSplits: 1)
        guard parts.count == 2 else { return self.notices.unknown(flag) }
        self.readCodecs(NGVocabulary.fold(String(parts[0])), [String(parts[1])], name: flag)
    }

    /// Takes one operation on codecs. Those that need a codec engine keep the effect they have on codecs that were there
    /// already; only offers have them.
    mutating func readCodecs(_ operation: String, _ members: [String], name: @autoclosure () -> String) {
        guard self.kind.hasOptions else { return }
        let name = name()
        switch operation {
        case "strip": self.append(members, to: \.strip, name: name)
        case "except": self.append(members, to: \.except, name: name)
        case "offer": self.append(members, to: \.offer, name: name)
        case "ignore": self.append(members, to: \.ignore, name: name)
        case "transcode", "accept", "consume":
            guard self.kind.makesOffer else { return }
            self.append(members, to: \.offer, name: name)
            self.notices.unsupported(name, .transcoding)
        case "mask":
            guard self.kind.makesOffer else { return }
            self.append(members, to: \.strip, name: name)
            self.notices.unsupported(name, .transcoding)
        case "set": self.notices.unsupported(name, .transcoding)
        default: self.notices.unknown(name)
        }
    }

    private mutating func append(
        _ codecs: [String], to list: WritableKeyPath<CodecOptions, [String]>, name: String
    ) {
        for codec in codecs where !codec.isEmpty {
            guard codec.utf8.count <= NGRequestLimits.codecOctets, Self.isPrintable(codec) else {
                self.notices.unsupported(name, .tooLong)
                continue
            }
            guard self.options.codecs[keyPath: list].count < NGRequestLimits.codecs else {
                return self.notices.unsupported(name, .tooMany)
            }
            self.options.codecs[keyPath: list].append(NGFlagString.unescape(codec))
        }
    }

    // MARK: Attributes

    /// `sdp-attr`: a dictionary of sections, each a dictionary of operations.
    mutating func readAttributeEdits(_ name: String, _ value: NGValue) {
        guard let sections = value.dictionary else {
            return self.notices.unknown(Self.assignment(name, value))
        }
        for section in sections.entries.prefix(NGRequestLimits.listMembers) {
            guard let scope = Self.scope(section.key), let operations = section.value.dictionary else {
                self.notices.unknown("\(name)-\(section.key)")
                continue
            }
            for entry in operations.entries.prefix(NGRequestLimits.listMembers) {
                self.readAttributeEdits(
                    scope, operation: entry.key, value: entry.value,
                    name: "\(name)-\(entry.key)-\(section.key)")
            }
        }
    }

    /// `sdp-attr-OPERATION-SECTION-TEXT`, of which the member is what follows `sdp-attr-`.
    mutating func readAttributeFlag(_ flag: String, member: String) {
        let parts = member.split(separator: "-", maxSplits: 2)
        guard self.kind.hasOptions else { return }
        guard parts.count == 3, let scope = Self.scope(String(parts[1])) else {
            return self.notices.unknown(flag)
        }
        self.readAttributeEdits(
            scope, operation: String(parts[0]), value: .list([.text(parts[2])]), name: flag)
    }

    private mutating func readAttributeEdits(
        _ scope: SDPAttributeEdit.Scope, operation: String, value: NGValue, name: String
    ) {
        switch NGVocabulary.fold(operation) {
        case "add":
            for text in self.members(of: value) {
                self.append(scope, .add(NGFlagString.unescape(text)), name: name)
            }
        case "remove":
            for text in self.members(of: value) {
                self.append(scope, .remove(NGFlagString.unescape(text)), name: name)
            }
        case "substitute":
            for (from, to) in self.pairs(of: value, name: name) {
                self.append(scope, .substitute(from: from, to: to), name: name)
            }
        default: self.notices.unknown(name)
        }
    }

    /// Pairs are texts `FROM>TO`, or lists of two.
    private mutating func pairs(of value: NGValue, name: String) -> [(String, String)] {
        var pairs: [(String, String)] = []
        for member in value.list?.prefix(NGRequestLimits.listMembers) ?? [value] {
            if let list = member.list, list.count == 2, let from = list[0].text, let to = list[1].text {
                pairs.append((NGFlagString.unescape(from), NGFlagString.unescape(to)))
                continue
            }
            let parts = NGFlagString.unescape(member.text ?? "").split(separator: ">", maxSplits: 1)
            guard parts.count == 2 else {
                self.notices.unknown(Self.assignment(name, member))
                continue
            }
            pairs.append((String(parts[0]), String(parts[1])))
        }
        return pairs
    }

    private mutating func append(
        _ scope: SDPAttributeEdit.Scope, _ operation: SDPAttributeEdit.Operation, name: String
    ) {
        let texts =
            switch operation {
            case .add(let text), .remove(let text): [text]
            case .substitute(let from, let to): [from, to]
            }
        // A line break would let one attribute become several lines of the SDP.
        guard texts.allSatisfy({ !$0.isEmpty && Self.isPrintable($0) }) else {
            return self.notices.unsupported(name, .unprintable)
        }
        guard texts.allSatisfy({ $0.utf8.count <= NGRequestLimits.attributeOctets }) else {
            return self.notices.unsupported(name, .tooLong)
        }
        guard self.options.attributeEdits.count < NGRequestLimits.attributeEdits else {
            return self.notices.unsupported(name, .tooMany)
        }
        self.options.attributeEdits.append(SDPAttributeEdit(scope, operation))
    }

    /// The section that an edit is for; nil for kinds of media that rtpengine does not know either.
    private static func scope(_ name: String) -> SDPAttributeEdit.Scope? {
        let folded = NGVocabulary.fold(name)
        switch folded {
        case "none", "global", "session": return .session
        case _ where self.mediaTypes.contains(folded): return .media(folded)
        default: return nil
        }
    }

    private static let mediaTypes = ["audio", "video", "image", "message", "text", "application"]

    // MARK: Sections

    /// `sdp-media-remove`: kinds of media sections; `other` is every kind that has no name here.
    mutating func readRemovedMedia(_ name: String, _ value: NGValue) {
        for member in self.members(of: value) {
            let type = NGVocabulary.fold(member)
            guard Self.mediaTypes.contains(type) || type == "other" else {
                self.notices.unknown("\(name)=\(member)")
                continue
            }
            self.options.removedMedia.insert(type)
        }
    }

    // MARK: Header extensions

    /// `extmap`: a dictionary of operations, or a list of names to take out.
    mutating func readHeaderExtensions(_ name: String, _ value: NGValue) {
        guard let operations = value.dictionary else {
            return self.readHeaderExtensions("strip", self.members(of: value), name: name)
        }
        for entry in operations.entries.prefix(NGRequestLimits.listMembers) {
            self.readHeaderExtensions(
                NGVocabulary.fold(entry.key), self.members(of: entry.value), name: "\(name)-\(entry.key)")
        }
    }

    /// `extmap-OPERATION-NAME`, of which the member is what follows `extmap-`.
    mutating func readHeaderExtensionFlag(_ flag: String, member: String) {
        let parts = member.split(separator: "-", maxSplits: 1)
        guard self.kind.hasOptions else { return }
        guard parts.count == 2 else { return self.notices.unknown(flag) }
        self.readHeaderExtensions(NGVocabulary.fold(String(parts[0])), [String(parts[1])], name: flag)
    }

    private mutating func readHeaderExtensions(_ operation: String, _ members: [String], name: String) {
        guard operation == "strip" || operation == "mask" else { return self.notices.unknown(name) }
        for member in members where !member.isEmpty {
            if member == "all" {
                self.options.headerExtensions.stripsAll = true
            } else if self.options.headerExtensions.strip.count < NGRequestLimits.headerExtensions {
                self.options.headerExtensions.strip.insert(NGFlagString.unescape(member))
            } else {
                return self.notices.unsupported(name, .tooMany)
            }
        }
        if operation == "mask" { self.notices.unsupported(name, .headerExtensions) }
    }
}
