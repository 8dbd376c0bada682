import ControlProtocols

/// How many commands came, from whom, how long they took, and how they ended.
struct RequestTotals: Sendable {
    /// What one controller asked.
    struct Proxy: Sendable, Equatable {
        /// Commands by name, with the seconds until their replies were ready.
        var commands: [String: (count: UInt64, seconds: Double)] = [:]
        /// Requests that were answered with an error.
        var errors: UInt64 = 0

        fileprivate mutating func note(_ command: NGCommand, seconds: Double, isError: Bool) {
            let before = self.commands[command.name] ?? (0, 0)
            self.commands[command.name] = (before.count &+ 1, before.seconds + seconds)
            if isError { self.errors &+= 1 }
        }

        static func == (one: Proxy, other: Proxy) -> Bool {
            one.errors == other.errors
                && one.commands.mapValues(\.count) == other.commands.mapValues(\.count)
        }
    }

    /// Controllers that are told apart; whoever comes later is counted under ``others``.
    static let mostProxies = 32
    /// The name for those beyond ``mostProxies``.
    static let others = "other"

    var byCommand: [String: UInt64] = [:]
    var errors: UInt64 = 0
    var repeated: UInt64 = 0
    var malformed: UInt64 = 0
    /// By the address of the controller.
    private(set) var proxies: [String: Proxy] = [:]

    /// Counts one command of a controller, whose address is `ADDRESS:PORT`.
    mutating func note(_ command: NGCommand, from peer: String, seconds: Double, isError: Bool) {
        self.proxies[self.name(of: peer), default: Proxy()].note(command, seconds: seconds, isError: isError)
    }

    /// Counts a request that was no command.
    mutating func note(refusalOf peer: String) {
        self.proxies[self.name(of: peer), default: Proxy()].errors &+= 1
    }

    /// `192.0.2.1` for `192.0.2.1:4000`, `2001:db8::1` for `[2001:db8::1]:4000`.
    private func name(of peer: String) -> String {
        let host = peer.lastIndex(of: ":").map { peer[..<$0] } ?? peer[...]
        let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
        return self.proxies[name] != nil || self.proxies.count < Self.mostProxies ? name : Self.others
    }
}

/// The commands as rtpengine's statistics list them: in its order, with its names in metrics, JSON and tables.
struct RequestName: Sendable {
    /// In NG and in metrics.
    let command: String
    /// In `list jsonstats`.
    let json: String
    /// In the table of `list totals`.
    let title: String

    static let all: [RequestName] = [
        ("ping", "ping", "Ping"), ("offer", "offer", "Offer"), ("answer", "answer", "Answer"),
        ("delete", "delete", "Delete"), ("query", "query", "Query"), ("list", "list", "List"),
        ("start recording", "startrec", "StartRec"), ("stop recording", "stoprec", "StopRec"),
        ("pause recording", "pauserec", "PauseRec"), ("start forwarding", "startfwd", "StartFwd"),
        ("stop forwarding", "stopfwd", "StopFwd"), ("block DTMF", "blkdtmf", "BlkDTMF"),
        ("unblock DTMF", "unblkdtmf", "UnblkDTMF"), ("block media", "blkmedia", "BlkMedia"),
        ("unblock media", "unblkmedia", "UnblkMedia"), ("play media", "playmedia", "PlayMedia"),
        ("stop media", "stopmedia", "StopMedia"), ("play DTMF", "playdtmf", "PlayDTMF"),
        ("statistics", "stats", "Stats"), ("silence media", "slnmedia", "SlnMedia"),
        ("unsilence media", "unslnmedia", "UnslnMedia"), ("publish", "pub", "Pub"),
        ("subscribe request", "subreq", "SubReq"), ("subscribe answer", "subans", "SubAns"),
        ("unsubscribe", "unsub", "Unsub"), ("inject start", "injstart", "InjStart"),
        ("inject stop", "injstop", "InjStop"), ("connect", "conn", "Conn"), ("cli", "cli", "CLI"),
        ("transform", "trnsfm", "Trnsfm"), ("create", "create", "Create"),
        ("create answer", "crtansw", "CrtAnsw"), ("mesh", "mesh", "Mesh"),
    ].map { RequestName(command: $0.0, json: $0.1, title: $0.2) }

    /// Those that this relay performs; the others stay at zero for ever.
    static let performed = Self.all.filter { name in
        ![
            "forwarding", "silence", "play", "stop media", "inject", "transform", "create", "mesh",
        ].contains { name.command.contains($0) }
    }
}
