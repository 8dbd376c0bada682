import CallControl
import ControlProtocols
import ControlVocabulary
import Foundation
import RelayPlanning
import Testing
import WireFormat

@testable import RelayDaemon

/// The documents of this package, read where the tests were built.
enum Document {
    static func text(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        return try String(contentsOf: root.appending(path: name), encoding: .utf8)
    }

    /// Each name in backticks, without the labels in braces that may follow it.
    static func names(in text: String) -> Set<String> {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        return Set(
            parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element.prefix { $0 != "{" }) })
    }
}

@Suite struct OperatingGuideTests {
    private func guide() throws -> Set<String> { Document.names(in: try Document.text("Docs/operating.md")) }

    @Test func everyMetricIsExplained() throws {
        var statistics = DaemonStatistics()
        statistics.requests.note(.ping, from: "192.0.2.1:99", seconds: 0.25, isError: false)
        statistics.interfaces = [
            DaemonStatistics.Interface(
                name: "pub", address: try #require(IPAddress("192.0.2.9")), range: 30000...30099,
                usedPorts: 4, freePorts: 96)
        ]
        let metrics = statistics.metrics.split(separator: "\n").compactMap { line in
            line.hasPrefix("# TYPE ") ? line.split(separator: " ").dropFirst(2).first.map(String.init) : nil
        }
        #expect(metrics.count > 70)
        let explained = try self.guide()
        #expect(Set(metrics).subtracting(explained).sorted() == [])
        let claimed = explained.filter { name in
            (name.hasPrefix("rtpengine_") || name.hasPrefix("crosspoint_")) && !name.hasSuffix("…")
                && name != "rtpengine_"
        }
        #expect(claimed.subtracting(metrics).sorted() == [], "explained, but not there")
    }

    @Test func everyCounterOfStatsIsExplained() throws {
        let harness = try RecordingHarness(ports: 57300...57319)
        try harness.call("documented")
        let lines = try harness.relay.on { relay in
            var limits = LoadLimits()
            limits.loadAverage = 1000
            limits.cpuPercent = 100
            limits.bytesPerSecond = 1 << 40
            relay.setLoadLimits(limits)
            relay.measureLoad(at: relay.clock.now.monotonic)
            relay.calls.load.cpuPercent = 1
            relay.calls.load.bytesPerSecond = 1
            return StatisticValue.group(relay.statistics()).lines.map(\.0)
        }
        #expect(lines.contains("load.cpuPercent") && lines.contains("recording.lostPackets"))
        let explained = try self.guide()
        let commands = Set(RequestName.all.map { "control.\($0.command)" })
        let names = lines.map { name in
            commands.contains(name)
                ? "control.COMMAND"
                : name.replacing(/^ports\.lo 127\.0\.0\.1\./, with: "ports.INTERFACE ADDRESS.")
        }
        #expect(Set(names).subtracting(explained).sorted() == [])
    }

    @Test func everyEndOfACallAndEveryReasonToDropIsExplained() throws {
        let explained = try self.guide()
        let ends = EndReason.allCases.map { "calls.ended.\($0.rawValue)" }
        let drops = DropReason.allCases.map { "\($0)" }
        #expect(Set(ends + drops).subtracting(explained).sorted() == [])
    }

    @Test func everyFieldOfTheDetailRecordIsExplained() throws {
        let explained = try self.guide()
        let fields = [
            "reason", "duration", "answered", "party", "tag", "label", "section", "media", "codec", "local",
            "remote", "in", "out", "in-kernel", "rtcp-in", "rtcp-out", "lost", "jitter", "mos",
            "lost-at-receiver", "rtt", "more",
        ]
        let source = try Document.text("Sources/RelayDaemon/Logging/CallDetailRecord.swift")
        let written = source.matches(of: /"([a-z-]+)=\\\(/).map { String($0.1) }
        #expect(Set(written) == Set(fields))
        #expect(Set(fields).subtracting(explained).sorted() == [])
    }
}
