import ControlVocabulary
import Foundation
import Testing

@testable import crosspointctl

@Suite struct RenderingTests {
    @Test func callsAreAligned() {
        let calls = [
            CallSummary(
                callID: "a@example.org", created: 1, age: 7.9, state: "answered",
                parties: [
                    PartySummary(tag: "t1", label: "caller", address: "192.0.2.1:5004"),
                    PartySummary(tag: "t2"),
                ],
                media: 1),
            CallSummary(
                callID: "b", created: 1, age: 125, state: "offered",
                parties: [
                    PartySummary(tag: "t3", blocked: ["DTMF", "media"]),
                    PartySummary(tag: "t4", role: "subscriber"),
                ], media: 12),
        ]
        #expect(
            Rendering.calls(calls) == """
                CALL-ID        STATE       AGE  MEDIA  PARTIES
                a@example.org  answered     7s      1  caller at 192.0.2.1:5004, t2
                b              offered   2m05s     12  t3 (DTMF blocked, media blocked), t4 (subscriber)
                """)
    }

    @Test func flowsOfBothFamiliesAreAligned() {
        var kernel = FlowSummary(
            callID: "a", media: 1, kind: "audio", component: .rtp, fromTag: "t", local: "192.0.2.9:30000")
        kernel.from = "198.51.100.7:40001"
        kernel.fromIsSettled = true
        kernel.relay = "10.0.0.1:30002"
        kernel.to = "10.0.0.7:5004"
        kernel.path = .kernel
        kernel.packets = 1500
        kernel.bytes = 258000
        kernel.lost = 3
        kernel.jitterMilliseconds = 1.26
        kernel.age = 30
        kernel.idle = 0
        var userspace = FlowSummary(
            callID: "a", media: 1, kind: "audio", component: .rtcp, fromTag: "t", local: "[2001:db8::9]:30001"
        )
        userspace.from = "[2001:db8::7]:5005"
        userspace.engine = "epoll"
        userspace.reasons = ["RTCP is read by the daemon", "not RTP"]
        let unknown = FlowSummary(
            callID: "a", media: 2, kind: "video", component: .rtp, fromTag: "t", local: "192.0.2.9:30004")
        let lines = Rendering.flows([kernel, userspace, unknown]).split(separator: "\n")
        #expect(lines.count == 4)
        #expect(
            lines[1].contains(
                "198.51.100.7:40001   192.0.2.9:30000      10.0.0.1:30002  10.0.0.7:5004  kernel"))
        #expect(lines[1].hasSuffix("1500  258000     3   1.3ms  30s    0s"))
        #expect(lines[2].contains("[2001:db8::7]:5005?  [2001:db8::9]:30001  -               -"))
        #expect(lines[2].contains("  userspace (epoll)  "))
        #expect(lines[2].hasSuffix("RTCP is read by the daemon; not RTP"))
        let offset = { (line: Substring, text: String) in
            line.range(of: text)?.lowerBound.utf16Offset(in: line)
        }
        let column = offset(lines[0], "LOCAL")
        #expect(column != nil && offset(lines[3], "192.0.2.9:30004") == column)
    }

    @Test func anEmptyDaemonSaysSo() {
        #expect(Rendering.calls([]) == "no calls")
        #expect(Rendering.flows([]) == "no flows")
        #expect(Rendering.stats(.group([:])).isEmpty)
    }

    @Test func statisticsAreFlattenedAndSorted() {
        let stats = StatisticValue.group([
            "packets": .group(["userspace": .integer(5), "kernel": .integer(7)]), "load": .number(0.5),
            "version": .text("0.1.0"),
        ])
        #expect(
            Rendering.stats(stats) == "load: 0.5\npackets.kernel: 7\npackets.userspace: 5\nversion: 0.1.0")
    }

    @Test func aCallIDCannotSteerTheTerminal() {
        let call = CallSummary(
            callID: "x\u{1B}[2J\ny\u{9B}1m", created: 0, age: 0, state: "s", parties: [], media: 0)
        let text = Rendering.calls([call])
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x9B || $0 == "\n" })
        #expect(text.split(separator: "\n").count == 2)
    }

    @Test(
        arguments: [
            (0, "0s"), (59.9, "59s"), (60, "1m00s"), (3599, "59m59s"), (3600, "1h00m"), (86399, "23h59m"),
            (90000, "1d01h"), (-1, "-"), (.nan, "-"), (.infinity, "-"),
        ] as [(Double, String)])
    func durationsAreShort(seconds: Double, text: String) {
        #expect(Rendering.duration(seconds) == text)
    }
}
