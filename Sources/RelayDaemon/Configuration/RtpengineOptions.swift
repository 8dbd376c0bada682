/// An option of rtpengine that is accepted here without being obeyed.
struct RtpengineOption: Sendable {
    /// The long name.
    let name: String
    /// The one-letter form.
    let short: Character?
    /// True if a value follows.
    let takesValue: Bool
    /// What happens instead; nil if what it asks for is how Crosspoint always works.
    let consequence: String?

    /// True if there is nothing to warn of.
    var isInherent: Bool { self.consequence == nil }

    /// The warning for somebody who set it; nil if there is nothing to warn of.
    func warning(place: String) -> ConfigurationNote? {
        self.consequence.map { .warning("\(place): this option of rtpengine has no effect; \($0)") }
    }
}

/// rtpengine's options that Crosspoint does not have, so that its command lines and files are accepted.
///
/// Names and arities are those of `rtpengine --help` 10.5 and of the manual and option table of 13.x and later.
enum RtpengineOptions {
    /// All of them.
    static let all: [RtpengineOption] = groups.flatMap { group in
        group.valued.map { ($0, true) } + group.flags.map { ($0, false) }
    }.map { name, takesValue in
        RtpengineOption(
            name: name, short: shorts[name], takesValue: takesValue, consequence: consequences[name] ?? nil)
    }

    /// By long name.
    static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// By one-letter form.
    static let byShort = Dictionary(
        all.compactMap { option in option.short.map { ($0, option) } },
        uniquingKeysWith: { first, _ in first })

    /// Options with which rtpengine does one thing and ends. They stop the start: whoever runs them in a script waits for
    /// an end that would not come.
    static let errands: [String: String] = [
        "codecs": "there is nothing to list; crosspointd does not transcode",
        "nftables-start": "crosspointd puts its table into nf_tables itself when it starts; leave this out",
        "nftables-stop": "crosspointd takes its table out of nf_tables itself when it stops; leave this out",
        "nftables-status": "see \"nft list table inet crosspoint\" instead",
    ]

    /// What to say about a key of a file that is not an option of ours; nothing for a switch that is off.
    static func notes(on key: String, value: String?, place: String) -> [ConfigurationNote] {
        if let reason = Self.errands[key] {
            return [.warning("\(place): option \"\(key)\" has no effect: \(reason)")]
        }
        guard let option = Self.byName[key] else {
            return [.warning("\(place): unknown option \"\(key)\" has no effect")]
        }
        if !option.takesValue, ["false", "no", "off", "0"].contains(value?.lowercased()) { return [] }
        return option.warning(place: "\(place): \(key)").map { [$0] } ?? []
    }

    private static let shorts: [String: Character] = [
        "subscribe-keyspace": "k", "listen-tcp": "l", "listen-udp": "u",
        "graphite": "g", "graphite-interval": "G", "redis": "r", "redis-write": "w",
        "b2b-url": "b", "xmlrpc-format": "x", "no-redis-required": "q", "redis-delete-async": "y",
        "save-interface-ports": "S",
    ]

    private static let consequences = Dictionary(
        groups.flatMap { group in (group.valued + group.flags).map { ($0, group.consequence) } },
        uniquingKeysWith: { first, _ in first })

    /// Options that go together, and what happens instead of what they ask for.
    private struct Group: Sendable {
        /// Nil if there is nothing to say: it is so anyway.
        var consequence: String?
        var valued: [String] = []
        var flags: [String] = []
    }

    private static let groups: [Group] =
        inherent + control + kernel + recording + state + reporting + logging + media + scheduling

    private static let inherent = [
        // A line of the log is a line of output without time stamps of ours; each worker has a ring of its own; ports
        // are bound on one address of a family; broken SDP is refused; idle threads sleep; there is nobody to suppress.
        Group(
            valued: ["io-uring-buffers", "timer-accuracy", "poller-size", "max-recv-iters", "thread-stack"],
            flags: [
                "no-log-timestamps", "split-logs", "io-uring", "poller-per-thread", "save-interface-ports",
                "reject-invalid-sdp", "no-redis-required", "dtmf-no-suppress", "dtmf-no-log-injects",
                "homer-disable-rtcp-stats",
            ])
    ]

    private static let control = [
        Group(
            consequence: "the protocols of mediaproxy and rtpproxy are not spoken; controllers use listen-ng",
            valued: ["listen-tcp", "listen-udp"]),
        Group(
            consequence: "put a reverse proxy that speaks TLS in front of listen-http",
            valued: ["listen-https", "https-cert", "https-key"]),
        Group(
            consequence: "HTTP is served by the control thread",
            valued: ["http-threads", "http-buf-segment", "http-buf-size"]),
        Group(
            consequence: "replies leave with the system's traffic class and path MTU",
            valued: ["control-tos", "control-pmtu"]),
        Group(consequence: "the Janus interface is not there", valued: ["janus-secret"]),
        Group(consequence: "this relay calls itself crosspoint", valued: ["software-id"]),
        Group(
            consequence: "there are no callbacks when a call ends by itself",
            valued: ["b2b-url", "xmlrpc-format"]),
        Group(
            consequence: "this relay asks no other by NG", valued: ["ng-client-timeout", "ng-client-retries"]),
    ]

