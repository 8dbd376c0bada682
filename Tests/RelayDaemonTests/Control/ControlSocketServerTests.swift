import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import RelayDaemon

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
private let echoing: ControlSocketServer.Handler = { line, reply in reply("<\(line)>") }

/// Runs a server in a directory of its own for the duration of the body, which gets the socket's path.
private func withServer(
    limits: ControlSocketServer.Limits = .init(), handler: @escaping ControlSocketServer.Handler = echoing,
    _ body: (String) async throws -> Void
) async throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/control.sock"
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let server = try await ControlSocketServer.start(
        path: path, on: group.next(), limits: limits, logger: quiet, handler: handler
    ).get()
    let result: Result<Void, any Error>
    do {
        result = .success(try await body(path))
    } catch {
        result = .failure(error)
    }
    try await server.close().get()
    try await group.shutdownGracefully()
    #expect(access(path, F_OK) != 0, "nothing is left behind")
    withExtendedLifetime(directory) {}
    try result.get()
}

@Suite struct ControlSocketServerTests {
    @Test func linesAreAnsweredInOrder() async throws {
        try await withServer { path in
            let client = try TestStreamClient(path: path)
            try client.send("one\ntwo\r\nth")
            try client.send("ree\n\n")
            #expect(try client.receive(lines: 4) == ["<one>", "<two>", "<three>", "<>"])
        }
    }

    @Test func aSlowAnswerIsNotOvertaken() async throws {
        let slow: ControlSocketServer.Handler = { line, reply in
            let delay = TimeAmount.milliseconds(line == "1" ? 50 : 0)
            MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: delay) {
                reply(line)
                reply("again")
            }
        }
        try await withServer(handler: slow) { path in
            let client = try TestStreamClient(path: path)
            try client.send("1\n2\n3\n")
            #expect(try client.receive(lines: 3) == ["1", "2", "3"])
        }
    }

    @Test func aLargeAnswerArrivesWhole() async throws {
        let large = String(repeating: "x", count: 1 << 20)
        try await withServer(handler: { _, reply in reply(large) }) { path in
            let client = try TestStreamClient(path: path)
            try client.send("calls\n")
            #expect(try client.receive(lines: 1) == [large])
        }
    }

    @Test func aLineBeyondTheLimitIsRefusedAndTheClientClosed() async throws {
        var limits = ControlSocketServer.Limits()
        limits.longestLineBytes = 1000
        try await withServer(limits: limits) { path in
            let client = try TestStreamClient(path: path)
            try client.send(String(repeating: "a", count: 1000) + "\n")
            #expect(try client.receive(lines: 1).first?.count == 1002)
            try client.send(String(repeating: "a", count: 1001))
            let rest = try client.receive(lines: 9)
            #expect(rest == [#"{"error":"a request longer than 1000 octets","result":"error"}"#])
        }
    }

    @Test func connectionsBeyondTheLimitAreRefusedAndPlacesAreGivenBack() async throws {
        var limits = ControlSocketServer.Limits()
        limits.connections = 2
        try await withServer(limits: limits) { path in
            do {
                let first = try TestStreamClient(path: path)
                let second = try TestStreamClient(path: path)
                try first.send("a\n")
                try second.send("b\n")
                #expect(try first.receive(lines: 1) + second.receive(lines: 1) == ["<a>", "<b>"])
                let third = try TestStreamClient(path: path)
                #expect(try third.receive(lines: 9).first?.contains("too many connections") == true)
            }
            var answer: [String] = []
            for _ in 0..<100 where answer != ["<c>"] {
                let next = try TestStreamClient(path: path)
                // The server may close before it has read; what counts is that a place becomes free again.
                try? next.send("c\n")
                answer = try next.receive(lines: 1)
                if answer != ["<c>"] { try await Task.sleep(for: .milliseconds(10)) }
            }
            #expect(answer == ["<c>"])
        }
    }

    @Test func anIdleClientIsClosed() async throws {
        var limits = ControlSocketServer.Limits()
        limits.idle = .milliseconds(20)
        try await withServer(limits: limits) { path in
            let client = try TestStreamClient(path: path)
            #expect(try client.receive(lines: 1) == [], "the end of the stream, not a time-out")
        }
    }

    @Test func onlyOwnerAndGroupMayConnect() async throws {
        try await withServer { path in
            var status = stat()
            try #require(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
        }
    }

    @Test func aLivingDaemonKeepsItsSocket() async throws {
        try await withServer { path in
            let error = #expect(throws: ControlTransportError.self) { try ControlSocketFile(creating: path) }
            #expect(error?.description.contains("another crosspointd") == true)
            let client = try TestStreamClient(path: path)
            try client.send("still there\n")
            #expect(try client.receive(lines: 1) == ["<still there>"])
        }
    }

    @Test func whatACrashedDaemonLeftIsReplaced() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let path = "\(directory.path)/control.sock"
        let crashed = try ControlSocketFile(creating: path)
        close(crashed.descriptor)
        let next = try ControlSocketFile(creating: path)
        crashed.remove()
        #expect(access(path, F_OK) == 0, "the late end of the old one does not remove the new one's file")
        next.remove()
        close(next.descriptor)
        #expect(access(path, F_OK) != 0)
    }

    @Test func anOrdinaryFileIsNotReplaced() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let path = "\(directory.path)/precious"
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        #expect(throws: ControlTransportError.self) { try ControlSocketFile(creating: path) }
        #expect(access(path, F_OK) == 0)
    }

    @Test(arguments: ["", String(repeating: "x", count: 108), "/nowhere/at/all/x.sock"])
    func anImpossiblePathIsRefused(path: String) {
        let error = #expect(throws: ControlTransportError.self) { try ControlSocketFile(creating: path) }
        #expect(error?.description.contains("control socket") == true)
    }

    @Test func theDirectoryIsMade() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let path = "\(directory.path)/run/control.sock"
        let file = try ControlSocketFile(creating: path)
        #expect(access(path, F_OK) == 0)
        file.remove()
        close(file.descriptor)
    }
}
