import CallControl
import RelayPlanning
import WireFormat

/// Sums as the command line interface shows them.
extension DaemonStatistics {
    /// `list totals`.
    var totalsText: String {
        var text = CommandLineTable()
        text.title("Statistics over currently running sessions:")
        self.addCurrent(to: &text)
        text.title("Total statistics (does not include current running sessions):")
        self.addTotals(to: &text)
        text.title("MOS statistics:", blankLinesBefore: 2)
        for value in self.totals.quality.sampled.prefix(1) { text.sampled(value) }
        text.title("VoIP metrics:", blankLinesBefore: 2)
        for value in self.totals.quality.sampled.dropFirst() { text.sampled(value) }
        for value in self.totals.quality.counted { text.line(value.title, "\(value.count)") }
        text.title("Control statistics:", blankLinesBefore: 2)
        self.addRequests(to: &text)
        for interface in self.interfaces {
            text.text += "\n\nVoIP metrics for interface \(interface.name)/\(interface.address):\n"
            for value in interface.quality.sampled { text.sampled(value) }
        }
        return text.text
    }

    /// `list counters`.
    var countersText: String {
        var text = CommandLineTable()
        text.title("Current per-second counters:")
        self.addRates(to: &text)
        return text.text
    }

    /// `list interfaces`.
    var interfacesText: String {
        self.interfaces.map { interface in
            let quality = interface.quality
            let traffic = interface.traffic
            func number(_ value: UInt64) -> String { String(value).padded(toLeft: 10) }
            func average(_ sum: SampledSum, _ digits: Int) -> String {
                DecimalText.fixed(sum.average, digits: digits)
            }
            let used = String(interface.usedPorts).padded(toLeft: 5)
            let total = String(interface.totalPorts).padded(toLeft: 5)
            let percent = DecimalText.fixed(interface.usedPercent, digits: 1).padded(toLeft: 5)
            let family = interface.address.family == .ipv4 ? "IPv4" : "IPv6"
            return """
                Interface '\(interface.name)' address '\(interface.address)' (\(family))
                 Port range: \(interface.range.lowerBound) - \(interface.range.upperBound)
                 Ports used: \(used) / \(total) (\(percent)%)
                 Packets/bytes/errors:
                  Ingress:   \(number(traffic.received.packets)) / \(number(traffic.received.bytes)) / \(number(traffic.receiveErrors))
                  Egress:    \(number(traffic.sent.packets)) / \(number(traffic.sent.bytes)) / \(number(traffic.sendErrors))
                 Packets lost/duplicates: \(number(quality.packetsLost)) / \(number(quality.duplicates))
                 MOS:    avg \(average(quality.scores, 1)), packet loss avg \(average(quality.packetLoss, 0))%
                 Jitter: avg \(average(quality.jitter, 0)) (measured \(average(quality.measuredJitter, 0)))
                 RTT:    e2e \(average(quality.roundTrip, 0)), dsct \(average(quality.legRoundTrip, 0))

                """
        }.joined(separator: "\n")
    }

    private func addCurrent(to text: inout CommandLineTable) {
        text.line("Owned sessions", "\(self.sessions)")
        text.line("Foreign sessions", "0")
        text.line("Total sessions", "\(self.sessions)")
        text.line("Transcoded media", "0")
        self.addRates(to: &text)
        text.line("Userspace-only media streams", "\(self.userspaceStreams)")
        text.line("Kernel-only media streams", "\(self.kernelStreams)")
        text.line("Mixed kernel/userspace media streams", "0")
    }

    private func addRates(to text: inout CommandLineTable) {
        let user = self.rates.userspace
        let kernel = self.rates.kernel
        let both = TrafficRates.Rate(
            packets: user.packets &+ kernel.packets, bytes: user.bytes &+ kernel.bytes,
            errors: user.errors &+ kernel.errors)
        for (name, rate) in [("userspace", user), ("kernel", kernel), ("total", both)] {
            text.line("Packets per second (\(name))", "\(rate.packets)")
            text.line("Bytes per second (\(name))", "\(rate.bytes)")
            text.line("Errors per second (\(name))", "\(rate.errors)")
        }
    }

