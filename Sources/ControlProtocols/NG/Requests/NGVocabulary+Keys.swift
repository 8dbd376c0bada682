extension NGVocabulary {
    static let obeyedKeys: [(String, NGKeyWord)] = [
        ("call-id", .callID), ("from-tag", .fromTag), ("to-tag", .toTag), ("via-branch", .viaBranch),
        ("sdp", .sdp), ("received-from", .receivedFrom), ("address-family", .addressFamily),
        ("direction", .direction), ("from-interface", .fromInterface), ("to-interface", .toInterface),
        ("media-address", .mediaAddress), ("endpoint-learning", .endpointLearning), ("tos", .trafficClass),
        ("replace", .replace), ("rtcp-mux", .rtcpMux), ("transport-protocol", .transportProtocol),
        ("ice", .ice),
        ("label", .label), ("from-label", .label), ("set-label", .setLabel), ("metadata", .metadata),
        ("delete-delay", .deleteDelay), ("sip-code", .sipCode), ("sip-response-code", .sipCode),
        ("supports", .supports), ("flags", .flags), ("rtpp-flags", .flagString), ("limit", .limit),
        ("record-call", .recordCall), ("passthrough", .passthrough), ("passthru", .passthrough),
        ("generate-rtcp", .generateRTCP), ("interface", .interface), ("to-label", .toLabel),
        ("template", .template), ("body", .body), ("codec", .codec), ("codecs", .codec),
        ("transcode", .transcode), ("sdp-attr", .sdpAttribute), ("sdp-media-remove", .sdpMediaRemove),
        ("extmap", .headerExtensions), ("drop-traffic", .dropTraffic), ("dtmf-security", .dtmfSecurity),
        ("from-tags", .fromTags), ("all", .all), ("address", .address), ("to-call-id", .toCallID),
        ("pause", .pause),
        ("output-destination", .recordingFile), ("output-dest", .recordingFile),
        ("output-file", .recordingFile),
        ("recording-destination", .recordingFile), ("recording-dest", .recordingFile),
        ("recording-file", .recordingFile),
        ("output-path", .recordingDirectory), ("output-dir", .recordingDirectory),
        ("output-directory", .recordingDirectory), ("output-folder", .recordingDirectory),
        ("recording-path", .recordingDirectory), ("recording-dir", .recordingDirectory),
        ("recording-directory", .recordingDirectory), ("recording-folder", .recordingDirectory),
        ("output-pattern", .recordingPattern), ("recording-pattern", .recordingPattern),
    ]

    static let acceptedKeys = [
        "command",
        // Tells `provisional` whether it is a reply; the SIP code says as much.
        "sip-message-type",
        // There is no Redis to keep in step, and media slots and service codes belong to recording and DTMF.
        "recording-media-slot-offer", "recording-media-slot-answer", "recording-media-slots",
        "media-rec-slot-offer", "media-rec-slot-answer", "media-rec-slots",
        "vsc-pause-rec", "vsc-pause-recording", "vsc-pause-resume-rec", "vsc-pause-resume-recording",
        "vsc-start-pause-resume-rec", "vsc-start-pause-resume-recording", "vsc-start-rec",
        "vsc-start-recording",
        "vsc-start-stop-rec", "vsc-start-stop-recording", "vsc-stop-rec", "vsc-stop-recording",
        // Arguments of commands that are not performed at all.
        "blob", "blob64", "calls", "code", "digit", "db-id", "duration", "file", "frequency", "frequencies",
        "instance", "media", "medias", "repeat-times", "repeat-duration", "source-tag", "source-call-id",
        "start-pos", "tags", "volume",
    ]

    static let unsupportedKeys: [(NGConsequence, [String])] = [
        (.packetTime, ["ptime", "ptime-reverse", "reverse-ptime", "repacketize"]),
        (.encryption, ["sdes", "osrtp", "dtls", "dtls-reverse", "dtls-fingerprint"]),
        (.ice, ["ice-lite"]),
        (.bundle, ["bundle"]),
        (.t38, ["t38", "t.38", "t38-version", "t.38-version"]),
        (.playback, ["audio-player", "player", "moh", "media-echo"]),
        (
            .dtmf,
            [
                "dtmf-delay", "dtmf-log-dest", "dtmf-log-destination", "dtmf-security-trigger",
                "dtmf-security-trigger-end", "trigger", "trigger-end", "end-trigger", "trigger-end-time",
                "end-trigger-time", "trigger-end-digits", "end-trigger-digits",
            ]
        ),
        (.interfaceByPeer, ["peer", "inbound-peer", "outbound-peer"]),
        (.jitterBuffer, ["delay-buffer"]),
        (.aliases, ["alias-key"]),
        (.callback, ["xmlrpc-callback"]),
    ]
}
