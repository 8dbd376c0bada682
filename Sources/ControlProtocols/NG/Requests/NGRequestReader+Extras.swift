import WireFormat

/// What a request says beside the options of offer and answer.
struct NGRequestExtras {
    /// Flag `to-tag`, or a `to-tag=` among the flags: a to-tag that a controller adds to everything counts.
    var namesToTag = false
    var isFatal = false
    var isFast = false
    var isDirectional = false
    var isBidirectional = false
    var isSIPREC = false
    var isInactive = false
    var mirrorsRTCP = false
    /// Flags came as one string.
    var hasFlagString = false

    var label: String?
    var setLabel: String?
    var toLabel: String?
    var fromTags: [String] = []
    var everyone: PartySelection.Everyone?
    var address: NGValue?
    var toCallID: NGValue?

    var metadata: String?
    var recording = RecordingOptions()
    /// `stop recording` with flag `pause`.
    var pauses = false

    /// Obeys one flag; false if it is an option of offer and answer.
    mutating func set(_ flag: NGFlagWord) -> Bool {
        switch flag {
        case .toTag: self.namesToTag = true
        case .fatal: self.isFatal = true
        case .fast: self.isFast = true
        case .all: self.everyone = .all
        case .directional: self.isDirectional = true
        case .bidirectional: self.isBidirectional = true
        case .siprec: self.isSIPREC = true
        case .inactive: self.isInactive = true
        case .rtcpMirror: self.mirrorsRTCP = true
        case .pause: self.pauses = true
        case .discardRecording: self.recording.discards = true
        default: return false
        }
        return true
    }
}

extension NGRequestReader {
    /// Takes one key that is no option of offer and answer, or not theirs alone.
    mutating func readExtra(_ word: NGKeyWord, name: String, value: NGValue) {
        switch word {
        case .label: self.extras.label = self.bounded(value, name: name, octets: NGRequestLimits.labelOctets)
        case .setLabel:
            self.extras.setLabel = self.bounded(value, name: name, octets: NGRequestLimits.labelOctets)
        case .toLabel:
            self.extras.toLabel = self.bounded(value, name: name, octets: NGRequestLimits.labelOctets)
        case .metadata:
            self.extras.metadata = self.bounded(value, name: name, octets: NGRequestLimits.metadataOctets)
        case .recordingFile: self.extras.recording.file = self.path(value, name: name)
        case .recordingDirectory: self.extras.recording.directory = self.path(value, name: name)
        case .recordingPattern: self.extras.recording.pattern = self.path(value, name: name)
        case .pause: self.extras.pauses = ["yes", "on", "true"].contains(value.text?.lowercased() ?? "")
        case .fromTags: self.readFromTags(name, value)
        case .all: self.readEveryone(name, value)
        case .address: self.extras.address = value
        case .toCallID: self.extras.toCallID = value
        case .dtmfSecurity:
            guard NGVocabulary.fold(value.text ?? "") != "drop" else { return }
            self.notice(Self.assignment(name, value), .dtmf)
        default: break
        }
    }

    private mutating func readFromTags(_ name: String, _ value: NGValue) {
        for tag in self.members(of: value) where !tag.isEmpty {
            guard tag.utf8.count <= NGRequestLimits.identifierOctets, Self.isPrintable(tag) else {
                self.notices.unsupported("\(name)=\(tag)", .tooLong)
                continue
            }
            guard self.extras.fromTags.count < NGRequestLimits.listMembers else {
                return self.notices.unsupported(name, .tooMany)
            }
            self.extras.fromTags.append(tag)
        }
    }

    private mutating func readEveryone(_ name: String, _ value: NGValue) {
        switch NGVocabulary.fold(value.text ?? "") {
        case "all": self.extras.everyone = .all
        case "none": self.extras.everyone = nil
        case "offer-answer": self.extras.everyone = .offerAnswer
        case "except-offer-answer", "not-offer-answer", "non-offer-answer":
            self.extras.everyone = .exceptOfferAnswer
        case "flows": self.extras.everyone = .flows
        default: self.notices.unknown(Self.assignment(name, value))
        }
    }

    // MARK: Texts

    /// A text of bounded length; nil if it is empty or too long, the latter with a notice.
    mutating func bounded(_ value: NGValue, name: String, octets: Int) -> String? {
        guard let text = value.text, !text.isEmpty else { return nil }
        guard text.utf8.count <= octets else {
            self.notices.unsupported(name, .tooLong)
            return nil
        }
        return text
    }

    /// The name of a file or directory.
    private mutating func path(_ value: NGValue, name: String) -> String? {
        guard let text = self.bounded(value, name: name, octets: NGRequestLimits.pathOctets) else {
            return nil
        }
        guard Self.isPrintable(text) else {
            self.notices.unsupported(name, .unprintable)
            return nil
        }
        return text
    }

    /// True without control characters: fit for a line of an SDP, a log or a file's name.
    static func isPrintable(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
}
