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
    ]

    static let acceptedFlags = [
        // What is done anyway, and what rtpengine itself no longer looks at.
        "symmetric", "force", "asymmetric-codecs", "symmetric-codecs", "reorder-codecs", "static-codec",
        "static-codecs", "reuse-codecs", "no-codec-renegotiation", "no-redis-update", "no-jitter-buffer",
        "no-player", "no-audio-player", "no-passthrough", "no-tls-id", "passthrough",
        // Arguments of commands that are not performed at all.
        "all", "bidirectional", "directional", "discard-recording", "egress", "inactive", "mix", "mixed",
        "unsubscribe", "siprec", "skip-recording-db", "skip-recording-database", "exclude-recording",
    ]

    static let unsupportedFlags: [(NGConsequence, [String])] = [
        (
            .codecs,
            [
                "allow-asymmetric-codecs", "allow-asymmetric-codec", "allow-no-codec-media",
                "allow-no-codec-medias", "allow-empty-codec-media", "allow-empty-codec-medias",
                "single-codec",
            ]
        ),
        (.transcoding, ["allow-transcoding", "force-transcoding", "always-transcode"]),
        (.playback, ["audio-player", "player", "early-media"]),
        (.dtmf, ["block-dtmf", "detect-dtmf", "inject-dtmf"]),
        (.blocking, ["block-egress", "block-short", "block-shorts", "block-short-packets"]),
        (.ice, ["ice-reject", "reject-ice", "trickle-ice", "fragment"]),
        (.webRTC, ["webrtc"]),
        (.encryption, ["pad-crypto", "recrypt"]),
        (.natWait, ["nat-wait"]),
        (.natPiercing, ["pierce-nat"]),
        (.recording, ["record-call", "recording-vsc", "recording-announcement"]),
        (.rtcpGeneration, ["generate-rtcp"]),
        (.subscriptions, ["mirror-rtcp", "rtcp-mirror"]),
        (.headerExtensions, ["strip-extmap"]),
        (.newBranches, ["new-branch"]),
    ]
}
