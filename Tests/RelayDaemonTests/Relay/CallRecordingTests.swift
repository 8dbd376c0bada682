import CallControl
import ControlProtocols
import Foundation
import Logging
import RelayPlanning
import Testing
import WireFormat

@testable import RelayDaemon

/// Recordings from the command to the file, with real sockets, workers and a real disk. (What tcpdump and tshark make of
/// the files is asked in the laboratory.)
@Suite("Recording calls", .serialized)
struct CallRecordingTests {
    @Test("From start to stop each packet of both directions is in the file, none before and none after")
    func startAndStop() throws {
        let harness = try RecordingHarness(ports: 57000...57019)
        try harness.call("c1")
        #expect(harness.send(0..<5))
        #expect(try harness.command(.start, "c1") == ["result": "ok"])
        for start in stride(from: UInt16(5), to: 300, by: 59) { #expect(harness.send(start..<start + 59)) }
        #expect(harness.send(1000..<1010, from: 1))
        #expect(try harness.command(.stop, "c1") == ["result": "ok"])
        #expect(harness.send(300..<305))
        #expect(harness.wait { harness.files.contains { $0.hasPrefix("metadata/") } })

        try #require(harness.files.count == 2)
        #expect(harness.files[0].hasPrefix("metadata/rtpengine-meta-c1-"))
        #expect(harness.files[1].hasPrefix("pcaps/c1-"))
        let packets = try harness.packets(harness.files[1])
        let targets = harness.targets.map(\.port)
        #expect(packets.filter { $0.to == targets[0] }.map(\.number) == Array(5..<300))
        #expect(packets.filter { $0.to == targets[1] }.map(\.number) == Array(1000..<1010))
        let isOf = harness.log.lines(.notice).contains { $0.contains("recording finished: 305 packets") }
        #expect(isOf)
    }

    @Test("The metadata of a call recorded from its offer is rtpengine's")
    func metadata() throws {
        let harness = try RecordingHarness(ports: 57020...57039)
        try harness.relay.on { relay in
            var options = OfferAnswerOptions()
            options.recordsCall = true
            options.metadata = "first|word"
            let sdp = Array(RelayHarness.audio(port: 9).utf8)
            let offer = OfferAnswer(
                selector: CallSelector(callID: "c2", fromTag: "a"), sdp: sdp, options: options)
            _ = try relay.calls.offer(offer, at: relay.clock.now, ports: relay.ports)
            let warnings = relay.record(
                options, ofTag: "a", in: "c2", as: "offer", sdp: sdp, at: relay.clock.now)
            #expect(warnings.isEmpty)
        }
        let reply = try harness.relay.answer("c2", port: 10)
        let paths = try #require(reply["recordings"] as? [String])
        #expect(harness.wait { harness.files.count == 2 })
        #expect(paths == [harness.directory.path() + "/" + harness.files[0]])
        #expect(harness.files[1].hasPrefix("tmp/"))
        try harness.relay.delete("c2")
        #expect(harness.wait { harness.files.contains { $0.hasPrefix("metadata/") } })
        let text = try harness.text(harness.files[0])
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == paths[0])
        #expect(lines[1] == "" && lines[2] == "")
        #expect(lines[3].hasPrefix("Timestamp started ms: "))
        #expect(lines[4...6] == ["SDP mode: offer", "SDP before RTP packet: 1", ""])
        #expect(text.contains("\nSDP mode: answer\nSDP before RTP packet: 1\n\nv=0\r\n"))
        #expect(text.contains("\n\ncall start time: 20"))
        #expect(!text.contains("(first monologue): 0.000"))
        #expect(text.hasSuffix("\n\n\nfirst|word\n"))
    }

    @Test("A pause leaves packets out and goes on in the same file")
    func pause() throws {
        let harness = try RecordingHarness(ports: 57040...57059)
        try harness.call("c3")
        try harness.command(.start, "c3")
        #expect(harness.send(0..<5))
        try harness.command(.pause, "c3")
        try harness.command(.pause, "c3")
        #expect(harness.send(5..<10))
        try harness.command(.start, "c3")
        #expect(harness.send(10..<15))
        try harness.command(.stop, "c3")
        #expect(harness.wait { harness.files.contains { $0.hasPrefix("metadata/") } })
        try #require(harness.files.count == 2)
        #expect(try harness.packets(harness.files[1]).map(\.number) == Array(0..<5) + Array(10..<15))
        let text = try harness.text(harness.files[0])
        #expect(text.components(separatedBy: "Recording paused at: ").count == 2)
        #expect(text.components(separatedBy: "Recording resumed at: ").count == 2)
    }

