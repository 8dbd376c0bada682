import CallControl
import ControlProtocols
import Testing
import WireFormat

@testable import RelayDaemon

/// A daemon with one call.
private struct FakeState: CommandLineState {
    var statistics = DaemonStatistics()
    var settings = RelaySettings(interfaces: [])
    var openFiles: (limit: UInt64, process: Int32) = (1024, 7)
    var logLevel = SyslogSeverity.info
    var families = MediaFamilies()
    var sessions = [
        SessionLine(callID: "abc", isEnding: true, createdSeconds: 1_795_272_588, proxy: "192.0.2.1:5")
    ]

    func hasCall(_ id: String) -> Bool { self.sessions.contains { $0.callID == id } }
}

@Suite struct CommandLineInterfaceTests {
    private func perform(_ line: String, state: FakeState = FakeState()) -> CommandLineOutcome {
        CommandLineInterface(state: state).perform(line)
    }

    private func text(_ line: String, state: FakeState = FakeState()) -> String {
        if case .text(let text, _) = self.perform(line, state: state) { text } else { "" }
    }

    /// Replies as rtpengine 10.5.3.5 gave them.
    @Test(arguments: [
        ("list sessions", "More parameters required.\n"), ("list", "More parameters required.\n"),
        ("get maxsessions", "Maximum sessions configured on rtpengine: -1\n"),
        ("list timeout", "TIMEOUT=60\n"), ("list finaltimeout", "FINAL_TIMEOUT=0\n"),
        ("list deletedelay", "30\n"), ("list sessions foreign", "No foreign sessions on this media relay.\n"),
        ("list sessions nope", "\nCall ID not found (nope).\n\n"),
        (
            "list sessions own",
            "callid:                                                          abc | deletionmark: yes"
                + " | created:  1795272588 | proxy:192.0.2.1:5 | redis_keyspace:0 | foreign:no\n"
        ),
        ("list maxopenfiles", "Maximum open-files configured on rtpengine: 1024; cat /proc/7/limits\n"),
        ("list maxcpu", "Maximum CPU usage configured on rtpengine: 0.0\n"),
        ("list maxload", "Maximum load average configured on rtpengine: 0.00\n"),
        ("list maxbw", "Maximum bandwidth configured on rtpengine: 0\n"),
        ("list transcoders", "No stats entries\n"), ("list controltos", "0\n"), ("list loglevel core", "6\n"),
        ("bogus", "Unknown or incomplete command::bogus\n"),
        ("set nope 5", "Unknown or incomplete command::nope 5\n"),
        ("set maxsessions", "More parameters required.\n"),
        ("set maxsessions x", "Fail setting maxsessions to x; no digists found\n"),
        ("set maxsessions -5", "Fail setting maxsessions to -5; either positive or -1 values allowed\n"),
        ("set timeout abc", "Fail setting timeout to abc; no digists found\n"),
        ("terminate", "More parameters required.\n"), ("terminate nope", "\nCall Id not found (nope).\n\n"),
        ("debug", "No call ID specified\n"), ("debug nope on", "Call ID 'nope' not found\n"),
    ])
    func theWordsAreRtpengines(line: String, reply: String) {
        #expect(self.text(line) == reply)
    }

    @Test func whatIsSetIsSaidAndDone() {
        #expect(
            self.perform("set maxsessions 0")
                == .text("Success setting maxsessions to 0\n", actions: [.setMaxSessions(0)]))
        #expect(
            self.perform("set maxsessions -1")
                == .text(
                    "Success setting maxsessions to -1; disable feature\n", actions: [.setMaxSessions(nil)]))
        #expect(
            self.perform("set silenttimeout 500")
                == .text("Success setting timeout to 500\n", actions: [.setTimeout(.silent, seconds: 500)]))
        #expect(
            self.perform("set deletedelay 0")
                == .text(
                    "Success setting delete-delay to 0\n", actions: [.setTimeout(.deleteDelay, seconds: 0)]))
        #expect(
            self.perform("set loglevel core 5")
                == .text("Success setting loglevel to 5\n", actions: [.setLogLevel(.notice)]))
        #expect(
            self.perform("  terminate\tabc ")
                == .text(
                    "\nCall Id (abc) successfully terminated by operator.\n\n",
                    actions: [.terminate(callID: "abc")]))
        #expect(
            self.perform("terminate all")
                == .text("All calls terminated by operator.\n", actions: [.terminateAll]))
        #expect(self.perform("terminate foreign") == .text("All foreign calls terminated by operator.\n"))
        #expect(
            self.perform("debug abc off")
                == .text(
                    "Disabled debugging for call 'abc'\n", actions: [.setDebug(callID: "abc", isOn: false)]))
        #expect(self.perform("list sessions abc") == .details(callID: "abc"))
        #expect(self.perform("call abc info") == .details(callID: "abc"))
    }

    @Test(arguments: [
        "set timeout 0", "set timeout -1", "set timeout 99999999999", "set maxsessions 99999999999999",
        "set loglevel 9", "set loglevel srtp 5", "set loglevel core", "set maxcpu 50",
        "set maxopenfiles 5000",
        "set redisdisable 1", "ksadd 5", "standby", "", " ", "list\u{0}", "call", "call abc what",
        "set \(String(repeating: "9", count: 4000)) 1",
    ])
    func whatCannotBeDoneIsNotDone(line: String) {
        guard case .text(let text, let actions) = self.perform(line) else {
            Issue.record("details")
            return
        }
        #expect(actions.isEmpty)
        #expect(text.hasSuffix("\n") && !text.contains("Success"))
    }

    @Test func everyListedWordIsAnswered() {
        let help = self.text("list help").split(separator: "\n").dropFirst().map { $0.dropFirst() }
        #expect(help.count > 15)
        for word in help { #expect(!self.text("list \(word)").hasPrefix("Unknown"), "\(word)") }
        let settable = self.text("set help").split(separator: "\n").dropFirst().map { $0.dropFirst() }
        for word in settable { #expect(self.text("set \(word) 7").hasPrefix("Success"), "\(word)") }
    }

    @Test func totalsHaveTheirPlaces() {
        var state = FakeState()
        state.statistics.sessions = 3
        state.statistics.totals.durations.add(2)
        state.statistics.totals.durations.add(4)
        let lines = self.text("list totals", state: state).split(separator: "\n")
        #expect(lines.contains(" Owned sessions                                  :3"))
        #expect(lines.contains(" Average call duration                           :3.000000 seconds"))
        #expect(lines.contains(" Total calls duration squared                    :20.000000 seconds squared"))
        #expect(lines.contains(" Total calls duration standard deviation         :1.000000 seconds"))
    }
}
