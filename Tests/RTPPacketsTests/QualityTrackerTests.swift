import RTPPackets
import Testing
import WireFormat

/// Two parties with a relay between them, on virtual time: reports pass as a forwarder would let them pass.
private struct RelayedCall {
    var alice: QualityTracker
    var bob: QualityTracker

    init(scoring: QualityScoring = .conversational, clockRates: ClockRates = .standard) {
        self.alice = QualityTracker(clockRates: clockRates, scoring: scoring)
        self.bob = QualityTracker(clockRates: clockRates, scoring: scoring)
    }

    mutating func fromAlice(_ bytes: [UInt8], at milliseconds: Double) throws {
        let now = MonotonicTime(seconds: milliseconds / 1000)
        self.bob.remember(
            try self.alice.receiveRTCP(bytes.span.bytes, at: now, otherSide: self.bob.asOtherSide))
    }

    mutating func fromBob(_ bytes: [UInt8], at milliseconds: Double) throws {
        let now = MonotonicTime(seconds: milliseconds / 1000)
        self.alice.remember(
            try self.bob.receiveRTCP(bytes.span.bytes, at: now, otherSide: self.alice.asOtherSide))
    }

    /// What is known of one source at both ports together.
    func quality(of ssrc: UInt32) -> SSRCQuality? {
        SSRCQuality.joined([self.alice.sources, self.bob.sources]).first { $0.ssrc == ssrc }
    }
}

@Suite struct QualityTrackerTests {
    static let aliceSSRC: UInt32 = 0xA11CE
    static let bobSSRC: UInt32 = 0xB0B

    /// NTP middle 32 bits `middle`.
    private func ntp(_ middle: UInt32) -> UInt64 { 0xE8F6_0000_0000_0000 | UInt64(middle) << 16 }

    private func block(
        _ ssrc: UInt32, _ middle: UInt32, held: Double = 0, loss: UInt8 = 0, jitter: UInt32 = 0
    ) -> RTCPBuilder.Block {
        RTCPBuilder.Block(
            ssrc: ssrc, fractionLost: loss, jitter: jitter, lastSenderReport: middle,
            delay: UInt32(held * 65536 / 1000))
    }

    /// Alice's leg takes 30 ms there and back, Bob's 80 ms; each holds a report for a second.
    private func exchange(_ call: inout RelayedCall, loss: UInt8 = 0, jitter: UInt32 = 0) throws {
        try call.fromAlice(RTCPBuilder.senderReport(ssrc: Self.aliceSSRC, ntp: self.ntp(7)), at: 1000)
        try call.fromBob(
            RTCPBuilder.senderReport(
                ssrc: Self.bobSSRC, ntp: self.ntp(9), packets: 50, octets: 8000,
                blocks: [self.block(Self.aliceSSRC, 7, held: 1000)]), at: 2080)
        try call.fromAlice(
            RTCPBuilder.receiverReport(
                ssrc: Self.aliceSSRC,
                blocks: [self.block(Self.bobSSRC, 9, held: 1000, loss: loss, jitter: jitter)]), at: 3110)
    }

    @Test func bothLegsMakeTheEndToEndRoundTrip() throws {
        var call = RelayedCall()
        try self.exchange(&call)
        #expect(call.bob.legRoundTripMicroseconds == 80_000)
        #expect(call.alice.legRoundTripMicroseconds == 30_000)
        let reported = try #require(call.quality(of: Self.bobSSRC)?.reported)
        #expect(reported.legRoundTripMicroseconds == 30_000)
        #expect(reported.roundTripMicroseconds == 110_000)
        #expect(reported.history.samples == 1)
    }

    @Test func thereIsNoConversationalScoreBeforeBothLegsAreKnown() throws {
        var call = RelayedCall()
        try self.exchange(&call)
        let first = try #require(call.quality(of: Self.aliceSSRC)?.reported)
        #expect(first.legRoundTripMicroseconds == 80_000)
        #expect(first.roundTripMicroseconds == nil)
        #expect(first.history.samples == 0)
    }

