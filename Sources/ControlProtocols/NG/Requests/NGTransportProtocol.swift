/// The values of `transport protocol`: what may stand in an m= line (RFC 8866, section 8.2.4 and its registrations).
enum NGTransportProtocol {
    /// Protocols that are only rewritten in the SDP.
    static let names = [
        "RTP/AVP", "RTP/SAVP", "RTP/AVPF", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF", "UDPTL",
    ]
    /// Opportunistic encryption (RFC 8643), which is not offered here.
    static let opportunisticNames = ["RTP/SAVP OSRTP", "RTP/SAVPF OSRTP"]

    /// The proper spelling of a protocol's name, whatever the case; nil if there is no such protocol.
    static func canonicalName(_ text: String) -> String? {
        let upper = text.uppercased()
        return self.names.first { $0 == upper }
    }
}

/// The profile that single words of a flags string add up to (`SRTP AVPF` is RTP/SAVPF).
struct NGTransportWords {
    private var isSecure = false
    private var hasFeedback = false
    private var usesDTLS = false

    /// Takes a word that stands alone; false if it says nothing about the transport.
    static func read(_ word: String, into words: inout NGTransportWords?) -> Bool {
        var result = words ?? NGTransportWords()
        switch word {
        case "RTP": result.isSecure = false
        case "SRTP": result.isSecure = true
        case "AVP": result.hasFeedback = false
        case "AVPF": result.hasFeedback = true
        case "DTLS": result.usesDTLS = true
        case "RTP/AVP": result = NGTransportWords()
        case "RTP/SAVP": result = NGTransportWords(isSecure: true)
        case "RTP/AVPF": result = NGTransportWords(hasFeedback: true)
        case "RTP/SAVPF": result = NGTransportWords(isSecure: true, hasFeedback: true)
        case "UDP/TLS/RTP/SAVP": result = NGTransportWords(usesDTLS: true)
        case "UDP/TLS/RTP/SAVPF": result = NGTransportWords(hasFeedback: true, usesDTLS: true)
        default: return false
        }
        words = result
        return true
    }

    /// The name in an m= line.
    var name: String {
        switch (self.usesDTLS, self.isSecure, self.hasFeedback) {
        case (true, _, false): "UDP/TLS/RTP/SAVP"
        case (true, _, true): "UDP/TLS/RTP/SAVPF"
        case (false, false, false): "RTP/AVP"
        case (false, false, true): "RTP/AVPF"
        case (false, true, false): "RTP/SAVP"
        case (false, true, true): "RTP/SAVPF"
        }
    }
}
