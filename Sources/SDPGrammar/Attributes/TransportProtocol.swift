extension MediaDescription {
    /// True if the section carries RTP: `RTP/AVP`, `RTP/SAVPF`, `UDP/TLS/RTP/SAVPF`, `TCP/RTP/AVP`, …
    public var isRTP: Bool { TransportProtocol(self.transportProtocol).isRTP }

    /// True for the feedback profiles AVPF and SAVPF (RFC 4585, RFC 5124).
    public var isFeedbackProfile: Bool { TransportProtocol(self.transportProtocol).isFeedbackProfile }

    /// True for the secure profiles SAVP and SAVPF (RFC 3711, RFC 5124), keyed in whichever way.
    public var isSecureProfile: Bool { TransportProtocol(self.transportProtocol).isSecureProfile }

    /// True if keys are agreed by DTLS or TLS: the protocol names `TLS` or `DTLS` (RFC 5764, RFC 8841).
    public var usesTLS: Bool { TransportProtocol(self.transportProtocol).usesTLS }
}

/// The slash-separated parts of a protocol name of `m=`, without regard to case.
struct TransportProtocol {
    private(set) var isRTP = false
    private(set) var usesTLS = false
    private(set) var isFeedbackProfile = false
    private(set) var isSecureProfile = false

    init(_ name: String) {
        if name == "RTP/AVP" {
            self.isRTP = true
            return
        }
        for part in name.utf8.split(separator: UInt8(ascii: "/")) {
            switch Substring(part).uppercased() {
            case "RTP": self.isRTP = true
            case "TLS", "DTLS": self.usesTLS = true
            case "AVPF": self.isFeedbackProfile = true
            case "SAVP": self.isSecureProfile = true
            case "SAVPF":
                self.isFeedbackProfile = true
                self.isSecureProfile = true
            default: break
            }
        }
    }
}
