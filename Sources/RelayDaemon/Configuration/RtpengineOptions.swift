/// An option of rtpengine that is accepted here without being obeyed.
struct RtpengineOption: Sendable {
    /// The long name.
    let name: String
    /// The one-letter form.
    let short: Character?
    /// True if a value follows.
    let takesValue: Bool
    /// True if what it asks for is how Crosspoint always works, so that there is nothing to warn of.
    let isInherent: Bool
}

/// rtpengine's options that Crosspoint does not have, so that its command lines and key names are accepted.
///
/// Names and arities are those of `rtpengine --help` 10.5 and of the 13.x manual page.
enum RtpengineOptions {
    /// All of them.
    static let all: [RtpengineOption] =
        valued.map { RtpengineOption(name: $0, short: shorts[$0], takesValue: true, isInherent: false) }
        + flags.map { RtpengineOption(name: $0, short: shorts[$0], takesValue: false, isInherent: false) }
        + inherent.map { RtpengineOption(name: $0, short: shorts[$0], takesValue: false, isInherent: true) }

    /// What to do instead of options that have a substitute.
    static func advice(for name: String) -> String {
        switch name {
        case "listen-https", "https-cert", "https-key":
            "; put a reverse proxy that speaks TLS in front of listen-http"
        default: ""
        }
    }

    /// By long name.
    static let byName = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// By one-letter form.
    static let byShort = Dictionary(
        all.compactMap { option in option.short.map { ($0, option) } },
        uniquingKeysWith: { first, _ in first })

    private static let shorts: [String: Character] = [
        "subscribe-keyspace": "k", "listen-tcp": "l", "listen-udp": "u",
        "graphite": "g", "graphite-interval": "G", "redis": "r", "redis-write": "w",
        "b2b-url": "b", "xmlrpc-format": "x", "no-redis-required": "q", "redis-delete-async": "y",
        "save-interface-ports": "S",
    ]

    /// One line of the log is one line of output, and stderr carries no time stamps of our own.
    private static let inherent = ["no-log-timestamps", "split-logs", "io-uring"]

    private static let flags = [
        "active-switchover", "db-media-cache", "dtls-passive", "dtmf-log-ng-tcp", "dtmf-no-log-injects",
        "dtmf-no-suppress", "file-media-cache", "homer-disable-rtcp-stats", "homer-enable-ng",
        "jb-clock-drift", "debug-srtp", "log-srtp-keys", "measure-rtp", "moh-prevent-double-hold",
        "nftables-append", "nftables-start", "nftables-status", "nftables-stop", "no-redis-required",
        "player-cache", "poller-per-thread", "preload-db-cache", "redis-delete-async",
        "redis-resolve-on-reconnect", "reject-invalid-sdp", "reorder-codecs", "save-interface-ports",
    ]

    private static let valued =
        listeners + recording + databases + reporting + logging + media + security + scheduling

    private static let listeners = [
        "config-section", "control-pmtu", "control-tos", "http-buf-segment", "http-threads", "https-cert",
        "https-key", "interfaces-config", "iptables-chain", "janus-secret",
        "listen-https", "listen-tcp", "listen-udp", "max-bandwidth", "max-cpu", "max-load",
        "nftables-base-chain", "nftables-chain", "nftables-family", "software-id", "templates", "b2b-url",
        "xmlrpc-format",
    ]

    private static let recording = [
        "recording-dir", "recording-dir-mode", "recording-file-mode", "recording-format",
        "recording-method", "vsc-pause-rec", "vsc-pause-resume-rec", "vsc-start-pause-resume-rec",
        "vsc-start-rec", "vsc-start-stop-rec", "vsc-stop-rec",
    ]

    private static let databases = [
        "mysql-host", "mysql-pass", "mysql-port", "mysql-query", "mysql-user", "redis",
        "redis-allowed-errors", "redis-cmd-timeout", "redis-connect-timeout",
        "redis-delete-async-interval", "redis-disable-time", "redis-expires", "redis-format",
        "redis-num-threads", "redis-subscribe", "redis-write", "subscribe-keyspace",
    ]

    private static let reporting = [
        "graphite", "graphite-interval", "graphite-prefix", "graphite-timeout", "homer", "homer-id",
        "homer-ng-capture-proto", "homer-protocol", "mos", "mqtt-cafile", "mqtt-capath", "mqtt-certfile",
        "mqtt-host", "mqtt-id", "mqtt-keepalive", "mqtt-keyfile", "mqtt-pass", "mqtt-port",
        "mqtt-publish-interval", "mqtt-publish-qos", "mqtt-publish-scope", "mqtt-publish-topic",
        "mqtt-tls-alpn", "mqtt-user", "rtcp-interval", "ssrc-reporting",
    ]

    private static let logging = [
        "dtmf-digit-delay", "dtmf-log-dest", "log-facility-cdr", "log-facility-dtmf", "log-facility-rtcp",
        "log-format", "log-level-codec", "log-level-control", "log-level-core", "log-level-crypto",
        "log-level-dtx", "log-level-ffmpeg", "log-level-http", "log-level-ice", "log-level-internals",
        "log-level-rtcp", "log-level-spandsp", "log-level-srtp", "log-level-transcoding",
        "log-mark-prefix", "log-mark-suffix", "log-name", "max-log-line-length",
    ]

    private static let media = [
        "amr-dtx", "audio-buffer-delay", "audio-buffer-length", "audio-player", "cn-payload",
        "db-media-expire", "db-media-reload", "dtx-buffer", "dtx-cn-params", "dtx-delay", "dtx-lag",
        "dtx-shift", "evs-lib-path", "jitter-buffer", "kernel-player", "kernel-player-media", "max-dtx",
        "media-expire", "media-files-expire", "media-files-reload", "media-refresh", "moh-attr-name",
        "moh-max-duration", "moh-max-repeats", "preload-db-media", "preload-media-files",
        "silence-detect",
    ]

    private static let security = [
        "dtls-cert-cipher", "dtls-ciphers", "dtls-mtu", "dtls-rsa-key-size", "dtls-signature",
    ]

    private static let scheduling = [
        "codec-num-threads", "expiry-timer", "idle-priority", "idle-scheduling", "io-uring-buffers",
        "max-recv-iters", "media-num-threads", "poller-size", "priority", "scheduling",
        "socket-cpu-affinity", "thread-stack", "timer-accuracy",
    ]
}
