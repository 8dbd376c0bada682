import WireFormat

/// One value of `--listen-ng` and its like, as written: nothing is looked up yet.
struct ListenSpecification: Equatable, Sendable {
    /// Where to listen; `any` stands for 0.0.0.0 and [::].
    var host: HostSpecification
    /// The port, 1 to 65535.
    var port: UInt16

    /// Joins a host and a port.
    init(host: HostSpecification, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `PORT`, `IPV4:PORT`, `[IPV6]:PORT` or `HOST:PORT`; nil for anything else.
    init?(_ text: String) {
        let colon = text.lastIndex(of: ":")
        let portText = colon.map { text[text.index(after: $0)...] } ?? text[...]
        guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(portText), port > 0
        else { return nil }
        guard let colon else {
            self.init(host: .any, port: port)
            return
        }
        let hostText = text[..<colon]
        // An IPv6 address needs its brackets: without them nobody can tell where the port begins.
        guard !hostText.isEmpty, hostText.contains(":") == hostText.hasPrefix("[") else { return nil }
        let host = HostSpecification(hostText)
        if case .name(let name) = host, name.hasPrefix("[") { return nil }
        self.init(host: host, port: port)
    }
}
