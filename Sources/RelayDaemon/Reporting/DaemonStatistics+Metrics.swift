import CallControl
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// `GET /metrics`.
///
/// Names and labels are rtpengine's (ng.md 4.3). Where it counts by `type`, the same series have one more label `path`
/// of the same value: whoever adds up the types gets the same sum as before, and whoever wants the path has it by the
/// name that the rest of this daemon uses. What only this daemon has begins with `crosspoint_`.
extension DaemonStatistics {
    /// The whole text.
    var metrics: String {
        var text = PrometheusText()
        self.addSessions(to: &text)
        self.addTraffic(to: &text)
        self.addEnded(to: &text)
        self.addRequests(to: &text)
        self.addInterfaces(to: &text)
        self.addOwn(to: &text)
        return text.text
    }

    private static func path(_ name: String) -> [(String, String)] { [("type", name), ("path", name)] }

    private func addSessions(to text: inout PrometheusText) {
        text.family("rtpengine_sessions", .gauge, "Owned sessions")
        text.sample(self.sessions, [("type", "own")])
        text.sample(0, [("type", "foreign")])
        text.single("rtpengine_transcoded_media", .gauge, "Transcoded media", UInt64(0))
        text.family(
            "rtpengine_mediastreams", .gauge, "Directions of media streams whose source is known, by path")
        text.sample(self.userspaceStreams, Self.path("userspace"))
        text.sample(self.kernelStreams, Self.path("kernel"))
        text.sample(0, Self.path("mixed"))
        text.single("rtpengine_uptime_seconds", .gauge, "Uptime", UInt64(max(0, self.uptimeSeconds)))
        text.single("rtpengine_sessions_total", .counter, "Total managed sessions", self.endedCalls)
        text.family("rtpengine_closed_sessions_total", .counter, "Sessions that were refused or have ended")
        text.sample(self.calls.rejected, [("reason", "rejected")])
        for reason in [
            EndReason.timeout, .silentTimeout, .finalTimeout, .offerTimeout, .terminated, .forceTerminated,
        ] {
            text.sample(self.ended(reason), [("reason", reason.rawValue)])
        }
    }

    private func addTraffic(to text: inout PrometheusText) {
        let paths = [("userspace", self.userspace), ("kernel", self.kernel)]
        text.family("rtpengine_packets_total", .counter, "Total relayed packets")
        for (name, path) in paths { text.sample(path.packets, Self.path(name)) }
        text.family("rtpengine_packet_errors_total", .counter, "Total packets that were not relayed")
        for (name, path) in paths { text.sample(path.errors, Self.path(name)) }
        text.family("rtpengine_bytes_total", .counter, "Total relayed octets of UDP payload")
        for (name, path) in paths { text.sample(path.bytes, Self.path(name)) }
    }

    private func addEnded(to text: inout PrometheusText) {
        text.single(
            "rtpengine_zero_packet_streams_total", .counter,
            "Total number of streams with no relayed packets", self.totals.zeroPacketStreams)
        text.single(
            "rtpengine_one_way_sessions_total", .counter, "Total number of 1-way streams",
            self.totals.oneWaySessions)
        let durations = self.totals.durations
        text.single("rtpengine_call_duration_avg", .gauge, "Average call duration", durations.average)
        text.single("rtpengine_call_duration_total", .counter, "Total calls duration", durations.sum)
        text.single(
            "rtpengine_call_duration2_total", .counter, "Total calls duration squared", durations.squares)
        for sampled in self.totals.quality.sampled {
            let name = "rtpengine_\(sampled.name)"
            let help = "\(sampled.title) values sampled"
            text.single("\(name)_total", .counter, "Sum of all \(help)", sampled.sum.sum)
            text.single("\(name)2_total", .counter, "Sum of the squares of all \(help)", sampled.sum.squares)
            text.single(
                "\(name)_samples_total", .counter, "Total number of \(sampled.title) samples",
                sampled.sum.samples)
        }
        for counted in self.totals.quality.counted {
            text.single("rtpengine_\(counted.name)", .counter, counted.title, counted.count)
        }
    }

