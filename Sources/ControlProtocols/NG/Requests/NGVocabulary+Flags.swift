extension NGVocabulary {
    static let obeyedFlags: [(String, NGFlagWord)] = [
        ("trust-address", .trustAddress), ("sip-source-address", .sipSourceAddress),
        ("asymmetric", .asymmetric), ("strict-source", .strictSource), ("media-handover", .mediaHandover),
        ("unidirectional", .unidirectional), ("port-latching", .portLatching),
        ("no-port-latching", .noPortLatching), ("original-sendrecv", .originalSendReceive),
        ("no-rtcp-attribute", .noRTCPAttribute), ("full-rtcp-attribute", .fullRTCPAttribute),
        ("generate-mid", .generateMID), ("loop-protect", .loopProtect), ("reset", .reset), ("debug", .debug),
        ("debugging", .debug), ("provisional", .provisional), ("to-tag", .toTag),
        ("fatal", .fatal), ("fast", .fast),
        ("new-branch", .newBranch), ("single-codec", .singleCodec),
        ("allow-no-codec-media", .allowNoCodecMedia), ("allow-no-codec-medias", .allowNoCodecMedia),
        ("allow-empty-codec-media", .allowNoCodecMedia), ("allow-empty-codec-medias", .allowNoCodecMedia),
        ("strip-extmap", .stripHeaderExtensions), ("nat-wait", .natWait), ("pierce-nat", .pierceNAT),
        ("block-dtmf", .blockDTMF), ("record-call", .recordCall), ("all", .all),
        ("directional", .directional),
        ("bidirectional", .bidirectional), ("siprec", .siprec), ("inactive", .inactive),
        ("mirror-rtcp", .rtcpMirror), ("rtcp-mirror", .rtcpMirror), ("pause", .pause),
        ("discard-recording", .discardRecording),
    ]

    static let acceptedFlags = [
        // What is done anyway, and what rtpengine itself no longer looks at.
        "symmetric", "force", "asymmetric-codecs", "symmetric-codecs", "reorder-codecs", "static-codec",
        "static-codecs", "reuse-codecs", "no-codec-renegotiation", "no-redis-update", "no-jitter-buffer",
        "no-player", "no-audio-player", "no-passthrough", "no-tls-id", "passthrough",
        // What becomes of a subscription that is asked for again, and of recordings in a database.
        "unsubscribe", "skip-recording-db", "skip-recording-database",
    ]

    static let unsupportedFlags: [(NGConsequence, [String])] = [
        (
            .transcoding,
            [
                "allow-transcoding", "force-transcoding", "always-transcode", "allow-asymmetric-codecs",
                "allow-asymmetric-codec",
            ]
        ),
        (.playback, ["audio-player", "player", "early-media", "recording-announcement"]),
        (.mixing, ["mix", "mixed"]),
        (.egress, ["egress"]),
        (.dtmf, ["detect-dtmf", "inject-dtmf", "recording-vsc"]),
        (.blocking, ["block-egress", "block-short", "block-shorts", "block-short-packets"]),
        (.ice, ["ice-reject", "reject-ice", "trickle-ice", "fragment"]),
        (.webRTC, ["webrtc"]),
        (.encryption, ["pad-crypto", "recrypt"]),
        (.recording, ["exclude-recording"]),
        (.rtcpGeneration, ["generate-rtcp"]),
    ]
}
