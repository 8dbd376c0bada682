import NATRules
import WireFormat

extension NGRequestReader {
    /// Takes one key that is an option of offer and answer.
    mutating func readOption(_ word: NGKeyWord, name: String, value: NGValue) {
        let isUnderstood =
            switch word {
            case .addressFamily: self.readAddressFamily(value)
            case .mediaAddress: self.readMediaAddress(value)
            case .endpointLearning: self.readEndpointLearning(value)
            case .trafficClass: self.readTrafficClass(name, value)
            case .transportProtocol: self.readTransportProtocol(name, value)
            case .sipCode: self.readSIPCode(value)
            case .recordCall: self.readRecordCall(value)
            case .dropTraffic: self.readDropTraffic(value)
            default: self.readListOrText(word, name: name, value: value)
            }
        if !isUnderstood { self.notices.unknown(Self.assignment(name, value)) }
    }

    private mutating func readListOrText(_ word: NGKeyWord, name: String, value: NGValue) -> Bool {
        switch word {
        case .direction: self.setDirection(self.members(of: value))
        case .fromInterface: self.setInterface(value.text ?? "", at: 0)
        case .toInterface: self.setInterface(value.text ?? "", at: 1)
        case .replace: self.readReplace(name, value)
        case .rtcpMux: self.readRTCPMux(name, value)
        case .ice: self.readICE(name, value)
        case .interface: self.readInterface(name, value)
        case .codec: self.readCodecs(name, value)
        case .transcode:
            self.readCodecs("transcode", self.members(of: value), name: Self.assignment(name, value))
        case .sdpAttribute: self.readAttributeEdits(name, value)
        case .sdpMediaRemove: self.readRemovedMedia(name, value)
        case .headerExtensions: self.readHeaderExtensions(name, value)
        case .supports: self.readSupports(name, value)
        default: self.readSwitch(word, name: name, value: value)
        }
        return true
    }

    // MARK: Addresses and interfaces

    private mutating func readAddressFamily(_ value: NGValue) -> Bool {
        switch value.text?.lowercased() {
        case "ip4", "ipv4": self.options.addressFamily = .ipv4
        case "ip6", "ipv6": self.options.addressFamily = .ipv6
        default: return false
        }
        return true
    }

    private mutating func readMediaAddress(_ value: NGValue) -> Bool {
        guard let address = value.text.flatMap({ IPAddress($0) }) else { return false }
        self.options.mediaAddress = address
        return true
    }

    /// Sets both interfaces; more than two names are one too many.
    mutating func setDirection(_ names: [String]) {
        self.options.direction = []
        for (index, name) in names.prefix(2).enumerated() { self.setInterface(name, at: index) }
        for name in names.dropFirst(2) { self.notices.unknown("direction=\(name)") }
    }

    private mutating func setInterface(_ name: String, at index: Int) {
        let isUsable = Self.isInterfaceName(name)
        if !isUsable { self.notices.unsupported("direction=\(name)", .invalidName) }
        while self.options.direction.count <= index { self.options.direction.append("") }
        self.options.direction[index] = isUsable ? name : ""
    }

    /// `interface`: for commands with one side. Offer and answer have two, which `direction` names.
    private mutating func readInterface(_ name: String, _ value: NGValue) {
        guard self.kind != .offer, self.kind != .answer else {
            return self.notices.unsupported(Self.assignment(name, value), .interfaceByPeer)
        }
        guard let text = value.text, !text.isEmpty else { return }
        guard Self.isInterfaceName(text) else {
            return self.notices.unsupported(Self.assignment(name, value), .invalidName)
        }
        self.options.interface = text
    }

    private static func isInterfaceName(_ name: String) -> Bool {
        name.utf8.count <= NGRequestLimits.interfaceNameOctets && self.isPrintable(name)
    }

    // MARK: Lists

    private mutating func readReplace(_ name: String, _ value: NGValue) {
        for member in self.members(of: value) {
            switch NGVocabulary.replacements[member] {
            case .origin: self.options.replacesOrigin = true
            case .sessionConnection: self.options.replacesSessionConnection = true
            case .sdpVersion: self.options.replacesSDPVersion = true
            case .forcedSDPVersion: self.options.forcesSDPVersionIncrement = true
            case .username: self.options.replacesUsername = true
            case .sessionName: self.options.replacesSessionName = true
            case .fullOrigin: self.options.replacesFullOrigin = true
            case .zeroAddress: self.options.replacesZeroAddress = true
            case nil: self.notices.unknown("\(name)=\(member)")
            }
        }
    }

    private mutating func readRTCPMux(_ name: String, _ value: NGValue) {
        for member in self.members(of: value) {
            guard let option = OfferAnswerOptions.RTCPMuxOption(rawValue: NGVocabulary.fold(member)) else {
                self.notices.unknown("\(name)=\(member)")
                continue
            }
            self.options.rtcpMux.insert(option)
        }
    }

