/// What a key or a flag is to this relay.
enum NGMeaning<Word: Sendable>: Sendable {
    /// It is obeyed.
    case obeyed(Word)
    /// Accepted, with nothing to do: it asks for what is done anyway, or belongs to another command.
    case accepted
    /// rtpengine would do something.
    case unsupported(NGConsequence)
}

/// Keys that are obeyed.
enum NGKeyWord: Sendable {
    case callID, fromTag, toTag, viaBranch, sdp, receivedFrom
    case addressFamily, direction, fromInterface, toInterface, interface, mediaAddress
    case endpointLearning, trafficClass, replace, rtcpMux, transportProtocol, ice
    case label, setLabel, toLabel, metadata, deleteDelay, sipCode
    case supports, flags, flagString, template, limit, body, passthrough, generateRTCP
    case codec, transcode, sdpAttribute, sdpMediaRemove, headerExtensions
    case recordCall, recordingFile, recordingDirectory, recordingPattern, pause
    case dropTraffic, dtmfSecurity
    case fromTags, all, address, toCallID
}

/// Flags that are obeyed.
enum NGFlagWord: Sendable {
    // Options of offer and answer.
    case trustAddress, sipSourceAddress, asymmetric, strictSource, mediaHandover, unidirectional
    case portLatching, noPortLatching, originalSendReceive, noRTCPAttribute, fullRTCPAttribute
    case generateMID, loopProtect, reset, debug, provisional, newBranch
    case singleCodec, allowNoCodecMedia, stripHeaderExtensions
    case natWait, pierceNAT, blockDTMF, recordCall
    // Of other commands.
    case toTag, fatal, fast, all, directional, bidirectional, siprec, inactive, rtcpMirror
    case pause, discardRecording
}

/// Members of `replace`.
enum NGReplacement: Sendable {
    case origin, sessionConnection, sdpVersion, forcedSDPVersion
    case username, sessionName, fullOrigin, zeroAddress
}

/// All names rtpengine knows, in one spelling each: lower case, words joined by hyphens (see ``fold(_:)``).
enum NGVocabulary {
    /// The one spelling of a name: blanks and underscores become hyphens, capitals small letters.
    static func fold(_ name: String) -> String {
        guard !name.utf8.allSatisfy({ Self.fold($0) == $0 }) else { return name }
        return String(decoding: name.utf8.map { Self.fold($0) }, as: UTF8.self)
    }

    /// The one spelling of an octet of a name.
    static func fold(_ octet: UInt8) -> UInt8 {
        switch octet {
        case UInt8(ascii: " "), UInt8(ascii: "_"): UInt8(ascii: "-")
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): octet | 0x20
        default: octet
        }
    }

    /// Keys of the dictionary, and of `key=value` in a flags string.
    static let keys = NGWordTable(
        Self.obeyedKeys.map { ($0.0, NGMeaning.obeyed($0.1)) }
            + Self.acceptedKeys.map { ($0, .accepted) }
            + Self.unsupportedKeys.flatMap { entry in entry.1.map { ($0, .unsupported(entry.0)) } })

    /// Members of `flags`, and words without a value in a flags string.
    static let flags = NGWordTable(
        Self.obeyedFlags.map { ($0.0, NGMeaning.obeyed($0.1)) }
            + Self.acceptedFlags.map { ($0, .accepted) }
            + Self.unsupportedFlags.flatMap { entry in entry.1.map { ($0, .unsupported(entry.0)) } })

    /// Members of `replace`.
    static let replacements = NGWordTable<NGReplacement>([
        ("origin", .origin), ("session-connection", .sessionConnection), ("sdp-version", .sdpVersion),
        ("force-increment-sdp-ver", .forcedSDPVersion), ("username", .username),
        ("session-name", .sessionName), ("origin-full", .fullOrigin), ("zero-address", .zeroAddress),
    ])

    /// The key that a flag begins with, if it is a key and one member of its list, joined by a hyphen.
    ///
    /// - Returns: the key, and how many octets it and its hyphen take; of two keys that fit the longer one.
    static func prefix(of flag: String) -> (key: String, octets: Int)? {
        let octets = flag.utf8.span
        var hyphens = 0
        var found: (key: String, octets: Int)?
        for index in octets.indices where Self.fold(octets[index]) == UInt8(ascii: "-") {
            if let key = Self.prefixes.meaning(of: octets.extracting(..<index)) { found = (key, index + 1) }
            hyphens += 1
            // No key has more than two words.
            if hyphens == 2 { break }
        }
        return found
    }

    private static let prefixes = NGWordTable(
        [
            "replace", "rtcp-mux", "endpoint-learning", "transport-protocol", "direction", "ice", "sdes",
            "osrtp",
            "bundle", "codec", "transcode", "t38", "t.38", "sdp-attr", "from-tags", "dtls", "extmap",
        ].map { ($0, $0) })

    /// Commands of rtpengine that are not performed here.
    static let absentCommands: Set<String> = [
        "silence media", "unsilence media", "start forwarding", "stop forwarding", "play media", "stop media",
        "play DTMF", "create", "create answer", "mesh", "inject start", "inject stop", "transform",
    ]
}