    private func addRequests(to text: inout PrometheusText) {
        let proxies = self.requests.proxies.sorted { $0.key < $1.key }
        guard !proxies.isEmpty else { return }
        text.family("rtpengine_requests_total", .counter, "Control requests by controller and command")
        for (name, proxy) in proxies {
            for request in RequestName.performed {
                text.sample(
                    proxy.commands[request.command]?.count ?? 0,
                    [("proxy", name), ("request", request.command)])
            }
        }
        text.family("rtpengine_request_seconds_total", .counter, "Time until their replies were ready")
        for (name, proxy) in proxies {
            for request in RequestName.performed {
                text.sample(
                    proxy.commands[request.command]?.seconds ?? 0,
                    [("proxy", name), ("request", request.command)])
            }
        }
        text.family("rtpengine_errors_total", .counter, "Control requests answered with an error")
        for (name, proxy) in proxies { text.sample(proxy.errors, [("proxy", name)]) }
    }

    private func addInterfaces(to text: inout PrometheusText) {
        func each(
            _ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: (Interface) -> UInt64
        ) {
            text.family("rtpengine_\(name)", kind, help)
            for interface in self.interfaces { text.sample(value(interface), interface.labels) }
        }
        func bothWays(_ name: String, _ help: String, _ value: (InterfaceTraffic.Totals, Bool) -> UInt64) {
            text.family("rtpengine_interface_\(name)", .counter, help)
            for interface in self.interfaces {
                text.sample(value(interface.traffic, true), interface.labels + [("direction", "ingress")])
                text.sample(value(interface.traffic, false), interface.labels + [("direction", "egress")])
            }
        }
        each("ports_used", .gauge, "Media ports in use") { UInt64(max(0, $0.usedPorts)) }
        each("ports_free", .gauge, "Media ports that are free") { UInt64(max(0, $0.freePorts)) }
        each("ports", .gauge, "Media ports") { UInt64(max(0, $0.totalPorts)) }
        bothWays("packets", "Packets of media") { $1 ? $0.received.packets : $0.sent.packets }
        bothWays("bytes", "Octets of media, UDP payload") { $1 ? $0.received.bytes : $0.sent.bytes }
        bothWays("errors", "Packets that were not relayed") { $1 ? $0.receiveErrors : $0.sendErrors }
        each("interface_packets_lost", .counter, "Packets lost") { $0.quality.packetsLost }
        each("interface_duplicates", .counter, "Duplicate RTP packets") { $0.quality.duplicates }
        for (index, sampled) in QualityTotals().sampled.enumerated() {
            let name = "rtpengine_interface_\(sampled.name)"
            text.family("\(name)_total", .counter, "Sum of all \(sampled.title) values sampled")
            for interface in self.interfaces {
                text.sample(interface.quality.sampled[index].sum.sum, interface.labels)
            }
            text.family(
                "\(name)2_total", .counter, "Sum of the squares of all \(sampled.title) values sampled")
            for interface in self.interfaces {
                text.sample(interface.quality.sampled[index].sum.squares, interface.labels)
            }
            text.family("\(name)_samples_total", .counter, "Total number of \(sampled.title) samples")
            for interface in self.interfaces {
                text.sample(interface.quality.sampled[index].sum.samples, interface.labels)
            }
        }
    }

