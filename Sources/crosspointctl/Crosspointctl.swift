import ArgumentParser
import ControlVocabulary
import Glibc

/// Asks a running `crosspointd` what it is doing.
@main
struct Crosspointctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crosspointctl",
        abstract: "Shows and ends the calls of a running crosspointd, and empties it.",
        subcommands: [Calls.self, Flows.self, Stats.self, Terminate.self, Drain.self, Undrain.self])
}

/// What every subcommand takes.
struct ConnectionOptions: ParsableArguments {
    @Flag(help: "Print the daemon's reply as it is: one line of JSON.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "The daemon's control socket. Default: that of your own daemon if there is one, else \(ControlSocketPath.system).",
            valueName: "PATH"))
    var socket: String?

    /// Asks, and prints what the rendering makes of the answer; fails if the daemon says that it could not.
    func ask(_ request: ControlRequest, render: (ControlReply) -> String) throws {
        let line = try ControlClient(paths: self.paths).ask(try ControlCodec.encode(request))
        let reply = try ControlCodec.decodeReply(line)
        if self.json { print(line) }
        if reply.result == .error { throw ControlClientError(reply.error ?? "the daemon gives no reason") }
        let text = self.json ? "" : render(reply)
        if !text.isEmpty { print(text) }
    }

    private var paths: [String] {
        if let socket = self.socket { return [socket] }
        let runtimeDirectory = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }
        return ControlSocketPath.candidates(userID: geteuid(), runtimeDirectory: runtimeDirectory)
    }
}

/// `crosspointctl calls`.
struct Calls: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the calls and their parties.")

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        try self.connection.ask(ControlRequest(command: .calls)) { Rendering.calls($0.calls ?? []) }
    }
}

/// `crosspointctl flows`.
struct Flows: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "List every direction of every stream: both ends, the path, and why it is not in the kernel.",
        discussion: """
            FROM and TO are the parties, LOCAL and RELAY the daemon's own addresses between them. A FROM with a \
            question mark is not settled yet: the daemon still learns where packets come from.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: ArgumentHelp("Only this call.", valueName: "CALLID"))
    var callID: String?

    func run() throws {
        try self.connection.ask(ControlRequest(command: .flows, callID: self.callID)) {
            Rendering.flows($0.flows ?? [])
        }
    }
}

/// `crosspointctl stats`.
struct Stats: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the daemon's counters.")

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        try self.connection.ask(ControlRequest(command: .stats)) { Rendering.stats($0.stats ?? .group([:])) }
    }
}

/// `crosspointctl terminate`.
struct Terminate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End a call at once; SIP is not told, so the phones find out by the silence.")

    @OptionGroup var connection: ConnectionOptions

    @Argument(help: ArgumentHelp("The SIP Call-ID.", valueName: "CALLID"))
    var callID: String

    func run() throws {
        try self.connection.ask(ControlRequest(command: .terminate, callID: self.callID)) { _ in "" }
    }
}

/// `crosspointctl drain`.
struct Drain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take no new calls; those that are there go on.",
        discussion: """
            A proxy that is refused a call for this reason asks another relay, if it has one. "crosspointctl stats" \
            says when no call is left (calls.current). What the maximum of sessions is set to stays as it is.
            """)

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        try self.connection.ask(ControlRequest(command: .drain)) { _ in "" }
    }
}

/// `crosspointctl undrain`.
struct Undrain: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take new calls again after drain.")

    @OptionGroup var connection: ConnectionOptions

    func run() throws {
        try self.connection.ask(ControlRequest(command: .undrain)) { _ in "" }
    }
}