    @Test func listeningQualityNeedsNoRoundTrip() throws {
        var call = RelayedCall(scoring: .listening)
        try call.fromBob(
            RTCPBuilder.receiverReport(
                ssrc: Self.bobSSRC, blocks: [self.block(Self.aliceSSRC, 0, loss: 13, jitter: 160)]), at: 100)
        let history = try #require(call.quality(of: Self.aliceSSRC)?.reported?.history)
        #expect(history.samples == 1)
        #expect(history.latest?.roundTripMicroseconds == nil)
        // 5.08 % lost, jitter 20 ms, delay 50 ms: R = 93.2 − 1.2 − 15.98 = 76.02.
        #expect(history.latest?.scoreTenths == 39)
        #expect(history.latest?.packetLossPercent == 5)
        #expect(history.latest?.jitterMilliseconds == 20)
    }

    @Test func theScoreHasLossJitterAndRoundTripInIt() throws {
        var call = RelayedCall()
        try self.exchange(&call, loss: 26, jitter: 400)
        let sample = try #require(call.quality(of: Self.bobSSRC)?.reported?.history.average)
        // 10.16 % lost, jitter 50 ms, 110 ms there and back: Ta = 165, R = 93.2 − 3.96 − 27.37 = 61.87.
        #expect(sample.scoreTenths == 32)
        #expect(sample.packetLossPercent == 10)
        #expect(sample.jitterMicroseconds == 50_000)
        #expect(sample.roundTripMicroseconds == 110_000)
        #expect(sample.legRoundTripMicroseconds == 30_000)
        #expect(sample.reportedAt == MonotonicTime(seconds: 3.11))
    }

    @Test func theJitterIsReadWithTheClockOfTheSourceAsHeardAcrossTheRelay() throws {
        var rates = ClockRates()
        rates[111] = 48000
        var call = RelayedCall(scoring: .listening, clockRates: rates)
        let packet = RTPBuilder(payloadType: 111, ssrc: Self.aliceSSRC)
        call.alice.receiveRTP(try packet.header(), bytes: 172, at: MonotonicTime(seconds: 0))
        let report = RTCPBuilder.receiverReport(
            ssrc: Self.bobSSRC,
            blocks: [self.block(Self.aliceSSRC, 0, jitter: 480), self.block(0xFFFF, 0, jitter: 480)])
        try call.fromBob(report, at: 100)
        #expect(call.quality(of: Self.aliceSSRC)?.reported?.jitterMicroseconds == 10_000)
        #expect(call.quality(of: 0xFFFF)?.reported?.jitterMicroseconds == 60_000)
    }

    @Test func withoutAHeardSourceThePrimaryRateCounts() throws {
        var rates = ClockRates()
        rates.primary = 16000
        var tracker = QualityTracker(clockRates: rates)
        let report = RTCPBuilder.receiverReport(ssrc: 1, blocks: [self.block(2, 0, jitter: 160)])
        _ = try tracker.receiveRTCP(report.span.bytes, at: MonotonicTime(seconds: 1), otherSide: nil)
        #expect(tracker.sources.first?.reported?.jitterMicroseconds == 10_000)
    }

    @Test(arguments: [UInt32(0), 8, 0x8000_0007])
    func aReportThatNamesNoKnownSenderReportGivesNoRoundTrip(middle: UInt32) throws {
        var call = RelayedCall()
        try call.fromAlice(RTCPBuilder.senderReport(ssrc: Self.aliceSSRC, ntp: self.ntp(7)), at: 1000)
        try call.fromBob(
            RTCPBuilder.receiverReport(ssrc: Self.bobSSRC, blocks: [self.block(Self.aliceSSRC, middle)]),
            at: 1100)
        #expect(call.bob.legRoundTripMicroseconds == nil)
        let reported = try #require(call.quality(of: Self.aliceSSRC)?.reported)
        #expect(reported.legRoundTripMicroseconds == nil)
    }