    private static let kernel = [
        Group(
            consequence: "the rules are in a table of their own, inet crosspoint (see --table)",
            valued: ["nftables-base-chain", "nftables-chain", "nftables-family"], flags: ["nftables-append"]),
        Group(
            consequence: "no firewall rule is added for a port; let the whole range in",
            valued: ["iptables-chain"]),
        Group(
            consequence: "there is no player", valued: ["kernel-player", "kernel-player-media"]),
    ]

    private static let recording = [
        Group(consequence: "recordings hold what parties send", flags: ["record-egress"]),
        Group(
            consequence: "DTMF is not looked at, so it cannot start or stop a recording",
            valued: [
                "vsc-pause-rec", "vsc-pause-resume-rec", "vsc-start-pause-resume-rec", "vsc-start-rec",
                "vsc-start-stop-rec", "vsc-stop-rec",
            ]),
    ]

    private static let state = [
        Group(
            consequence: "calls are in memory only and end with the daemon",
            valued: [
                "redis", "redis-allowed-errors", "redis-cmd-timeout", "redis-connect-timeout",
                "redis-delete-async-interval", "redis-disable-time", "redis-expires", "redis-format",
                "redis-num-threads", "redis-subscribe", "redis-write", "subscribe-keyspace",
                "redis-tcp-keepalive-time", "redis-tcp-keepalive-intvl", "redis-tcp-keepalive-probes",
            ], flags: ["active-switchover", "redis-delete-async", "redis-resolve-on-reconnect"]),
        Group(
            consequence: "no media is played, from a database or otherwise",
            valued: ["mysql-host", "mysql-pass", "mysql-port", "mysql-query", "mysql-user"]),
    ]

    private static let reporting = [
        Group(
            consequence: "nothing is sent to Graphite; see crosspointctl stats",
            valued: ["graphite", "graphite-interval", "graphite-prefix", "graphite-timeout"]),
        Group(
            consequence: "nothing is sent to Homer",
            valued: ["homer", "homer-id", "homer-ng-capture-proto", "homer-protocol"],
            flags: ["homer-enable-ng"]),
        Group(
            consequence: "nothing is published over MQTT",
            valued: [
                "mqtt-cafile", "mqtt-capath", "mqtt-certfile", "mqtt-host", "mqtt-id", "mqtt-keepalive",
                "mqtt-keyfile", "mqtt-pass", "mqtt-port", "mqtt-publish-interval", "mqtt-publish-qos",
                "mqtt-publish-scope", "mqtt-publish-topic", "mqtt-tls-alpn", "mqtt-user",
            ]),
        Group(
            consequence: "quality is always rated as in a conversation (CQ), from RTCP and from RTP",
            valued: ["mos", "ssrc-reporting"], flags: ["measure-rtp"]),
        Group(consequence: "RTCP is forwarded, not generated", valued: ["rtcp-interval"]),
    ]

    private static let logging = [
        Group(
            consequence:
                "there is no such part here; see log-level-core, -control, -http, -internals and -cdr",
            valued: [
                "log-level-codec", "log-level-crypto", "log-level-dtx", "log-level-ffmpeg", "log-level-ice",
                "log-level-rtcp", "log-level-spandsp", "log-level-srtp", "log-level-transcoding",
            ]),
        Group(consequence: "RTCP is not logged", valued: ["log-facility-rtcp"]),
        Group(
            consequence: "DTMF is not looked at",
            valued: ["dtmf-digit-delay", "dtmf-log-dest", "log-facility-dtmf"], flags: ["dtmf-log-ng-tcp"]),
        Group(consequence: "lines are not broken up", valued: ["max-log-line-length"]),
        Group(consequence: "the log is that of crosspointd", valued: ["log-name"]),
    ]

    private static let media = [
        Group(
            consequence: "nothing is transcoded",
            valued: [
                "amr-dtx", "audio-buffer-delay", "audio-buffer-length", "audio-player", "cn-payload",
                "codec-num-threads", "dtx-buffer", "dtx-cn-params", "dtx-delay", "dtx-lag", "dtx-shift",
                "evs-dtx", "evs-lib-path", "max-dtx", "silence-detect", "transcode-config",
            ], flags: ["reorder-codecs"]),
        Group(
            consequence: "packets are forwarded when they arrive, without a buffer",
            valued: ["jitter-buffer", "jb-adaptive-max", "jb-adaptive-min"],
            flags: ["jb-adaptive", "jb-clock-drift"]),
        Group(
            consequence: "no media is played",
            valued: [
                "db-cache-expire", "db-cache-reload", "db-media-cache", "db-media-expire", "db-media-reload",
                "expiry-timer", "file-media-cache", "media-expire", "media-files-expire",
                "media-files-reload", "media-num-threads", "media-refresh", "moh-attr-name",
                "moh-max-duration", "moh-max-repeats", "num-media-threads", "preload-db-cache",
                "preload-db-media", "preload-media-files",
            ], flags: ["moh-prevent-double-hold", "player-cache"]),
        Group(
            consequence: "SRTP and DTLS pass through as they came",
            valued: [
                "dtls-cert-cipher", "dtls-ciphers", "dtls-mtu", "dtls-rsa-key-size", "dtls-signature",
            ], flags: ["debug-srtp", "dtls-passive", "log-srtp-keys"]),
    ]

    private static let scheduling = [
        Group(
            consequence:
                "threads run as the system schedules them; see Nice= and CPUSchedulingPolicy= of systemd",
            valued: ["idle-priority", "idle-scheduling", "priority", "scheduling", "socket-cpu-affinity"])
    ]
}
