import CallControl
import ControlProtocols
import WireFormat

extension SessionLine {
    /// One line of `list sessions all`.
    var text: String {
        let created = String(self.createdSeconds).padded(toLeft: 12)
        let mark = (self.isEnding ? "yes" : "no").padded(toLeft: 4)
        return "callid: \(self.callID.padded(toLeft: 60)) | deletionmark:\(mark) | created:\(created)"
            + " | proxy:\(self.proxy) | redis_keyspace:0 | foreign:no\n"
    }
}

/// `list sessions CALLID`.
enum SessionDetails {
    /// The whole text.
    static func text(
        _ line: SessionLine, report: CallReport, statistics: CallStatistics, now: SignallingTime
    ) -> String {
        var text = """

            callid: \(line.callID)
            deletionmark: \(line.isEnding ? "yes" : "no")
            created: \(line.createdSeconds)
            proxy: \(line.proxy)
            tos: \(report.trafficClass)
            last_signal: \(report.lastSignal.unixSeconds)
            redis_keyspace: 0
            foreign: no


            """
        for (index, party) in statistics.parties.enumerated() {
            let created =
                report.parties.indices.contains(index) ? report.parties[index].created : report.created
            let age = now.monotonic.seconds(since: created.monotonic)
            text += """
                --- Tag '\(party.tag)', type: \(index == 0 ? "FROM_TAG" : "TO_TAG"), label '\(party.label ?? "")', \
                branch '\(party.viaBranch ?? "")', callduration \(DecimalText.fixed(age, digits: 6))

                """
            for other in party.subscriptions { text += "---     subscribed to '\(other.tag)'\n" }
            for other in party.subscribers { text += "---     subscription of '\(other.tag)'\n" }
            for media in party.medias {
                text +=
                    "------ Media #\(media.index) (\(media.type) over \(media.protocolName ?? "unknown protocol"))"
                text += " using \(media.codec ?? "unknown codec")\n"
                for stream in media.streams { text += self.line(stream, of: media) }
            }
        }
        return text + "\n"
    }

    private static func line(_ stream: StreamStatistics, of media: MediaStatistics) -> String {
        let isRTCP = stream.flags.contains(.rtcp) && !stream.flags.contains(.rtp)
        let source = isRTCP ? 0 : media.ingressSources.first?.ssrc ?? 0
        let counters = stream.received
        return "-------- Port \(self.end(stream.local)) <> \(self.end(stream.endpoint))"
            + "\(isRTCP ? " (RTCP)" : ""), SSRC \(String(source, radix: 16)), \(counters.packets) p,"
            + " \(counters.bytes) b, \(counters.errors) e, \(stream.lastPacketSeconds) ts\n"
    }

    private static func end(_ address: TransportAddress?) -> String {
        let host = address?.address.description ?? ""
        return "\(host.padded(toLeft: 15)):\(String(address?.port ?? 0).padded(toRight: 5))"
    }
}
