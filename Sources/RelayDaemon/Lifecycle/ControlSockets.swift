import Logging
import NIOCore

/// The sockets that controllers come by, opened before anything else: with an address taken, another daemon is at work,
/// and nothing of it may be touched.
struct ControlSockets {
    let ng: [ControlDatagramSocket]
    let streamNG: [ControlStreamSocket]
    let http: [ControlStreamSocket]
    let cli: [ControlStreamSocket]

    /// Opens all of them, or none.
    init(opening listeners: ResolvedListeners, logger: Logger) throws {
        let ng = try NGDatagramServer.bind(listeners.ng, logger: logger)
        var opened: [ControlStreamSocket] = []
        do {
            self.streamNG = try ControlStreamSocket.listen(
                on: listeners.streamNG, for: "NG control", logger: logger)
            opened += self.streamNG
            self.http = try ControlStreamSocket.listen(on: listeners.http, for: "HTTP", logger: logger)
            opened += self.http
            self.cli = try ControlStreamSocket.listen(
                on: listeners.cli, for: "the command line interface", logger: logger)
        } catch {
            for socket in ng { socket.close() }
            for socket in opened { socket.close() }
            throw error
        }
        self.ng = ng
    }

    /// Closes sockets that nobody serves yet.
    func close() {
        for socket in self.ng { socket.close() }
        for socket in self.streamNG + self.http + self.cli { socket.close() }
    }

    /// Serves the ways in over TCP.
    func serve(
        _ relay: NIOLoopBound<Relay>, on loop: any EventLoop, logger: Logger
    ) throws -> [ControlStreamServer] {
        let streamNG = NGStreamServer.start(self.streamNG, on: loop, logger: logger) {
            relay.value.receive(request: $0, from: $1, reply: $2)
        }
        let http = HTTPServer.start(self.http, on: loop, logger: logger) {
            relay.value.receive(http: $0, from: $1, answer: $2)
        }
        let cli = CommandLineServer.start(self.cli, on: loop, logger: logger) {
            relay.value.perform(commandLine: $0, from: $1, answer: $2)
        }
        return try [streamNG.wait(), http.wait(), cli.wait()]
    }
}
