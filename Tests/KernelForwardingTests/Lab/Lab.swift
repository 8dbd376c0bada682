import Foundation
import RelayPlanning
import Testing
import WireFormat

/// The three namespaces that Scripts/test-kernel makes; the test process itself runs in the relay's.
enum Lab {
    static let prefix = ProcessInfo.processInfo.environment["CROSSPOINT_NETNS_LAB"]
    static let isPresent = prefix != nil && geteuid() == 0
    static let isRequired = ProcessInfo.processInfo.environment["CROSSPOINT_REQUIRE"] == "kernel"
    static let ports: [ClosedRange<UInt16>] = [40000...40099]

    /// Runs a command in this namespace and returns what it printed.
    @discardableResult
    static func run(_ arguments: String...) throws -> String {
        try Child(arguments, joiningErrors: true).readAll()
    }

    @discardableResult
    static func nft(_ text: String) throws -> String { try run("nft", text) }
    static func conntrack(_ family: AddressFamily = .ipv4) throws -> String {
        try run("conntrack", "-L", "-f", family == .ipv4 ? "ipv4" : "ipv6", "-p", "udp")
    }

    /// Removes whatever an earlier test left.
    static func clear() throws {
        try run("nft", "flush ruleset")
        try run("conntrack", "-F")
    }

    static func fixture(_ name: String) throws -> String {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil))
        return try String(contentsOf: url, encoding: .utf8)
    }
}

/// The addresses of one stream between the caller and the callee.
struct LabStream {
    let caller: TransportAddress
    let relayForCaller: TransportAddress
    let relayForCallee: TransportAddress
    let callee: TransportAddress

    init(_ family: AddressFamily, callerPort: UInt16 = 20000) throws {
        let texts =
            family == .ipv4
            ? ["10.1.0.2", "10.1.0.1", "10.2.0.1", "10.2.0.2"]
            : ["fd00:1::2", "fd00:1::1", "fd00:2::1", "fd00:2::2"]
        let addresses = try texts.map { try #require(IPAddress($0)) }
        self.caller = TransportAddress(addresses[0], port: callerPort)
        self.relayForCaller = TransportAddress(addresses[1], port: 40000)
        self.relayForCallee = TransportAddress(addresses[2], port: 40002)
        self.callee = TransportAddress(addresses[3], port: 30000)
    }

    /// What the caller sends.
    var forward: KernelFlow {
        KernelFlow(source: caller, local: relayForCaller, relay: relayForCallee, destination: callee)
    }
    var both: [(KernelFlow, comment: String)] {
        [(forward, "call-1/0/caller"), (forward.reversed, "call-1/0/callee")]
    }
}

/// A party in another namespace; it ends when this does.
final class Party {
    private let child: Child
    private var pending: [UInt8] = []

    init(_ end: String, at own: TransportAddress, sendingTo target: TransportAddress) throws {
        let script = try #require(Bundle.module.url(forResource: "Fixtures/party.py", withExtension: nil))
        let namespace = try #require(Lab.prefix) + end
        self.child = try Child(
            ["ip", "netns", "exec", namespace, "python3", script.path, "\(own.address)", "\(own.port)"],
            joiningErrors: false)
        _ = try line()
        _ = try ask("to \(target.address) \(target.port)")
    }

    func tell(_ command: String) throws {
        try child.write(command + "\n")
    }

    func ask(_ command: String) throws -> String {
        try tell(command)
        return try line()
    }

    /// The next line the party printed.
    func line() throws -> String {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let text = String(decoding: pending[..<end], as: UTF8.self)
                pending = Array(pending[(end + 1)...])
                return text
            }
            let more = child.read()
            try #require(!more.isEmpty, "the party ended")
            pending += more
        }
    }

    /// What arrived, once nothing more has come for a while.
    func settledReport() throws -> [String: String] {
        var last = ""
        while true {
            usleep(60_000)
            let report = try ask("report")
            if report == last { break }
            last = report
        }
        let fields = last.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1) }
        return Dictionary(
            uniqueKeysWithValues: fields.map { (String($0[0]), $0.count > 1 ? String($0[1]) : "") })
    }
}
