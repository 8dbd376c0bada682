import ControlVocabulary
import Testing

@Suite struct ControlCodecTests {
    @Test(arguments: [
        (#"{"command":"calls"}"#, ControlRequest(command: .calls)),
        (#"{"callID":"a@b","command":"terminate"}"#, ControlRequest(command: .terminate, callID: "a@b")),
    ])
    func aRequestIsOneLineBothWays(line: String, request: ControlRequest) throws {
        #expect(try ControlCodec.encode(request) == line)
        #expect(try ControlCodec.decodeRequest(line) == request)
    }

    @Test(arguments: [
        (#"{"command":"explode"}"#, "unknown command; known are calls, flows, stats, terminate"),
        (#"{}"#, "one JSON object a line"), ("calls", "one JSON object a line"),
        ("", "one JSON object a line"),
        (#"{"command":7}"#, "one JSON object a line"), (#"[{"command":"calls"}]"#, "one JSON object a line"),
    ])
    func aWrongRequestIsExplained(line: String, text: String) {
        let error = #expect(throws: ControlCodecError.self) { try ControlCodec.decodeRequest(line) }
        #expect(error?.description.contains(text) == true)
    }

    @Test func aFlowHasEveryKeyEvenWhereNothingIsKnown() throws {
        let flow = FlowSummary(
            callID: "c", media: 1, kind: "audio", component: .rtcp, fromTag: "t", local: "[::1]:30001")
        let line = ControlCodec.encode(reply: .flows([flow]))
        let expected = """
            {"flows":[{"age":0,"bytes":0,"callID":"c","component":"RTCP","engine":null,"from":null,\
            "fromIsSettled":false,"fromTag":"t","idle":null,"jitterMilliseconds":null,"kind":"audio","local":"[::1]:30001","lost":null,\
            "media":1,"packets":0,"path":"userspace","reasons":[],"relay":null,"to":null}],"result":"ok"}
            """
        #expect(line == expected)
        #expect(try ControlCodec.decodeReply(line) == .flows([flow]))
    }

    @Test func repliesSurviveTheJourney() throws {
        let call = CallSummary(
            callID: "\u{1B}\"\n", created: 1.5, age: 2.25, state: "answered",
            parties: [PartySummary(tag: "t", label: nil, address: "192.0.2.1:5004")], media: 1)
        let stats: [String: StatisticValue] = [
            "a": .integer(-3), "b": .number(0.25), "c": .text("x"), "d": .group(["e": .integer(1)]),
        ]
        for reply in [.done, .failed("no"), .calls([call]), .calls([]), .stats(stats)] as [ControlReply] {
            let line = ControlCodec.encode(reply: reply)
            #expect(!line.contains("\n"))
            #expect(try ControlCodec.decodeReply(line) == reply)
        }
    }

    @Test func aNumberThatJSONCannotHoldBecomesAnErrorReply() throws {
        let line = ControlCodec.encode(reply: .stats(["x": .number(.nan)]))
        #expect(try ControlCodec.decodeReply(line).result == .error)
    }

    @Test func clientsLookWhereDaemonsListen() {
        #expect(
            ControlSocketPath.candidates(userID: 0, runtimeDirectory: "/run/user/0") == [
                ControlSocketPath.system
            ])
        #expect(
            ControlSocketPath.candidates(userID: 5, runtimeDirectory: "/run/user/5")
                == ["/run/user/5/crosspoint/control.sock", ControlSocketPath.system])
        #expect(
            ControlSocketPath.standard(userID: 5, runtimeDirectory: nil) == "/tmp/crosspoint-5/control.sock")
        #expect(
            ControlSocketPath.standard(userID: 5, runtimeDirectory: "x") == "/tmp/crosspoint-5/control.sock")
    }
}
