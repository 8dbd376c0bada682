import CallControl
import RTPPackets
import RelayPlanning
import WireFormat

/// The one line that is written at the end of a call: who talked, through which ports, on which path, and how well.
///
/// ```
/// call reason=terminated duration=62.1 answered=yes | party=1 tag=a section=1 media=audio codec=PCMU
///   local=192.0.2.1:30000 remote=198.51.100.7:4000 in=3100/533200/0 out=3099/533028/0 in-kernel=3080
///   rtcp-in=12/816/0 rtcp-out=12/816/0 lost=1 jitter=0.4 mos=4.3 rtt=21.5 | party=2 …
/// ```
///
/// Counters are packets, octets of UDP payload, and packets that were not forwarded or could not be sent; times are
/// milliseconds, the duration seconds. What is not known is left out. Texts that come from outside are quoted if they
/// are not plain words, so that none can look like another field.
struct CallDetailRecord {
    /// The call that ended.
    let ended: EndedCall
    /// What was counted, by port.
    var traffic: [RelayPortID: PortTraffic] = [:]
    /// What is known of the sources heard, by port.
    var quality: [RelayPortID: [SSRCQuality]] = [:]

    /// Sections that a line has room for; of the others only their number is told.
    static let mostSections = 16
    /// Octets of a text from outside.
    static let longestText = 64

    /// The line, without the call-id, which the log puts before it.
    var text: String {
        var fields = ["call", "reason=\(self.ended.reason.rawValue)"]
        fields.append("duration=\(Self.decimal(self.ended.durationSeconds))")
        fields.append("answered=\(self.ended.report.isAnswered ? "yes" : "no")")
        let reported = self.reportedSources
        var sections: [String] = []
        var left = 0
        for (number, party) in self.ended.report.parties.enumerated() {
            for (index, media) in party.media.enumerated() {
                guard sections.count < Self.mostSections else {
                    left += 1
                    continue
                }
                var words = ["party=\(number + 1)"]
                if let tag = party.tag { words.append("tag=\(Self.word(tag))") }
                if party.isSubscriber { words.append("role=subscriber") }
                if party.isPublisher { words.append("role=publisher") }
                if let label = party.label { words.append("label=\(Self.word(label))") }
                words.append("section=\(index + 1)")
                words += self.describe(media, reported: reported)
                sections.append(words.joined(separator: " "))
            }
        }
        if left > 0 { sections.append("more=\(left)") }
        return ([fields.joined(separator: " ")] + sections).joined(separator: " | ")
    }

    /// What receivers reported of each source, whichever port heard the report.
    private var reportedSources: [UInt32: ReportedQuality] {
        var sources: [UInt32: ReportedQuality] = [:]
        for source in SSRCQuality.joined(Array(self.quality.values)) {
            if let reported = source.reported { sources[source.ssrc] = reported }
        }
        return sources
    }

    private func describe(_ media: MediaReport, reported: [UInt32: ReportedQuality]) -> [String] {
        var words = ["media=\(Self.word(media.kind))"]
        if let codec = media.codec { words.append("codec=\(Self.word(codec))") }
        let rtp = media.ports.filter { $0.plan.component == .rtp }
        let rtcp = media.ports.filter { $0.plan.component != .rtp }
        if let port = rtp.first {
            words.append("local=\(port.plan.local)")
            if let remote = self.traffic[port.plan.id]?.remote ?? port.plan.signalled {
                words.append("remote=\(remote)")
            }
        }
        let sum = self.sum(of: rtp)
        words.append("in=\(sum.received.packets)/\(sum.received.bytes)/\(sum.receiveErrors)")
        words.append("out=\(sum.sent.packets)/\(sum.sent.bytes)/\(sum.sendErrors)")
        if sum.receivedInKernel.packets > 0 { words.append("in-kernel=\(sum.receivedInKernel.packets)") }
        let control = self.sum(of: rtcp)
        if control.received.packets > 0 || control.sent.packets > 0 {
            words.append(
                "rtcp-in=\(control.received.packets)/\(control.received.bytes)/\(control.receiveErrors)")
            words.append("rtcp-out=\(control.sent.packets)/\(control.sent.bytes)/\(control.sendErrors)")
        }
        return words + self.describeQuality(of: rtp, reported: reported)
    }

    /// The quality of what the party sent: its main source as heard here and as its receiver reported.
    private func describeQuality(of ports: [PortReport], reported: [UInt32: ReportedQuality]) -> [String] {
        let heard = ports.flatMap { self.quality[$0.plan.id] ?? [] }.compactMap(\.received)
        guard let main = heard.max(by: { $0.packets < $1.packets }) else { return [] }
        var words = ["lost=\(main.sequence.lost)"]
        words.append("jitter=\(Self.decimal(Double(main.jitter.microseconds) / 1000))")
        guard let report = reported[main.ssrc] else { return words }
        if let average = report.history.average {
            words.append("mos=\(average.scoreTenths / 10).\(average.scoreTenths % 10)")
        }
        words.append("lost-at-receiver=\(report.report.cumulativeLost)")
        if let trip = report.roundTripMicroseconds ?? report.legRoundTripMicroseconds {
            words.append("rtt=\(Self.decimal(Double(trip) / 1000))")
        }
        return words
    }

    private func sum(of ports: [PortReport]) -> PortTraffic {
        var sum = PortTraffic()
        for port in ports {
            guard let traffic = self.traffic[port.plan.id] else { continue }
            sum.received += traffic.received
            sum.receivedInKernel += traffic.receivedInKernel
            sum.sent += traffic.sent
            sum.receiveErrors &+= traffic.receiveErrors
            sum.sendErrors &+= traffic.sendErrors
        }
        return sum
    }

    /// A text from outside as one word: cut, and quoted if it could be taken for anything else.
    static func word(_ text: String) -> String {
        let short = Self.shortened(text)
        let isPlain =
            !short.isEmpty && short.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Self.special.contains($0) }
        guard !isPlain else { return short }
        var quoted = "\""
        for character in short.unicodeScalars {
            if character == "\"" || character == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }

    /// By octets, of which a character may have any number.
    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > Self.longestText else { return text }
        var short = String.UnicodeScalarView()
        var octets = 0
        for scalar in text.unicodeScalars {
            octets += UTF8.width(scalar)
            guard octets <= Self.longestText / 4 else { break }
            short.append(scalar)
        }
        return String(short) + "..."
    }

    private static let special = Set("\"\\|=".utf8)

    /// With one digit after the point.
    private static func decimal(_ value: Double) -> String {
        let tenths = Int((max(0, min(value, 1e12)) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