    @Test("Of two calls that are joined, one recording goes on for all, and the other one is finished")
    func joinedCalls() throws {
        let harness = try RecordingHarness(ports: 57180...57199)
        try harness.call("j2", from: "c", to: "d")
        try harness.command(.start, "j2")
        #expect(harness.send(0..<5))
        try harness.call("j1")
        try harness.connect("j1", "a", to: "j2", "d")
        // What j2 began goes on, by either name.
        #expect(try harness.relay.on { $0.recording.active.keys.sorted() } == ["j1"])
        try harness.command(.stop, "j2")
        #expect(harness.wait { harness.files.contains { $0.hasPrefix("metadata/") } })
        #expect(try harness.relay.on { $0.recording.active.isEmpty })

        try harness.call("j3", from: "e", to: "f")
        try harness.command(.start, "j1")
        try harness.command(.start, "j3")
        try harness.connect("j1", "a", to: "j3", "f")
        #expect(harness.wait { harness.files.filter { $0.hasPrefix("metadata/") }.count == 2 })
        let active = try harness.relay.on { $0.recording.active.keys.sorted() }
        #expect(active == ["j1"])
        let controllers = try harness.relay.on { $0.controllers.keys.sorted() }
        #expect(controllers == ["j1"])
        try harness.relay.delete("j3", from: "f")
        try harness.relay.delete("j1", from: "a")
        #expect(harness.wait { harness.files.filter { $0.hasPrefix("metadata/") }.count == 3 })
        #expect(harness.files.allSatisfy { !$0.hasPrefix("tmp/") })
    }

    @Test("What is published and subscribed to is in the metadata")
    func publishedDescriptions() throws {
        let harness = try RecordingHarness(ports: 57200...57219)
        let sdp = RelayHarness.audio(port: 9)
        let published = try harness.relay.request([
            "command": "publish", "call-id": "p1", "from-tag": "p", "sdp": sdp, "record-call": "yes",
            "ptime": 20,
        ])
        #expect((published["warning"] as? String)?.contains("ptime") == true)
        #expect(try harness.relay.on { $0.controllers["p1"] } != nil)
        let subscribed = try harness.relay.request([
            "command": "subscribe request", "call-id": "p1", "from-tag": "p", "to-tag": "s",
        ])
        #expect(subscribed["result"] as? String == "ok")
        try harness.relay.delete("p1", from: "p")
        #expect(harness.wait { harness.files.contains { $0.hasPrefix("metadata/") } })
        let text = try harness.text(harness.files.first { $0.hasPrefix("metadata/") } ?? "")
        #expect(text.contains("\nSDP mode: publish\n") && text.contains("\nSDP mode: subscribe request\n"))
    }

    @Test("What is discarded leaves no file")
    func discard() throws {
        let harness = try RecordingHarness(ports: 57060...57079)
        try harness.call("c4")
        try harness.command(.start, "c4")
        #expect(harness.send(0..<5))
        #expect(harness.wait { harness.files.count == 2 })
        var options = RecordingOptions()
        options.discards = true
        try harness.command(.stop, "c4", options)
        #expect(harness.wait { harness.files.isEmpty })
        #expect(harness.send(5..<10))
        #expect(harness.files.isEmpty)
    }

    @Test("A name that is taken is not overwritten")
    func takenName() throws {
        let harness = try RecordingHarness(ports: 57080...57099)
        try harness.call("c5")
        var options = RecordingOptions()
        options.file = "mine"
        options.directory = "customers/7"
        for _ in 0..<2 {
            try harness.command(.start, "c5", options)
            #expect(harness.send(0..<2))
            try harness.command(.stop, "c5", options)
        }
        #expect(harness.wait { harness.files.filter { $0.hasPrefix("metadata/") }.count == 2 })
        let captures = harness.files.filter { $0.hasSuffix(".pcap") }
        #expect(captures.count == 2 && captures.contains("customers/7/mine.pcap"))
        #expect(captures.allSatisfy { $0.hasPrefix("customers/7/mine") })
        for capture in captures { #expect(try harness.packets(capture).count == 2) }
    }

    @Test("What a controller must not choose is said in reply and log, and the recording has its usual name")
    func refusedPlace() throws {
        let harness = try RecordingHarness(ports: 57100...57119)
        try harness.call("c6")
        var options = RecordingOptions()
        options.file = "../../etc/passwd"
        let reply = try harness.command(.start, "c6", options)
        #expect(reply["result"] == "ok")
        #expect(reply["warning"]?.contains("recordings stay below") == true)
        #expect(harness.wait { harness.files.contains { $0.hasPrefix("pcaps/c6-") } })
        #expect(harness.log.lines(.warning).count == 1)
    }

    @Test("Unknown calls are errors, and without recordings or a directory commands are not")
    func replies() throws {
        let harness = try RecordingHarness(ports: 57120...57139)
        for word in [RecordingHarness.RecordingWord.start, .pause, .stop] {
            #expect(
                try harness.command(word, "nix") == ["result": "error", "error-reason": "Unknown call-ID"])
        }
        try harness.call("c7")
        #expect(try harness.command(.stop, "c7") == ["result": "ok"])
        #expect(try harness.command(.pause, "c7") == ["result": "ok"])

        let without = try RelayHarness(ports: 57140...57159)
        try without.offer("c8", port: 9)
        let warning = try without.on { relay in
            relay.startRecording(
                RecordingRequest(selector: CallSelector(callID: "c8")), at: relay.clock.now
            ).dictionary["warning"]?.text
        }
        #expect(warning?.contains("--recording-dir") == true)
    }

