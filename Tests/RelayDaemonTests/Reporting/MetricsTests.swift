import CallControl
import ControlProtocols
import Testing
import UserspaceForwarding
import WireFormat

@testable import RelayDaemon

/// Reads Prometheus' text format as strictly as its description says; throws at the first departure.
struct MetricsReader {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var samples: [String: Double] = [:]
    private(set) var kinds: [String: String] = [:]

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Fault(description: "the last line has no end") }
        var family = ""
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                family = words[2]
                guard self.kinds[family] == nil else { throw Fault(description: "\(family) comes twice") }
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, words[2] == family, ["counter", "gauge"].contains(words[3]) else {
                    throw Fault(description: "\(line)")
                }
                self.kinds[family] = words[3]
            } else {
                try self.readSample(String(line), family: family)
            }
        }
    }

    private mutating func readSample(_ line: String, family: String) throws {
        guard
            let match = line.wholeMatch(
                of: /([a-z_][a-z0-9_]*)(\{([a-z]+="([^"\\\n]|\\[\\"n])*",?)*\})? (-?[0-9.]+)/)
        else { throw Fault(description: "no sample: \(line)") }
        guard match.1 == family, self.kinds[family] != nil else {
            throw Fault(description: "out of place: \(line)")
        }
        let key = "\(match.1)\(match.2 ?? "")"
        guard let value = Double(match.5), self.samples.updateValue(value, forKey: key) == nil else {
            throw Fault(description: "twice, or no number: \(line)")
        }
    }
}

@Suite struct MetricsTests {
    private func filled() throws -> DaemonStatistics {
        var statistics = DaemonStatistics()
        statistics.sessions = 2
        statistics.kernelStreams = 3
        statistics.userspaceStreams = 1
        statistics.kernel.packets = 100
        statistics.userspace.packets = 11
        statistics.userspace.errors = 4
        statistics.calls.ended = [.timeout: 2, .terminated: 5, .shutdown: 1]
        statistics.totals.durations.add(12.5)
        statistics.totals.quality.scores.add(4.1)
        statistics.requests.note(.ping, from: "192.0.2.1:99", seconds: 0.25, isError: false)
        statistics.requests.note(.ping, from: "192.0.2.1:98", seconds: 0.25, isError: true)
        statistics.requests.note(refusalOf: "[2001:db8::1]:5")
        statistics.interfaces = [
            DaemonStatistics.Interface(
                name: "a\"b\\c\nd", address: try #require(IPAddress("192.0.2.9")), range: 30000...30099,
                usedPorts: 4, freePorts: 96)
        ]
        return statistics
    }

    @Test func theTextIsWhatTheFormatAllows() throws {
        let text = try self.filled().metrics
        let read = try MetricsReader(text)
        #expect(read.samples["rtpengine_sessions{type=\"own\"}"] == 2)
        #expect(read.samples["rtpengine_mediastreams{type=\"kernel\",path=\"kernel\"}"] == 3)
        #expect(read.samples["rtpengine_closed_sessions_total{reason=\"timeout\"}"] == 2)
        #expect(read.samples["rtpengine_sessions_total"] == 8)
        #expect(read.samples["rtpengine_call_duration_total"] == 12.5)
        #expect(read.samples["rtpengine_requests_total{proxy=\"192.0.2.1\",request=\"ping\"}"] == 2)
        #expect(read.samples["rtpengine_request_seconds_total{proxy=\"192.0.2.1\",request=\"ping\"}"] == 0.5)
        #expect(read.samples["rtpengine_errors_total{proxy=\"192.0.2.1\"}"] == 1)
        #expect(read.samples["rtpengine_errors_total{proxy=\"2001:db8::1\"}"] == 1)
        #expect(read.samples["rtpengine_ports_free{name=\"a\\\"b\\\\c\\nd\",address=\"192.0.2.9\"}"] == 96)
        #expect(read.samples["crosspoint_max_sessions"] == -1)
        #expect(read.samples["crosspoint_recordings"] == nil)
    }

    @Test func whatIsMissingFromRecordingsIsThereToAlarm() throws {
        var statistics = try self.filled()
        statistics.recordings = (RecordingTotals(active: 2, finished: 5, failed: 1, packets: 77), 9)
        let samples = try MetricsReader(statistics.metrics).samples
        #expect(samples["crosspoint_recordings"] == 2)
        #expect(samples["crosspoint_recordings_ended_total{outcome=\"finished\"}"] == 5)
        #expect(samples["crosspoint_recordings_ended_total{outcome=\"failed\"}"] == 1)
        #expect(samples["crosspoint_recorded_packets_total"] == 77)
        #expect(samples["crosspoint_recording_lost_packets_total"] == 9)
    }

