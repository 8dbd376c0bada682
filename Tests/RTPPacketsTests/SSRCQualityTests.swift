import RTPPackets
import Testing
import WireFormat

@Suite struct SSRCQualityTests {
    /// A tracker that heard `packets` packets of source 1, and at `seconds` a sender report of it with that many
    /// packets, and a report on source 2 with that jitter.
    private func port(packets: UInt16, reportAt seconds: Double) throws -> [SSRCQuality] {
        var tracker = QualityTracker()
        for number in 0..<packets {
            let packet = RTPBuilder(sequence: number, ssrc: 1)
            tracker.receiveRTP(try packet.header(), bytes: 172, at: MonotonicTime(seconds: 1))
        }
        let report = RTCPBuilder.senderReport(
            ssrc: 1, ntp: 1, packets: UInt32(packets),
            blocks: [RTCPBuilder.Block(ssrc: 2, jitter: UInt32(packets))])
        _ = try tracker.receiveRTCP(
            report.span.bytes, at: MonotonicTime(seconds: seconds), otherSide: nil)
        return tracker.sources
    }

    @Test func ofSeveralPortsTheFullerCountAndTheLaterReportStay() throws {
        let many = try self.port(packets: 9, reportAt: 5)
        let few = try self.port(packets: 3, reportAt: 8)
        for lists in [[many, few], [few, many]] {
            let joined = SSRCQuality.joined(lists)
            #expect(joined.map(\.ssrc) == [1, 2])
            #expect(joined[0].received?.packets == 9)
            #expect(joined[0].sent?.report.packetCount == 3)
            #expect(joined[0].reported == nil)
            #expect(joined[1].reported?.report.jitter == 3)
            #expect(joined[1].received == nil && joined[1].sent == nil)
        }
    }

    @Test func nothingJoinedIsNothing() {
        #expect(SSRCQuality.joined([]).isEmpty)
        #expect(SSRCQuality.joined([[], QualityTracker().sources]).isEmpty)
    }
}