    private mutating func readICE(_ name: String, _ value: NGValue) {
        for member in self.members(of: value) {
            let word = NGVocabulary.fold(member)
            switch word {
            case "remove", "force", "default", "optional", "force-relay": self.options.ice = word
            case "trickle", "ice2": self.notices.unsupported("\(name)=\(member)", .ice)
            default:
                if word.hasPrefix("lite") || word == "no-lite" {
                    self.notices.unsupported("\(name)=\(member)", .ice)
                } else {
                    self.notices.unknown("\(name)=\(member)")
                }
            }
        }
    }

    private mutating func readSupports(_ name: String, _ value: NGValue) {
        for member in self.members(of: value) {
            if NGVocabulary.fold(member) == "load-limit" {
                self.options.supportsLoadLimit = true
            } else {
                self.notices.unknown("\(name)=\(member)")
            }
        }
    }

    // MARK: Single values

    private mutating func readEndpointLearning(_ value: NGValue) -> Bool {
        guard let mode = value.text.flatMap({ LearningMode(rawValue: NGVocabulary.fold($0)) }) else {
            return false
        }
        self.options.endpointLearning = mode
        return true
    }

    /// Everything from 256 on means the daemon's own, as if the key were absent.
    private mutating func readTrafficClass(_ name: String, _ value: NGValue) -> Bool {
        guard let number = value.integer else { return false }
        if number < 0 { self.notices.unsupported(Self.assignment(name, value), .negativeTrafficClass) }
        self.options.trafficClass = UInt8(exactly: number)
        return true
    }

    private mutating func readTransportProtocol(_ name: String, _ value: NGValue) -> Bool {
        guard let text = value.text else { return false }
        if text.lowercased() == "accept" {
            self.options.transportProtocol = nil
            self.options.acceptsTransportProtocol = true
            return true
        }
        if NGTransportProtocol.opportunisticNames.contains(text.uppercased()) {
            self.notices.unsupported(Self.assignment(name, value), .encryption)
            return true
        }
        guard let canonical = NGTransportProtocol.canonicalName(text) else { return false }
        self.options.transportProtocol = canonical
        self.options.acceptsTransportProtocol = false
        return true
    }

    private mutating func readSIPCode(_ value: NGValue) -> Bool {
        guard let number = value.integer, let code = Int(exactly: number) else { return false }
        self.options.sipCode = code
        return true
    }

    private mutating func readRecordCall(_ value: NGValue) -> Bool {
        switch value.text?.lowercased() {
        case "yes", "on": self.options.recordsCall = true
        case "no", "off": self.options.recordsCall = false
        default: return false
        }
        return true
    }

    /// Of both, `stop` counts, in whichever order they come.
    private mutating func readDropTraffic(_ value: NGValue) -> Bool {
        switch value.text?.lowercased() {
        case "start": self.options.dropsTraffic = self.options.dropsTraffic ?? true
        case "stop": self.options.dropsTraffic = false
        default: return false
        }
        return true
    }

    /// Keys that ask for something this relay does not do, unless they say `no`.
    private mutating func readSwitch(_ word: NGKeyWord, name: String, value: NGValue) {
        let isOff = ["no", "off", "disable", "disabled"].contains(value.text?.lowercased() ?? "")
        guard word == .generateRTCP, !isOff else { return }
        self.notices.unsupported(Self.assignment(name, value), .rtcpGeneration)
    }
}

extension OfferAnswerOptions {
    /// Obeys one flag.
    mutating func set(_ flag: NGFlagWord) {
        switch flag {
        case .trustAddress: self.sourceOfTruth = .sdp
        case .sipSourceAddress: self.sourceOfTruth = .sipSource
        case .asymmetric: self.isAsymmetric = true
        case .strictSource: self.strictSource = true
        case .mediaHandover: self.mediaHandover = true
        case .unidirectional: self.isUnidirectional = true
        case .portLatching: self.portLatching = true
        case .noPortLatching: self.portLatching = false
        case .originalSendReceive: self.keepsDirection = true
        case .noRTCPAttribute: self.rtcpAttribute = .none
        case .fullRTCPAttribute: self.rtcpAttribute = .full
        case .generateMID: self.generatesMID = true
        case .loopProtect: self.loopProtect = true
        case .reset: self.resets = true
        case .debug: self.debug = true
        case .provisional: self.isProvisional = true
        case .newBranch: self.isNewBranch = true
        case .singleCodec: self.codecs.isSingle = true
        case .allowNoCodecMedia: self.codecs.allowsNone = true
        case .stripHeaderExtensions: self.headerExtensions.stripsAll = true
        case .natWait: self.waitsForNAT = true
        case .pierceNAT: self.piercesNAT = true
        case .blockDTMF: self.blocksDTMF = true
        case .recordCall: self.recordsCall = true
        case .toTag, .fatal, .fast, .all, .directional, .bidirectional, .siprec, .inactive, .rtcpMirror,
            .pause, .discardRecording:
            break
        }
    }
}