    @Test("A file that cannot be written ends the recording and not the call")
    func noPermission() throws {
        // A directory stands where the file should be, which not even root can write to.
        let harness = try RecordingHarness(ports: 57160...57179) { directory in
            try Data().write(to: directory.appending(path: "blocked"))
        }
        try harness.call("c9")
        var options = RecordingOptions()
        options.directory = "blocked"
        try harness.command(.start, "c9", options)
        #expect(harness.send(0..<5))
        #expect(try harness.wait { try harness.relay.on { $0.calls.recording(of: "c9") == nil } })
        let error = try #require(harness.log.lines(.error).first)
        #expect(error.contains("[c9] the recording ends, the call goes on: "))
        #expect(error.contains("/blocked"))
        #expect(harness.send(5..<10))
        #expect(try harness.relay.on { $0.recording.recorder?.totals.failed } == 1)
        // The next one has a place of its own.
        try harness.command(.start, "c9")
        #expect(harness.wait { harness.files.contains { $0.hasPrefix("pcaps/c9-") } })
    }

    @Test("A full disk ends the recording with what fitted, and not the call")
    func fullDisk() throws {
        let harness = try RecordingHarness(ports: 57180...57199)
        // The size limit of files stands for a full disk: writing fails in the same place (EFBIG).
        signal(SIGXFSZ, SIG_IGN)
        try harness.call("c10")
        try harness.command(.start, "c10")
        #expect(harness.wait { harness.files.count == 2 })
        var old = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
        var small = old
        small.rlim_cur = 100_000
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &small)
        defer { setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old) }
        for start in stride(from: UInt16(0), to: 1500, by: 50) { #expect(harness.send(start..<start + 50)) }
        #expect(try harness.wait { try harness.relay.on { $0.calls.recording(of: "c10") == nil } })
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
        #expect(harness.send(2000..<2010))
        let capture = try #require(harness.files.first { $0.hasPrefix("pcaps/") })
        let packets = try harness.packets(capture).map(\.number)
        #expect(!packets.isEmpty && packets == Array(0..<UInt16(packets.count)))
        // Nothing is cut in the middle of a packet.
        #expect(try harness.contents(capture).count == 24 + packets.count * (16 + 28 + 172))
        #expect(harness.log.lines(.error).contains { $0.contains("make room on that file system") })
        #expect(harness.files.contains { $0.hasPrefix("metadata/rtpengine-meta-c10-") })
    }

    @Test("The end of the relay finishes all files; what a crash left is named at the start")
    func stopAndLeftovers() throws {
        let harness = try RecordingHarness(ports: 57200...57219) { directory in
            let temporary = directory.appending(path: "tmp")
            try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
            try Data().write(to: temporary.appending(path: "rtpengine-meta-old-1.tmp"))
        }
        #expect(harness.log.lines(.warning).contains { $0.contains("rtpengine-meta-old-1.tmp") })
        try harness.call("c11")
        try harness.command(.start, "c11")
        #expect(harness.send(0..<20))
        try harness.relay.on { $0.stop() }
        let capture = try #require(harness.files.first { $0.hasPrefix("pcaps/c11-") })
        #expect(try harness.packets(capture).count == 20)
        #expect(harness.files.contains { $0.hasPrefix("metadata/rtpengine-meta-c11-") })
    }

    @Test("Directories and files have the modes that were asked for")
    func modes() throws {
        let harness = try RecordingHarness(
            ports: 57220...57239,
            change: { configuration in
                configuration.directoryMode = 0o711
                configuration.fileMode = 0o666
            })
        try harness.call("c12")
        try harness.command(.start, "c12")
        #expect(harness.wait { harness.files.count == 2 })
        for path in harness.files + ["pcaps", "tmp", "metadata"] {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: harness.directory.path() + "/" + path)
            let mode = try #require(attributes[.posixPermissions] as? NSNumber).uint32Value
            #expect(mode == (path.contains("/") ? 0o666 : 0o711), "\(path)")
        }
    }

    @Test("A port that opens while the call is recorded is recorded too")
    func laterPort() throws {
        let harness = try RecordingHarness(ports: 57240...57259)
        try harness.call("c13")
        try harness.command(.start, "c13")
        try harness.relay.offer("c13", from: "a", to: "b", port: 4242)
        let areRecorded = try harness.relay.on { relay in
            relay.calls.ports(of: "c13").map { port in
                guard case .userspace(let reasons) = relay.ledger.path(of: port) else { return false }
                return reasons.contains(.recording)
            }
        }
        #expect(areRecorded.count > 4 && !areRecorded.contains(false))
    }
}