    private func addOwn(to text: inout PrometheusText) {
        text.family("crosspoint_build_info", .gauge, "Always 1; the version and the userspace engine")
        text.sample(1, [("version", CrosspointVersion.text), ("engine", self.engine)])
        text.family(
            "crosspoint_dropped_packets_total", .counter, "Packets not forwarded in userspace, by reason")
        for reason in DropReason.allCases { text.sample(self.drops[reason], [("reason", "\(reason)")]) }
        text.single("crosspoint_workers", .gauge, "Userspace workers", UInt64(self.workers))
        text.single(
            "crosspoint_buffer_shortages_total", .counter, "Times a worker found no free receive buffer",
            self.bufferShortages)
        text.single(
            "crosspoint_receive_errors_total", .counter, "Other receive errors of workers",
            self.receiveErrors)
        text.single("crosspoint_open_ports", .gauge, "Open relay ports", UInt64(max(0, self.openPorts)))
        text.single(
            "crosspoint_kernel_path_works", .gauge, "1 if media can be forwarded by the kernel",
            UInt64(self.kernelPathWorks ? 1 : 0))
        text.single(
            "crosspoint_kernel_flows", .gauge, "Flows in the kernel", UInt64(max(0, self.kernelStreams)))
        text.single(
            "crosspoint_kernel_refusals_total", .counter, "Flows that the kernel did not take",
            self.totals.kernelRefusals)
        text.single(
            "crosspoint_omitted_log_lines_total", .counter,
            "Log lines left out because there were many like them", self.omittedLogLines)
        text.single(
            "crosspoint_lost_log_messages_total", .counter,
            "Log messages lost because whoever reads the log was too slow or stuck", self.lostLogMessages)
        text.single(
            "crosspoint_repeated_requests_total", .counter,
            "Control requests that were answered before, and were answered again", self.requests.repeated)
        text.single(
            "crosspoint_malformed_requests_total", .counter, "Control requests without a cookie",
            self.requests.malformed)
        text.family(
            "crosspoint_max_sessions", .gauge, "Most calls at a time; -1 for no limit, 0 for no new ones")
        text.sample(self.maxSessions ?? -1)
        self.addRecordings(to: &text)
    }

    private func addRecordings(to text: inout PrometheusText) {
        guard let (totals, lostPackets) = self.recordings else { return }
        text.single(
            "crosspoint_recordings", .gauge, "Recordings whose files are open",
            UInt64(max(0, totals.active)))
        text.family("crosspoint_recordings_ended_total", .counter, "Recordings that have ended, by outcome")
        for (outcome, count) in [
            ("finished", totals.finished), ("discarded", totals.discarded), ("failed", totals.failed),
        ] {
            text.sample(count, [("outcome", outcome)])
        }
        text.single(
            "crosspoint_recorded_packets_total", .counter, "Packets written to recordings", totals.packets)
        text.single(
            "crosspoint_recorded_bytes_total", .counter, "Bytes written to recordings", totals.octets)
        text.single(
            "crosspoint_recording_lost_packets_total", .counter,
            "Packets missing from recordings because the disk was too slow", lostPackets)
    }
}

extension DaemonStatistics.Interface {
    fileprivate var labels: [(String, String)] {
        [("name", self.name), ("address", self.address.description)]
    }
}

extension QualityTotals {
    /// The sampled values with their names in metrics and JSON, and in words.
    var sampled: [(name: String, title: String, sum: SampledSum)] {
        [
            ("mos", "MOS", self.scores), ("jitter", "jitter (reported)", self.jitter),
            ("rtt_e2e", "end-to-end round-trip time", self.roundTrip),
            ("rtt_dsct", "discrete round-trip time", self.legRoundTrip),
            ("packetloss", "packet loss", self.packetLoss),
            ("jitter_measured", "jitter (measured)", self.measuredJitter),
        ]
    }

    /// The counters likewise. `rtp_skips` is not among them: gaps are counted by packet, as losses, and not one by one.
    var counted: [(name: String, title: String, count: UInt64)] {
        [
            ("packets_lost", "Packets lost", self.packetsLost),
            ("rtp_duplicates", "Duplicate RTP packets", self.duplicates),
            ("rtp_seq_resets", "RTP sequence resets", self.resets),
            ("rtp_reordered", "Out-of-order RTP packets", self.reordered),
        ]
    }
}
