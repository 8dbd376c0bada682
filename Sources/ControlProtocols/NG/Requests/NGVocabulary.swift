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
    case addressFamily, direction, fromInterface, toInterface, mediaAddress
    case endpointLearning, trafficClass, replace, rtcpMux, transportProtocol, ice
    case label, setLabel, metadata, deleteDelay, sipCode
    case supports, flags, flagString, limit, recordCall, passthrough, generateRTCP
}

/// Flags that are obeyed.
enum NGFlagWord: Sendable {
    case trustAddress, sipSourceAddress, asymmetric, strictSource, mediaHandover, unidirectional
    case portLatching, noPortLatching, originalSendReceive, noRTCPAttribute, fullRTCPAttribute
    case generateMID, loopProtect, reset, debug, provisional
    case toTag, fatal, fast
}

/// All names rtpengine knows, in one spelling each: lower case, words joined by hyphens (see ``fold(_:)``).
enum NGVocabulary {
    /// The one spelling of a name: blanks and underscores become hyphens, capitals small letters.
    static func fold(_ name: String) -> String {
        let isFolded = name.utf8.allSatisfy { octet in
            octet != UInt8(ascii: " ") && octet != UInt8(ascii: "_")
                && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(octet)
        }
        guard !isFolded else { return name }
        let octets = name.utf8.map { octet -> UInt8 in
            switch octet {
            case UInt8(ascii: " "), UInt8(ascii: "_"): UInt8(ascii: "-")
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): octet + 32
            default: octet
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// Keys of the dictionary, and of `key=value` in a flags string.
    static let keys: [String: NGMeaning<NGKeyWord>] = {
        var keys: [String: NGMeaning<NGKeyWord>] = [:]
        for (name, word) in Self.obeyedKeys { keys[name] = .obeyed(word) }
        for name in Self.acceptedKeys { keys[name] = .accepted }
        for (consequence, names) in Self.unsupportedKeys {
            for name in names { keys[name] = .unsupported(consequence) }
        }
        return keys
    }()

    /// Members of `flags`, and words without a value in a flags string.
    static let flags: [String: NGMeaning<NGFlagWord>] = {
        var flags: [String: NGMeaning<NGFlagWord>] = [:]
        for (name, word) in Self.obeyedFlags { flags[name] = .obeyed(word) }
        for name in Self.acceptedFlags { flags[name] = .accepted }
        for (consequence, names) in Self.unsupportedFlags {
            for name in names { flags[name] = .unsupported(consequence) }
        }
        return flags
    }()

    /// Flags that are a key and one member of its list, joined by a hyphen; longer prefixes first.
    static let prefixes: [(prefix: String, key: String)] = [
        ("replace-", "replace"), ("rtcp-mux-", "rtcp-mux"), ("endpoint-learning-", "endpoint-learning"),
        ("transport-protocol-", "transport-protocol"), ("direction-", "direction"), ("ice-", "ice"),
        ("sdes-", "sdes"), ("osrtp-", "osrtp"), ("bundle-", "bundle"), ("codec-", "codec"),
        ("transcode-", "transcode"), ("t38-", "t38"), ("t.38-", "t38"), ("sdp-attr-", "sdp-attr"),
        ("from-tags-", "from-tags"), ("dtls-", "dtls"), ("extmap-", "extmap"),
    ]

    /// Commands of rtpengine that are not performed here.
    static let absentCommands: Set<String> = [
        "start recording", "stop recording", "pause recording", "block DTMF", "unblock DTMF", "block media",
        "unblock media", "silence media", "unsilence media", "start forwarding", "stop forwarding",
        "play media",
        "stop media", "play DTMF", "statistics", "publish", "subscribe request", "subscribe answer",
        "unsubscribe",
        "connect", "create", "create answer", "mesh", "inject start", "inject stop", "transform", "cli",
        "CLI",
    ]
}
