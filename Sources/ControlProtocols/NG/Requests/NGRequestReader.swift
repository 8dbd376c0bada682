import WireFormat

/// Collects the keys and flags of one request, in the order in which they come: of contradicting ones the last counts.
struct NGRequestReader {
    let kind: NGCommandKind
    var notices = NGNoticeList()
    var options = OfferAnswerOptions()

    private var callID: NGValue?
    private var fromTag: NGValue?
    private var toTag: NGValue?
    private var viaBranch: NGValue?
    private var sdp: [UInt8] = []
    private var receivedFrom: IPAddress?
    private var listLimit = Int64(NGRequestLimits.defaultListLimit)
    private var matchesToTag = false
    private var isFatal = false
    private var isFast = false
    private var flagNesting = 0
    /// The label comes from `set-label`, which counts more than `label`.
    var hasSetLabel = false

    init(kind: NGCommandKind) {
        self.kind = kind
    }

    // MARK: Keys

    /// Takes one key of the dictionary, or one `key=value` of a flags string.
    mutating func readKey(_ name: String, value: NGValue) {
        switch NGVocabulary.keys[NGVocabulary.fold(name)] {
        case .obeyed(let word): self.read(word, name: name, value: value)
        case .accepted: break
        case .unsupported(.codecs): self.readCodecs(name, value)
        case .unsupported(let consequence): self.notice(Self.assignment(name, value), consequence)
        case nil: self.notices.unknown(name)
        }
    }

    /// A notice about an option; in other commands options have no consequence at all.
    private mutating func notice(_ name: String, _ consequence: NGConsequence) {
        guard self.kind.hasOptions else { return }
        self.notices.unsupported(name, consequence)
    }

    /// `codec`: a dictionary of operations and the codecs they are for.
    private mutating func readCodecs(_ name: String, _ value: NGValue) {
        guard let operations = value.dictionary else {
            return self.notice(Self.assignment(name, value), .codecs)
        }
        for operation in operations.entries.prefix(NGRequestLimits.listMembers) {
            let name = "codec-\(operation.key)"
            self.notice(Self.assignment(name, operation.value), Self.codecConsequence(name))
        }
    }

    /// What becomes of `codec-OPERATION…`.
    private static func codecConsequence(_ name: String) -> NGConsequence {
        let folded = NGVocabulary.fold(name)
        let isTranscoding = ["transcode", "accept", "consume", "mask", "set"].contains {
            folded.hasPrefix("codec-\($0)")
        }
        return isTranscoding ? .transcoding : .codecs
    }

    private mutating func read(_ word: NGKeyWord, name: String, value: NGValue) {
        switch word {
        case .callID: self.callID = value
        case .fromTag: self.fromTag = value
        case .toTag: self.toTag = value
        case .viaBranch: self.viaBranch = value
        case .sdp: self.sdp = value.octets ?? []
        case .flags, .flagString:
            // A flags string may hold a list of flags, but not another flags string without end.
            guard self.flagNesting < 2 else { return self.notices.unknown(name) }
            self.flagNesting += 1
            defer { self.flagNesting -= 1 }
            if word == .flags {
                self.readFlags(self.members(of: value))
            } else {
                self.readFlagString(value.octets ?? [])
            }
        case .limit: self.listLimit = value.integer ?? self.listLimit
        case .deleteDelay: self.readDeleteDelay(name, value)
        case .receivedFrom where self.kind.hasOptions:
            // `[IP4, ADDRESS]`, the same in one string, or the address alone.
            guard let address = self.members(of: value, splitsAtBlanks: true).last.flatMap({ IPAddress($0) })
            else { return self.notices.unknown(Self.assignment(name, value)) }
            self.receivedFrom = address
        default:
            guard self.kind.hasOptions else { return }
            self.readOption(word, name: name, value: value)
        }
    }

    private mutating func readDeleteDelay(_ name: String, _ value: NGValue) {
        guard let seconds = value.integer else { return self.notices.unknown(Self.assignment(name, value)) }
        self.options.deleteDelaySeconds =
            seconds < 0 ? nil : Int(min(seconds, NGRequestLimits.deleteDelaySeconds))
    }

    // MARK: Flags

    /// Takes the members of `flags`.
    private mutating func readFlags(_ flags: [String]) {
        var words = FreeWords()
        for flag in flags { self.readFlag(flag, words: &words) }
        self.take(words)
    }

    /// Takes a flags string.
    private mutating func readFlagString(_ octets: [UInt8]) {
        var words = FreeWords()
        for word in NGFlagString.words(octets) {
            guard let value = word.value else {
                self.readFlag(word.name, words: &words)
                continue
            }
            self.readAssignment(word.name, value: value, words: &words)
        }
        self.take(words)
    }

    /// Words whose meaning only shows together.
    private struct FreeWords {
        var transport: NGTransportWords?
        var interfaces: [String] = []
    }

    private mutating func take(_ words: FreeWords) {
        guard self.kind.hasOptions else { return }
        if let transport = words.transport {
            self.options.transportProtocol = transport.name
            self.options.acceptsTransportProtocol = false
        }
        if !words.interfaces.isEmpty { self.setDirection(words.interfaces) }
    }