    @Test func aSenderReportWhoseTimeReadsZeroCannotBeNamed() throws {
        var call = RelayedCall()
        try call.fromAlice(RTCPBuilder.senderReport(ssrc: Self.aliceSSRC, ntp: self.ntp(0)), at: 1000)
        try call.fromBob(
            RTCPBuilder.receiverReport(ssrc: Self.bobSSRC, blocks: [self.block(Self.aliceSSRC, 0)]), at: 1100)
        #expect(call.bob.legRoundTripMicroseconds == nil)
    }

    @Test func ofADoubledSenderReportTheLastCopyCounts() throws {
        var call = RelayedCall()
        for milliseconds in [1000.0, 1050] {
            try call.fromAlice(
                RTCPBuilder.senderReport(ssrc: Self.aliceSSRC, ntp: self.ntp(7)), at: milliseconds)
        }
        try call.fromBob(
            RTCPBuilder.receiverReport(ssrc: Self.bobSSRC, blocks: [self.block(Self.aliceSSRC, 7)]), at: 1100)
        #expect(call.bob.legRoundTripMicroseconds == 50_000)
    }

    @Test func aSenderReportOfAnotherSourceWithTheSameTimeIsNotTakenForIt() throws {
        var call = RelayedCall()
        try call.fromAlice(RTCPBuilder.senderReport(ssrc: 0xDEAD, ntp: self.ntp(7)), at: 1000)
        try call.fromBob(
            RTCPBuilder.receiverReport(ssrc: Self.bobSSRC, blocks: [self.block(Self.aliceSSRC, 7)]), at: 1100)
        #expect(call.bob.legRoundTripMicroseconds == nil)
    }

    @Test func oldSenderReportsAreForgottenAfterEightOthers() throws {
        var call = RelayedCall()
        for number in UInt32(1)...9 {
            try call.fromAlice(
                RTCPBuilder.senderReport(ssrc: Self.aliceSSRC, ntp: self.ntp(number)),
                at: Double(number) * 1000)
        }
        try call.fromBob(
            RTCPBuilder.receiverReport(ssrc: Self.bobSSRC, blocks: [self.block(Self.aliceSSRC, 1)]), at: 9001)
        #expect(call.bob.legRoundTripMicroseconds == nil)
        try call.fromBob(
            RTCPBuilder.receiverReport(
                ssrc: Self.bobSSRC, blocks: [self.block(Self.aliceSSRC, 2, held: 7000)]), at: 9050)
        #expect(call.bob.legRoundTripMicroseconds == 50_000)
    }

    @Test func aLegMeasuredLongAgoIsNotAddedUp() throws {
        var call = RelayedCall()
        try self.exchange(&call)
        try call.fromBob(
            RTCPBuilder.senderReport(ssrc: Self.bobSSRC, ntp: self.ntp(10)), at: 70_000)
        try call.fromAlice(
            RTCPBuilder.receiverReport(ssrc: Self.aliceSSRC, blocks: [self.block(Self.bobSSRC, 10)]),
            at: 70_040)
        #expect(call.alice.legRoundTripMicroseconds == 40_000)
        #expect(call.quality(of: Self.bobSSRC)?.reported?.history.samples == 1)
    }

