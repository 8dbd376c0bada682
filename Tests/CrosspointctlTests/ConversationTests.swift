import ArgumentParser
import ControlVocabulary
import Glibc
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import RelayDaemon
@testable import crosspointctl

/// The client against the daemon's real socket server.
@Suite struct ConversationTests {
    @Test func aQuestionIsAnsweredOverTheSocket() async throws {
        var template = Array("/tmp/crosspoint-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = "\(directory)/control.sock"
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = try await ControlSocketServer.start(path: path, on: group.next(), logger: logger) {
            line, reply in
            let answer: ControlReply
            do {
                let request = try ControlCodec.decodeRequest(line)
                answer = request.command == .terminate ? .failed("no such call") : .calls([])
            } catch {
                answer = .failed("\(error)")
            }
            reply(ControlCodec.encode(reply: answer))
        }.get()
        let client = ControlClient(paths: ["/nowhere", path])
        let calls = try client.ask(try ControlCodec.encode(ControlRequest(command: .calls)))
        #expect(try ControlCodec.decodeReply(calls) == .calls([]))
        #expect(throws: ControlClientError("no such call")) {
            try Terminate.parse(["some-call", "--socket", path]).run()
        }
        let nonsense = try ControlCodec.decodeReply(try client.ask("nonsense"))
        #expect(nonsense.error?.contains("one JSON object a line") == true)
        try await server.close().get()
        try await group.shutdownGracefully()
        rmdir(directory)
    }
}