    private mutating func readFlag(_ flag: String, words: inout FreeWords) {
        let folded = NGVocabulary.fold(flag)
        switch NGVocabulary.flags[folded] {
        case .obeyed(let word): return self.read(word)
        case .accepted: return
        case .unsupported(let consequence): return self.notice(flag, consequence)
        case nil: break
        }
        if flag.isEmpty || NGTransportWords.read(flag, into: &words.transport) { return }
        if folded == "internal" || folded == "external" { return words.interfaces.append(folded) }
        if let equals = flag.firstIndex(of: "="), equals > flag.startIndex {
            let value = NGValue.text(flag[flag.index(after: equals)...])
            return self.readAssignment(String(flag[..<equals]), value: value, words: &words)
        }
        guard let (prefix, key) = NGVocabulary.prefixes.first(where: { folded.hasPrefix($0.prefix) }) else {
            return self.notices.unknown(flag)
        }
        // Folding keeps the number of octets, so the member keeps its own spelling.
        let member = String(decoding: flag.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        if case .unsupported(let consequence) = NGVocabulary.keys[key] {
            return self.notice(flag, key == "codec" ? Self.codecConsequence(flag) : consequence)
        }
        self.readAssignment(key, value: .text(member), words: &words)
    }

    /// `direction=a direction=b` names both interfaces; any other key is as in the dictionary.
    private mutating func readAssignment(_ name: String, value: NGValue, words: inout FreeWords) {
        if value.list == nil, NGVocabulary.fold(name) == "direction", let interface = value.text {
            words.interfaces.append(interface)
        } else if value.list == nil, NGVocabulary.flags[NGVocabulary.fold(name)] != nil, value.octets == [] {
            self.readFlag(name, words: &words)
        } else if NGVocabulary.fold(name).hasPrefix("codec-") {
            self.notice(Self.assignment(name, value), Self.codecConsequence(name))
        } else {
            self.readKey(name, value: value)
        }
    }

    private mutating func read(_ word: NGFlagWord) {
        switch word {
        case .toTag: self.matchesToTag = true
        case .fatal: self.isFatal = true
        case .fast: self.isFast = true
        default:
            guard self.kind.hasOptions else { return }
            self.options.set(word)
        }
    }

    // MARK: The command

    /// The command with what was collected; the checks come in rtpengine's order.
    func command() throws(NGError) -> NGCommand {
        switch self.kind {
        case .ping: return .ping
        case .offer: return .offer(try self.offerAnswer())
        case .answer: return .answer(try self.offerAnswer())
        case .query: return .query(try self.selector())
        case .list:
            guard self.listLimit >= 0 else { throw .negativeLimit }
            return .list(limit: Int(clamping: self.listLimit))
        case .delete:
            return .delete(
                DeleteRequest(
                    selector: try self.selector(), matchesToTag: self.matchesToTag,
                    delaySeconds: self.options.deleteDelaySeconds, isFatal: self.isFatal,
                    omitsStatistics: self.isFast))
        }
    }

    private func offerAnswer() throws(NGError) -> OfferAnswer {
        guard !self.sdp.isEmpty else { throw .noSDP }
        guard Self.isPresent(self.callID) else { throw .noCallID }
        guard Self.isPresent(self.fromTag) else { throw .noFromTag }
        guard self.kind == .offer || Self.isPresent(self.toTag) else { throw .noToTag }
        return OfferAnswer(
            selector: try self.selector(), sdp: self.sdp, receivedFrom: self.receivedFrom,
            options: self.options)
    }

    private func selector() throws(NGError) -> CallSelector {
        guard let callID = try Self.identifier(self.callID, key: "call-id") else { throw .noCallID }
        return CallSelector(
            callID: callID, fromTag: try Self.identifier(self.fromTag, key: "from-tag"),
            toTag: try Self.identifier(self.toTag, key: "to-tag"),
            viaBranch: try Self.identifier(self.viaBranch, key: "via-branch"))
    }

    private static func isPresent(_ value: NGValue?) -> Bool {
        value?.octets.map { !$0.isEmpty } ?? false
    }

    /// The text of a call-id, tag or branch; nil if it is absent or empty, which is the same.
    private static func identifier(_ value: NGValue?, key: String) throws(NGError) -> String? {
        guard self.isPresent(value) else { return nil }
        guard let text = value?.text, text.utf8.count <= NGRequestLimits.identifierOctets,
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { throw .invalidIdentifier(key: key) }
        return text
    }

    // MARK: Values

    /// The members of a list, or of a string that commas separate (and blanks, where names have none).
    func members(of value: NGValue, splitsAtBlanks: Bool = false) -> [String] {
        if let list = value.list { return list.prefix(NGRequestLimits.listMembers).compactMap(\.text) }
        guard let text = value.text else { return [] }
        let parts = text.split(maxSplits: NGRequestLimits.listMembers) { character in
            character == "," || (splitsAtBlanks && character == " ")
        }
        return parts.prefix(NGRequestLimits.listMembers).map(String.init)
    }

    /// `name=value`, or the name alone if the value is no text.
    static func assignment(_ name: String, _ value: NGValue) -> String {
        if let text = value.text { return text.isEmpty ? name : "\(name)=\(text)" }
        guard let list = value.list else { return name }
        return "\(name)=\(list.prefix(8).compactMap(\.text).joined(separator: ","))"
    }
}
