/// What a client of the HTTP listener wants, once it is known to be one of the things there are.
enum HTTPAction: Sendable, Equatable {
    /// `GET /ping`.
    case ping
    /// `GET /metrics`.
    case metrics
    /// `GET /cli/COMMAND+ARGUMENTS`, or `POST /cli`.
    case cli(String)
    /// `POST /ng`: a cookie and a dictionary, as over UDP.
    case ng([UInt8])
    /// `POST /ng-plain`: a dictionary alone.
    case plainNG([UInt8])
}

/// What goes back.
struct HTTPAnswer: Sendable, Equatable {
    /// 200, 404, …
    var status: Int
    /// The media type of the body.
    var contentType: String
    /// The body.
    var body: [UInt8]
    /// The methods that would have been right, for status 405.
    var allowed: String?

    static let plainText = "text/plain; charset=utf-8"
    /// What rtpengine calls a body of NG.
    static let ngType = "application/x-rtpengine-ng"
    static let jsonType = "application/json"
    /// What Prometheus asks for (exposition formats, version 0.0.4).
    static let metricsType = "text/plain; version=0.0.4; charset=utf-8"

    /// A success.
    init(contentType: String, body: [UInt8]) {
        self.status = 200
        self.contentType = contentType
        self.body = body
    }

    /// Text with any status.
    init(status: Int = 200, text: String, allowed: String? = nil) {
        self.status = status
        self.contentType = Self.plainText
        self.body = Array(text.utf8)
        self.allowed = allowed
    }
}

/// Which request leads where: a function of the head alone, so that a wrong one is refused before its body comes.
enum HTTPRoute: Sendable, Equatable {
    /// The head of a request as far as it decides what happens.
    struct Head: Sendable, Equatable {
        /// `GET`, …
        var method: String
        /// Path and query as sent.
        var target: String
        /// `Content-Type`, without parameters, in small letters; nil without one.
        var contentType: String?
        /// True if `Upgrade: websocket` asks for another protocol.
        var wantsWebSocket = false
    }

    case ping
    case metrics
    case cliLine(String)
    case cliBody
    case ng
    case plainNG
    case refuse(HTTPAnswer)

    /// The way for a request.
    init(_ head: Head) {
        guard !head.wantsWebSocket else {
            self = .refuse(
                HTTPAnswer(
                    status: 501,
                    text: "WebSocket is not supported; use POST /ng, or NG over UDP or TCP\n"))
            return
        }
        let path = head.target.prefix { $0 != "?" && $0 != "#" }
        let isReading = head.method == "GET" || head.method == "HEAD"
        switch path {
        case "/ping": self = isReading ? .ping : .wrongMethod("GET, HEAD")
        case "/metrics": self = isReading ? .metrics : .wrongMethod("GET, HEAD")
        case "/ng": self = Self.post(head, .ng, types: [HTTPAnswer.ngType])
        case "/ng-plain":
            self = Self.post(head, .plainNG, types: [HTTPAnswer.ngType, HTTPAnswer.jsonType])
        case "/cli": self = Self.post(head, .cliBody, types: ["text/plain"])
        case _ where path.hasPrefix("/cli/"):
            // A HEAD of a command would perform it and show nothing.
            guard head.method == "GET" else {
                self = .wrongMethod("GET")
                return
            }
            let line = PercentEncoding.decode(path.dropFirst("/cli/".count))
            self = line.map { .cliLine($0) } ?? .refuse(HTTPAnswer(status: 400, text: "a malformed URI\n"))
        default: self = .refuse(HTTPAnswer(status: 404, text: "not found\n"))
        }
    }

    private static func post(_ head: Head, _ route: HTTPRoute, types: [String]) -> HTTPRoute {
        guard head.method == "POST" else { return .wrongMethod("POST") }
        guard let type = head.contentType, types.contains(type) else {
            return .refuse(
                HTTPAnswer(
                    status: 415, text: "expected Content-Type \(types.joined(separator: " or "))\n"))
        }
        return route
    }

    private static func wrongMethod(_ allowed: String) -> HTTPRoute {
        .refuse(HTTPAnswer(status: 405, text: "expected \(allowed)\n", allowed: allowed))
    }

    /// The longest body that is taken; of GET and HEAD none is.
    var longestBody: Int {
        switch self {
        case .ping, .metrics, .cliLine, .refuse: 0
        case .cliBody: 4096
        case .ng, .plainNG: 65_536 + 512
        }
    }

    /// What is to be done, with the body that came.
    func action(body: [UInt8]) -> HTTPAction? {
        switch self {
        case .ping: .ping
        case .metrics: .metrics
        case .cliLine(let line): .cli(line)
        case .cliBody: String(validating: body, as: UTF8.self).map { .cli($0) }
        case .ng: .ng(body)
        case .plainNG: .plainNG(body)
        case .refuse: nil
        }
    }
}

/// `list+sessions+abc%40host` (RFC 3986, section 2.1, and `+` for a blank).
enum PercentEncoding {
    /// The text that was meant; nil if a percent sign is not followed by two digits, or the octets are not UTF-8.
    static func decode(_ text: some StringProtocol) -> String? {
        var octets: [UInt8] = []
        var rest = text.utf8[...]
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "+"): octets.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(self.digit),
                    let low = rest.popFirst().flatMap(self.digit)
                else { return nil }
                octets.append(high << 4 | low)
            default: octets.append(octet)
            }
        }
        return String(validating: octets, as: UTF8.self)
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