    @Test func aMalformedDatagramChangesNothing() throws {
        var tracker = QualityTracker()
        let report = RTCPBuilder.receiverReport(ssrc: 1, blocks: [self.block(2, 0, jitter: 160)])
        let bytes = report + [0x80]
        #expect(throws: RTCPError.truncatedHeader) {
            _ = try tracker.receiveRTCP(bytes.span.bytes, at: MonotonicTime(seconds: 1), otherSide: nil)
        }
        #expect(tracker.sources.isEmpty)
    }

    @Test func aQueryFindsTheSourceWithAllThatBothPortsKnow() throws {
        var call = RelayedCall()
        for number in UInt16(1)...10 where number != 5 {
            let packet = RTPBuilder(
                sequence: number, timestamp: UInt32(number) * 160, ssrc: Self.bobSSRC)
            call.bob.receiveRTP(
                try packet.header(), bytes: 172, at: MonotonicTime(seconds: Double(number) * 0.02))
        }
        try self.exchange(&call, loss: 26)
        let quality = try #require(call.quality(of: Self.bobSSRC))
        #expect(quality.received?.packets == 9)
        #expect(quality.received?.bytes == 9 * 172)
        #expect(quality.received?.sequence.lost == 1)
        #expect(quality.received?.sequence.duplicates == 0)
        #expect(quality.sent?.report.packetCount == 50)
        #expect(quality.sent?.report.octetCount == 8000)
        #expect(quality.sent?.reportedAt == MonotonicTime(seconds: 2.08))
        #expect(quality.reported?.report.fractionLost == 26)
        let sources = SSRCQuality.joined([call.alice.sources, call.bob.sources])
        #expect(sources.map(\.ssrc) == [Self.bobSSRC, Self.aliceSSRC])
    }

    @Test func packetsOfTheKernelPathAreNotLost() throws {
        var tracker = QualityTracker()
        for number in [UInt16(1), 2] {
            tracker.receiveRTP(
                try RTPBuilder(sequence: number).header(), bytes: 172, at: MonotonicTime(seconds: 1))
        }
        tracker.interruptRTP()
        tracker.resumeRTP()
        tracker.receiveRTP(
            try RTPBuilder(sequence: 2000).header(), bytes: 172, at: MonotonicTime(seconds: 40))
        #expect(tracker.sources.first?.received?.sequence.lost == 0)
        #expect(tracker.sources.first?.received?.jitter.jitter == 0)
    }

    @Test func manySourcesInOneDatagramStayWithinTheirPlaces() throws {
        var call = RelayedCall(scoring: .listening)
        let blocks = (UInt32(1)...31).map { self.block($0, 0, jitter: .max) }
        let reports = (UInt32(1)...31).flatMap {
            RTCPBuilder.senderReport(ssrc: $0, ntp: self.ntp($0), blocks: blocks)
        }
        try call.fromAlice(reports, at: 1000)
        #expect(call.alice.sources.count <= 8)
        #expect(call.alice.sources.filter { $0.reported != nil }.count == 4)
        #expect(call.alice.sources.filter { $0.sent != nil }.count == 4)
    }

    @Test func noDatagramMakesItTrap() throws {
        let seeds = [
            RTCPBuilder.senderReport(
                ssrc: Self.aliceSSRC, ntp: self.ntp(1), blocks: [self.block(Self.bobSSRC, 1)])
                + RTCPBuilder.sourceDescription(ssrc: Self.aliceSSRC),
            RTCPBuilder.receiverReport(
                ssrc: Self.bobSSRC, blocks: [self.block(Self.aliceSSRC, 1, loss: 255, jitter: .max)]),
        ]
        var random = SplitMix64(seed: 42)
        var call = RelayedCall()
        for round in 0..<20_000 {
            let bytes = random.mutated(seeds[round % 2])
            let milliseconds = Double(random.below(100_000))
            if random.below(2) == 0 {
                try? call.fromAlice(bytes, at: milliseconds)
            } else {
                try? call.fromBob(bytes, at: milliseconds)
            }
        }
        for source in SSRCQuality.joined([call.alice.sources, call.bob.sources]) {
            guard let history = source.reported?.history, let lowest = history.lowest else { continue }
            #expect(lowest.scoreTenths >= 10 && lowest.scoreTenths <= 45)
            #expect(history.average.map { $0.scoreTenths >= lowest.scoreTenths } ?? false)
        }
    }
}
