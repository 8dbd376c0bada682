import RTPPackets
import Testing
import WireFormat

@Suite struct SSRCTableTests {
    private func receive(
        _ table: inout SSRCTable, ssrc: UInt32, sequence: UInt16 = 1, payloadType: UInt8 = 0, at time: UInt64
    ) throws {
        let packet = RTPBuilder(
            payloadType: payloadType, sequence: sequence, timestamp: UInt32(sequence) * 160, ssrc: ssrc)
        table.receiveRTP(
            try packet.header(), bytes: packet.bytes.count, at: MonotonicTime(nanoseconds: time * 20_000_000),
            clockRate: ClockRates.standard[payloadType])
    }

    @Test func packetsAndOctetsAreCountedPerSource() throws {
        var table = SSRCTable()
        for number in UInt16(1)...5 {
            try self.receive(&table, ssrc: 0xA, sequence: number, at: UInt64(number))
            if number % 2 == 0 {
                try self.receive(&table, ssrc: 0xB, sequence: number, payloadType: 8, at: UInt64(number))
            }
        }
        let first = try #require(table[0xA])
        #expect(first.packets == 5)
        #expect(first.bytes == 5 * 172)
        #expect(first.sequence.lost == 0)
        #expect(first.lastTimestamp == 800)
        #expect(first.firstHeard == MonotonicTime(nanoseconds: 20_000_000))
        #expect(first.lastHeard == MonotonicTime(nanoseconds: 100_000_000))
        let second = try #require(table[0xB])
        #expect(second.packets == 2)
        #expect(second.sequence.lost == 1)
        #expect(second.payloadType == 8)
        #expect(table[0xC] == nil)
        #expect(table.all.count == 2)
        #expect(table.evictions == 0)
    }

    @Test func theLongestSilentSourceMakesRoom() throws {
        var table = SSRCTable()
        for (time, ssrc) in [UInt32(1), 2, 3, 4, 1, 3].enumerated() {
            try self.receive(&table, ssrc: ssrc, sequence: UInt16(time), at: UInt64(time))
        }
        try self.receive(&table, ssrc: 5, at: 10)
        #expect(Set(table.all.map(\.ssrc)) == [1, 3, 4, 5])
        try self.receive(&table, ssrc: 6, at: 11)
        #expect(Set(table.all.map(\.ssrc)) == [1, 3, 5, 6])
        #expect(table.evictions == 2)
        #expect(table[5]?.packets == 1)
    }

    @Test func aSenderThatChangesItsSSRCWithEveryPacketFillsNothing() throws {
        var table = SSRCTable()
        for number in UInt32(0)..<1000 { try self.receive(&table, ssrc: number, at: UInt64(number)) }
        #expect(table.all.count == SSRCTable.capacity)
        #expect(table.evictions == 996)
    }

    @Test func theSourceZeroIsASourceLikeAnyOther() throws {
        var table = SSRCTable()
        #expect(table[0] == nil)
        try self.receive(&table, ssrc: 0, sequence: 1, at: 1)
        try self.receive(&table, ssrc: 0, sequence: 2, at: 2)
        #expect(table[0]?.packets == 2)
    }

    @Test func strayAndDoubledPacketsSayNothingOfPayloadTypeAndJitter() throws {
        var table = SSRCTable()
        try self.receive(&table, ssrc: 1, sequence: 1, at: 1)
        try self.receive(&table, ssrc: 1, sequence: 40000, payloadType: 34, at: 2)
        try self.receive(&table, ssrc: 1, sequence: 1, payloadType: 34, at: 9)
        try self.receive(&table, ssrc: 1, sequence: 2, at: 2)
        let statistics = try #require(table[1])
        #expect(statistics.payloadType == 0)
        #expect(statistics.jitter.clockRate == 8000)
        #expect(statistics.jitter.jitter == 0)
        #expect(statistics.packets == 4)
    }

    @Test func aSourceFirstHeardDuringAnInterruptionLosesNothingEither() throws {
        var table = SSRCTable()
        table.interrupt()
        try self.receive(&table, ssrc: 1, sequence: 1, at: 1)
        try self.receive(&table, ssrc: 1, sequence: 500, at: 2)
        table.resume()
        try self.receive(&table, ssrc: 1, sequence: 900, at: 3)
        #expect(table[1]?.sequence.lost == 0)
        #expect(table[1]?.jitter.jitter == 0)
    }
}