    private func addTotals(to text: inout CommandLineTable) {
        text.line("Uptime of rtpengine", "\(Int64(self.uptimeSeconds)) seconds")
        text.line("Total managed sessions", "\(self.endedCalls)")
        text.line("Total rejected sessions", "\(self.calls.rejected)")
        text.line("Total timed-out sessions via TIMEOUT", "\(self.ended(.timeout))")
        text.line("Total timed-out sessions via SILENT_TIMEOUT", "\(self.ended(.silentTimeout))")
        text.line("Total timed-out sessions via FINAL_TIMEOUT", "\(self.ended(.finalTimeout))")
        text.line("Total timed-out sessions via OFFER_TIMEOUT", "\(self.ended(.offerTimeout))")
        text.line("Total regular terminated sessions", "\(self.ended(.terminated))")
        text.line("Total forced terminated sessions", "\(self.ended(.forceTerminated))")
        let user = self.userspace
        let kernel = self.kernel
        let both = Path(
            packets: user.packets &+ kernel.packets, bytes: user.bytes &+ kernel.bytes,
            errors: user.errors &+ kernel.errors)
        for (name, path) in [(" (userspace)", user), (" (kernel)", kernel), ("", both)] {
            text.line("Total relayed packets\(name)", "\(path.packets)")
            text.line("Total relayed packet errors\(name)", "\(path.errors)")
            text.line("Total relayed bytes\(name)", "\(path.bytes)")
        }
        text.line("Total number of streams with no relayed packets", "\(self.totals.zeroPacketStreams)")
        text.line("Total number of 1-way streams", "\(self.totals.oneWaySessions)")
        let durations = self.totals.durations
        func seconds(_ value: Double) -> String { DecimalText.fixed(value, digits: 6) + " seconds" }
        text.line("Average call duration", seconds(durations.average))
        text.line("Total calls duration", seconds(durations.sum))
        text.line("Total calls duration squared", seconds(durations.squares) + " squared")
        text.line("Total calls duration standard deviation", seconds(durations.deviation))
    }

    private func addRequests(to text: inout CommandLineTable) {
        let titles = ["Proxy".padded(toLeft: 20)] + RequestName.all.map { $0.title.padded(toLeft: 10) }
        text.text += " " + titles.joined(separator: " | ") + " \n"
        for (name, proxy) in self.requests.proxies.sorted(by: { $0.key < $1.key }) {
            let counts = RequestName.all.map { request in
                String(proxy.commands[request.command]?.count ?? 0).padded(toLeft: 10)
            }
            text.text += " " + ([name.padded(toLeft: 20)] + counts).joined(separator: " | ") + " \n"
        }
    }
}

/// Lines of a name and a value.
struct CommandLineTable {
    var text = ""

    /// A heading between blank lines.
    mutating func title(_ title: String, blankLinesBefore: Int = 1) {
        self.text += String(repeating: "\n", count: blankLinesBefore) + title + "\n\n"
    }

    /// ` NAME            :VALUE`.
    mutating func line(_ name: String, _ value: String) {
        self.text += " \(name.padded(toRight: 48)):\(value)\n"
    }

    /// Sum, squares, number, average and deviation.
    mutating func sampled(_ value: (name: String, title: String, sum: SampledSum)) {
        self.line("Sum of all \(value.title) values sampled", DecimalText.fixed(value.sum.sum, digits: 6))
        self.line(
            "Sum of all \(value.title) square values sampled", DecimalText.fixed(value.sum.squares, digits: 6)
        )
        self.line("Total number of \(value.title) samples", "\(value.sum.samples)")
        self.line("Average \(value.title)", DecimalText.fixed(value.sum.average, digits: 6))
        self.line("\(value.title) standard deviation", DecimalText.fixed(value.sum.deviation, digits: 6))
    }
}

extension String {
    /// Blanks in front, up to a width in octets, as printf counts.
    func padded(toLeft width: Int) -> String {
        String(repeating: " ", count: max(0, width - self.utf8.count)) + self
    }

    /// Blanks behind, likewise.
    func padded(toRight width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - self.utf8.count))
    }
}
