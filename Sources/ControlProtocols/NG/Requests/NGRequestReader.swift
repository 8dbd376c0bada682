import WireFormat

/// Collects the keys and flags of one request, in the order in which they come: of contradicting ones the last counts.
struct NGRequestReader {
    let kind: NGCommandKind
    let templates: NGTemplates
    var notices = NGNoticeList()
    var options = OfferAnswerOptions()

    var callID: NGValue?
    var fromTag: NGValue?
    var toTag: NGValue?
    var viaBranch: NGValue?
    var sdp: [UInt8] = []
    var receivedFrom: IPAddress?
    var listLimit = Int64(NGRequestLimits.defaultListLimit)
    var commandLine: NGValue?
    var extras = NGRequestExtras()

    private var flagNesting = 0
    private var isInTemplate = false

    init(kind: NGCommandKind, templates: NGTemplates) {
        self.kind = kind
        self.templates = templates
    }

    // MARK: Keys

    /// Takes one key of the dictionary, or one `key=value` of a flags string.
    mutating func readKey(_ name: String, value: NGValue) {
        switch NGVocabulary.keys[name] {
        case .obeyed(let word): self.read(word, name: name, value: value)
        case .accepted: break
        case .unsupported(let consequence): self.notice(Self.assignment(name, value), consequence)
        case nil: self.notices.unknown(name)
        }
    }

    /// A notice about an option; in commands that have none, options have no consequence at all.
    mutating func notice(_ name: @autoclosure () -> String, _ consequence: NGConsequence) {
        guard self.kind.hasOptions || (consequence == .dtmf && self.kind.isAboutDTMF) else { return }
        self.notices.unsupported(name(), consequence)
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
                self.extras.hasFlagString = true
                self.readWords(NGFlagString.words(value.octets ?? []))
            }
        case .limit: self.listLimit = value.integer ?? self.listLimit
        case .deleteDelay: self.readDeleteDelay(name, value)
        case .template: self.readTemplate(name, value)
        case .body: self.commandLine = value
        case .receivedFrom where self.kind.hasOptions:
            // `[IP4, ADDRESS]`, the same in one string, or the address alone.
            guard let address = self.members(of: value, splitsAtBlanks: true).last.flatMap({ IPAddress($0) })
            else { return self.notices.unknown(Self.assignment(name, value)) }
            self.receivedFrom = address
        case .label, .setLabel, .toLabel, .fromTags, .all, .address, .toCallID, .pause, .metadata,
            .recordingFile, .recordingDirectory, .recordingPattern, .dtmfSecurity:
            self.readExtra(word, name: name, value: value)
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

    // MARK: Templates

    /// Reads the words of templates, which come before everything that the request itself says.
    mutating func readTemplates(_ names: [String]) {
        self.isInTemplate = true
        defer { self.isInTemplate = false }
        for name in names { self.readWords(self.templates[name] ?? []) }
        // What a template says of the command's own flags string is not said by the request.
        self.extras.hasFlagString = false
    }

    /// Templates were read before; here remains to say which are not there.
    private mutating func readTemplate(_ name: String, _ value: NGValue) {
        guard self.kind.takesFlags else { return }
        if self.isInTemplate {
            self.notices.unsupported(Self.assignment(name, value), .nestedTemplate)
        } else if value.text.flatMap({ self.templates[$0] }) == nil {
            self.notices.unsupported(Self.assignment(name, value), .unknownTemplate)
        }
    }

    // MARK: Flags

    /// Takes the members of `flags`.
    private mutating func readFlags(_ flags: [String]) {
        var words = FreeWords()
        for flag in flags { self.readFlag(flag, words: &words) }
        self.take(words)
    }

    /// Takes the words of a flags string.
    private mutating func readWords(_ flagWords: [NGFlagString.Word]) {
        var words = FreeWords()
        for word in flagWords {
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
        switch NGVocabulary.flags[flag] {
        case .obeyed(let word): return self.read(word)
        case .accepted: return
        case .unsupported(let consequence): return self.notice(flag, consequence)
        case nil: break
        }
        if flag.isEmpty || NGTransportWords.read(flag, into: &words.transport) { return }
        if let equals = flag.utf8.firstIndex(of: UInt8(ascii: "=")), equals > flag.startIndex {
            let value = NGValue.text(flag[flag.utf8.index(after: equals)...])
            return self.readAssignment(String(flag[..<equals]), value: value, words: &words)
        }
        if let (key, octets) = NGVocabulary.prefix(of: flag) {
            // Folding keeps the number of octets, so the member keeps its own spelling.
            let member = String(decoding: flag.utf8.dropFirst(octets), as: UTF8.self)
            return self.readPrefixed(flag, key: key, member: member)
        }
        let folded = NGVocabulary.fold(flag)
        if folded == "internal" || folded == "external" { return words.interfaces.append(folded) }
        self.notices.unknown(flag)
    }

    /// Takes a flag that begins with a key.
    private mutating func readPrefixed(_ flag: String, key: String, member: String) {
        switch key {
        case "codec": self.readCodecFlag(flag, member: member)
        case "transcode": self.readCodecs("transcode", [member], name: flag)
        case "sdp-attr": self.readAttributeFlag(flag, member: member)
        case "extmap": self.readHeaderExtensionFlag(flag, member: member)
        // A tag may have commas, and is one all the same.
        case "from-tags": self.readKey(key, value: .list([.text(NGFlagString.unescape(member))]))
        default:
            if case .unsupported(let consequence) = NGVocabulary.keys[key] {
                self.notice(flag, consequence)
            } else {
                self.readKey(key, value: .text(member))
            }
        }
    }

    private mutating func readAssignment(_ name: String, value: NGValue, words: inout FreeWords) {
        let folded = NGVocabulary.fold(name)
        if value.list == nil, folded == "direction", let interface = value.text {
            words.interfaces.append(interface)
        } else if value.list == nil, value.octets == [], NGVocabulary.flags[folded] != nil {
            self.readFlag(name, words: &words)
        } else if folded.hasPrefix("codec-") {
            let operation = String(folded.utf8.dropFirst("codec-".utf8.count)) ?? ""
            self.readCodecs(operation, self.members(of: value), name: Self.assignment(name, value))
        } else {
            // Controllers add a from-tag to every command; one that the script wrote is meant.
            if folded == "from-tag" { self.extras.isDirectional = true }
            if folded == "to-tag" { self.extras.namesToTag = true }
            self.readKey(name, value: value)
        }
    }

    private mutating func read(_ word: NGFlagWord) {
        if self.extras.set(word) { return }
        guard self.kind.hasOptions else { return }
        self.options.set(word)
    }

    // MARK: Values

    /// The members of a list, or of a string that commas separate (and blanks, where names have none).
    func members(of value: NGValue, splitsAtBlanks: Bool = false) -> [String] {
        if let list = value.list { return list.prefix(NGRequestLimits.listMembers).compactMap(\.text) }
        guard let text = value.text else { return [] }
        let parts = text.utf8.split(maxSplits: NGRequestLimits.listMembers) { octet in
            octet == UInt8(ascii: ",") || (splitsAtBlanks && octet == UInt8(ascii: " "))
        }
        return parts.prefix(NGRequestLimits.listMembers).map { String(Substring($0)) }
    }

    /// `name=value`, or the name alone if the value is no text.
    static func assignment(_ name: String, _ value: NGValue) -> String {
        if let text = value.text { return text.isEmpty ? name : "\(name)=\(text)" }
        guard let list = value.list else { return name }
        return "\(name)=\(list.prefix(8).compactMap(\.text).joined(separator: ","))"
    }
}
