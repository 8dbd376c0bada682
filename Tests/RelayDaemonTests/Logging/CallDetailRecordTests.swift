import CallControl
import ControlProtocols
import NATRules
import RelayPlanning
import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct CallDetailRecordTests {
    @Test(arguments: [
        ("abc", "abc"), ("a b", "\"a b\""), ("a=b", "\"a=b\""), ("x | party=9", "\"x | party=9\""),
        ("", "\"\""), ("q\"\\", "\"q\\\"\\\\\""), ("ü", "\"ü\""),
    ])
    func noTextFromOutsideLooksLikeAField(text: String, word: String) {
        #expect(CallDetailRecord.word(text) == word)
    }

    @Test func aLongTextIsCut() {
        #expect(CallDetailRecord.word(String(repeating: "x", count: 500)) == "xxxxxxxxxxxxxxxx...")
        // One character, thousands of octets.
        let zalgo = "x" + String(repeating: "\u{301}", count: 5000)
        #expect(CallDetailRecord.word(zalgo).utf8.count < 40)
    }

    @Test func subscribersAndPublishersAreNamedAsSuch() throws {
        let relay = try RelayHarness(ports: 46500...46599)
        try relay.request([
            "command": "publish", "call-id": "cdr-3", "from-tag": "p", "sdp": RelayHarness.audio(port: 42000),
        ])
        let reply = try relay.request([
            "command": "subscribe request", "call-id": "cdr-3", "from-tag": "p", "to-tag": "x | party=9",
        ])
        #expect(reply["result"] as? String == "ok")
        try relay.delete("cdr-3", from: "p")
        let line = try #require(relay.waitForLine { $0.contains("call reason=") })
        #expect(line.contains(" | party=1 tag=p role=publisher section=1 "))
        #expect(line.contains(" | party=2 tag=\"x | party=9\" role=subscriber section=1 "))
    }

    @Test func aCallThatEndsLeavesOneLineWithItsCounters() throws {
        let relay = try RelayHarness(ports: 46200...46299)
        try relay.offer("cdr-1", port: 42000)
        try relay.answer("cdr-1", port: 42010)
        #expect(try relay.beHeard())
        try relay.delete("cdr-1")
        let line = try #require(relay.waitForLine { $0.contains("call reason=") })
        #expect(line.hasPrefix("INFO: [cdr-1] call reason=terminated duration=0."))
        #expect(
            line.contains(
                " answered=yes | party=1 tag=a section=1 media=audio codec=PCMU/8000 local=127.0.0.1:"))
        #expect(line.contains(" | party=2 tag=b section=1 media=audio "))
        #expect(line.contains(" in=1/172/0 "))
        #expect(line.contains(" lost=0 jitter=0.0"))
        #expect(relay.lines.filter { $0.contains("call reason=") }.count == 1)
    }

    @Test func aCallWithManySectionsHasALineOfBoundedLength() throws {
        let relay = try RelayHarness(ports: 46300...46499, maxPorts: 256)
        let more = (1..<20).map { "m=audio \(42000 + 2 * $0) RTP/AVP 0\r\n" }.joined()
        try relay.request([
            "command": "offer", "call-id": "cdr-2", "from-tag": String(repeating: "t", count: 200),
            "sdp": RelayHarness.audio(port: 42000) + more,
        ])
        try relay.delete("cdr-2", from: String(repeating: "t", count: 200))
        let line = try #require(relay.waitForLine { $0.contains("call reason=") })
        #expect(line.contains(" answered=no "))
        #expect(line.hasSuffix(" | more=24\n"))
        #expect(line.utf8.count < 4000)
    }
}