    @Test func addingUpTheTypesGivesEverythingOnce() throws {
        let read = try MetricsReader(try self.filled().metrics)
        let packets = read.samples.filter { $0.key.hasPrefix("rtpengine_packets_total{") }
        #expect(packets.values.reduce(0, +) == 111)
        for key in packets.keys {
            let type = key.firstMatch(of: /type="([a-z]+)"/)?.1
            #expect(type != nil && type == key.firstMatch(of: /path="([a-z]+)"/)?.1)
        }
    }

    /// The names that dashboards for rtpengine ask for, from ng.md 4.3.
    @Test func rtpenginesNamesAreThere() throws {
        let read = try MetricsReader(try self.filled().metrics)
        var names = [
            "sessions", "transcoded_media", "mediastreams", "uptime_seconds", "sessions_total",
            "closed_sessions_total", "packets_total", "packet_errors_total", "bytes_total",
            "zero_packet_streams_total", "one_way_sessions_total", "call_duration_avg", "call_duration_total",
            "call_duration2_total", "packets_lost", "rtp_duplicates", "rtp_seq_resets", "rtp_reordered",
            "requests_total", "request_seconds_total", "errors_total", "ports", "ports_used", "ports_free",
            "interface_packets", "interface_bytes", "interface_errors", "interface_packets_lost",
            "interface_duplicates",
        ]
        for value in ["mos", "jitter", "rtt_e2e", "rtt_dsct", "packetloss", "jitter_measured"] {
            for prefix in ["", "interface_"] {
                names += ["_total", "2_total", "_samples_total"].map { "\(prefix)\(value)\($0)" }
            }
        }
        for name in names { #expect(read.kinds["rtpengine_\(name)"] != nil, "\(name)") }
    }

    @Test func aDaemonThatDidNothingHasMetricsToo() throws {
        let read = try MetricsReader(DaemonStatistics().metrics)
        #expect(read.samples["rtpengine_call_duration_avg"] == 0)
    }

    @Test func controllersBeyondTheLimitAreOneName() throws {
        var statistics = DaemonStatistics()
        for number in 0..<10_000 {
            statistics.requests.note(
                .ping, from: "10.0.\(number / 256).\(number % 256):5", seconds: 0, isError: false)
        }
        #expect(statistics.requests.proxies.count == RequestTotals.mostProxies + 1)
        #expect(statistics.metrics.utf8.count < 200_000)
        #expect(
            statistics.requests.proxies[RequestTotals.others]?.commands["ping"]?.count
                == UInt64(10_000 - RequestTotals.mostProxies))
    }

    @Test(arguments: [
        (0.0, 6, "0.000000"), (1.5, 1, "1.5"), (-0.25, 2, "-0.25"), (0.0000004, 6, "0.000000"),
        (2.0 / 3, 3, "0.667"), (1e17, 2, "100000000000000000.00"), (.infinity, 1, "0.0"), (.nan, 0, "0"),
        (9.9999, 2, "10.00"), (-0.001, 1, "0.0"), (1e30, 0, "18446744073709551615"), (3.0, 0, "3"),
    ])
    func numbersAreWrittenWithoutTheHelpOfALocale(value: Double, digits: Int, text: String) {
        #expect(DecimalText.fixed(value, digits: digits) == text)
    }
}

@Suite struct StatisticsTreeTests {
    @Test func theStructureIsRtpengines() throws {
        let dictionary = try #require(DaemonStatistics().tree.ngValue.dictionary)
        #expect(
            Set(dictionary.entries.map(\.key)) == [
                "currentstatistics", "totalstatistics", "mos", "voip_metrics", "controlstatistics",
                "interfaces",
                "transcoders",
            ])
        let total = try #require(dictionary["totalstatistics"]?.dictionary)
        #expect(total["avgcallduration"] == "0.000000", "fractions are text in NG")
        #expect(total["uptime"] == 0)
    }

    @Test func theSameAsJSONHasNumbers() {
        let node: StatisticsNode = [
            "a\"b": .decimal(1.5), "c": .list([.integer(-1), .text("x\n")]), "d": [:],
        ]
        #expect(node.json == #"{"a\"b":1.500000,"c":[-1,"x\n"],"d":{}}"#)
        #expect(DaemonStatistics().tree.json.contains(#""avgcallduration":0.000000"#))
    }
}
