import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// What `query` and `delete` tell; the shape of a whole reply is compared in TranscriptTests.
@Suite struct StatisticsTests {
    let calls: CallHarness
    let offered: UInt16
    let answered: UInt16

    init() throws {
        let calls = try CallHarness()
        calls.now = 100
        self.offered = try calls.offer(sdp: audio("198.51.100.1", 4000)) { $0.strictSource = true }.port()
        self.answered = try calls.answer(sdp: audio("198.51.100.3", 5000)).port()
        self.calls = calls
    }

    private func traffic(_ packets: UInt64, bytes: UInt64, at seconds: Double) -> PortTraffic {
        var traffic = PortTraffic()
        traffic.received = TrafficCounters(packets: packets, bytes: bytes)
        traffic.lastUser = MonotonicTime(seconds: seconds)
        return traffic
    }

    private func statistics(of traffic: [UInt16: PortTraffic]) throws -> CallStatistics {
        let report = try #require(self.calls.table.report(of: "c1"))
        self.calls.now = 200
        var builder = CallStatisticsBuilder(report: report, now: self.calls.time)
        for (port, traffic) in traffic { builder.traffic[try self.calls.plan(port: port).id] = traffic }
        return builder.build()
    }

    @Test func withoutTrafficNothingWasHeard() throws {
        let statistics = try self.statistics(of: [:])
        #expect(statistics.createdMicroseconds == 100_000_000)
        #expect(statistics.rtpTotals == PacketCounters() && statistics.rtcpTotals == PacketCounters())
        #expect(statistics.parties.map(\.tag) == ["a", "b"])
        for media in statistics.parties.flatMap(\.medias) {
            #expect(media.codec == nil)
            #expect(media.streams.map(\.lastPacketSeconds) == [100, 100])
            #expect(media.streams.map(\.lastKernelPacketSeconds) == [0, 0])
        }
    }

    @Test func countersAreThoseOfTheStreamAndOfTheCall() throws {
        var kernel = self.traffic(7, bytes: 70, at: 150)
        kernel.lastKernel = MonotonicTime(seconds: 160)
        kernel.remote = TransportAddress("198.51.100.77:4444")
        kernel.isSettled = true
        kernel.isInKernel = true
        kernel.sendErrors = 2
        let statistics = try self.statistics(of: [
            self.answered: kernel, self.answered + 1: self.traffic(1, bytes: 100, at: 120),
        ])
        let caller = try #require(statistics.parties.first?.medias.first)
        let rtp = try #require(caller.streams.first)
        #expect(rtp.received == PacketCounters(packets: 7, bytes: 70) && rtp.sent.errors == 2)
        #expect(rtp.endpoint == TransportAddress("198.51.100.77:4444"))
        #expect(rtp.advertisedEndpoint == TransportAddress("198.51.100.1:4000"))
        #expect(rtp.flags == [.rtp, .filled, .confirmed, .kernelized, .strictSource])
        #expect(
            (rtp.lastPacketSeconds, rtp.lastUserPacketSeconds, rtp.lastKernelPacketSeconds) == (160, 150, 160)
        )
        #expect(caller.codec == "PCMU/8000")
        #expect(statistics.rtpTotals.packets == 7 && statistics.rtcpTotals.packets == 1)
    }

    @Test func whatEarlierPortsCountedBelongsToTheSameStream() throws {
        let again = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4100)).port()
        let statistics = try self.statistics(of: [
            self.offered: self.traffic(5, bytes: 50, at: 150), again: self.traffic(3, bytes: 30, at: 140),
        ])
        let streams = try #require(statistics.parties.last?.medias.first).streams
        #expect(streams.count == 2)
        #expect(streams.first?.local?.port == again)
        #expect(streams.first?.received == PacketCounters(packets: 8, bytes: 80))
        #expect(streams.first?.lastPacketSeconds == 150)
        #expect(statistics.rtpTotals.packets == 8)
    }
}
