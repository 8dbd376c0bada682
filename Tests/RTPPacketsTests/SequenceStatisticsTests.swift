import RTPPackets
import Testing

/// Sequence numbers in order of arrival, and what they should have been counted as.
struct SequenceScenario: Sendable, CustomTestStringConvertible {
    var name: String
    var arriving: [UInt16]
    var highest: UInt32
    var expected: UInt64
    var lost: UInt64 = 0
    var duplicates: UInt64 = 0
    var reordered: UInt64 = 0
    var restarts: UInt32 = 0
    var strays: UInt64 = 0

    var testDescription: String { self.name }

    static let all = [
        SequenceScenario(name: "in order", arriving: [10, 11, 12], highest: 12, expected: 3),
        SequenceScenario(name: "one packet", arriving: [0], highest: 0, expected: 1),
        SequenceScenario(name: "a gap", arriving: [10, 11, 15], highest: 15, expected: 6, lost: 3),
        SequenceScenario(
            name: "a gap filled late", arriving: [10, 12, 11, 13], highest: 13, expected: 4, reordered: 1),
        SequenceScenario(
            name: "the first two swapped", arriving: [11, 10, 12], highest: 12, expected: 3, reordered: 1),
        SequenceScenario(
            name: "doubled and doubled again", arriving: [1, 1, 2, 2, 2, 3], highest: 3, expected: 3,
            duplicates: 3),
        SequenceScenario(
            name: "a duplicate does not hide a loss", arriving: [1, 2, 2, 4], highest: 4, expected: 4,
            lost: 1,
            duplicates: 1),
        SequenceScenario(
            name: "a late packet that comes twice", arriving: [1, 3, 2, 2], highest: 3, expected: 3,
            duplicates: 1, reordered: 1),
        SequenceScenario(
            name: "a wrap", arriving: [65534, 65535, 0, 1], highest: 0x1_0001, expected: 4),
        SequenceScenario(
            name: "a wrap with a gap", arriving: [65533, 2], highest: 0x1_0002, expected: 6, lost: 4),
        SequenceScenario(
            name: "a late packet from before a wrap", arriving: [65534, 0, 65535, 0], highest: 0x1_0000,
            expected: 3, duplicates: 1, reordered: 1),
        SequenceScenario(
            name: "the largest gap", arriving: [5, 3004], highest: 3004, expected: 3000, lost: 2998),
        SequenceScenario(
            name: "a jump that nothing confirms", arriving: [5, 3005, 6], highest: 6, expected: 2, strays: 1),
        SequenceScenario(
            name: "a restart ahead", arriving: [5, 6, 40000, 40001, 40002], highest: 40002, expected: 5,
            restarts: 1),
        SequenceScenario(
            name: "a restart behind", arriving: [5000, 5001, 10, 11], highest: 11, expected: 4, restarts: 1),
        SequenceScenario(
            name: "a restart keeps the losses", arriving: [1, 4, 30000, 30001, 30003], highest: 30003,
            expected: 8, lost: 3, restarts: 1),
        SequenceScenario(
            name: "a restart whose second packet is lost", arriving: [1, 30000, 30002, 30003], highest: 30003,
            expected: 3, restarts: 1, strays: 1),
        SequenceScenario(
            name: "a stray that comes twice is no restart", arriving: [1, 30000, 30000, 2], highest: 2,
            expected: 2, strays: 2),
        SequenceScenario(
            name: "as late as is taken for late", arriving: [200, 100], highest: 200, expected: 101, lost: 99,
            reordered: 1),
        SequenceScenario(
            name: "later than that", arriving: [200, 99, 201], highest: 201, expected: 2, strays: 1),
        SequenceScenario(
            name: "a duplicate from before a gap", arriving: [1, 101, 1], highest: 101, expected: 101,
            lost: 99, duplicates: 1),
        SequenceScenario(
            name: "a duplicate of the packet that began a restart", arriving: [5, 40000, 40001, 40000],
            highest: 40001, expected: 3, duplicates: 1, restarts: 1),
        SequenceScenario(
            name: "a duplicate at the edge of the window", arriving: [100] + Array(101...200) + [100],
            highest: 200, expected: 101, duplicates: 1),
    ]
}

@Suite struct SequenceStatisticsTests {
    @Test(arguments: SequenceScenario.all)
    func packetsAreCountedAsWhatTheyAre(scenario: SequenceScenario) throws {
        var statistics = SequenceStatistics(first: try #require(scenario.arriving.first))
        for number in scenario.arriving.dropFirst() { _ = statistics.receive(number) }
        #expect(statistics.received == UInt64(scenario.arriving.count))
        #expect(statistics.highestExtended == scenario.highest)
        #expect(statistics.expected == scenario.expected)
        #expect(statistics.lost == scenario.lost)
        #expect(statistics.duplicates == scenario.duplicates)
        #expect(statistics.reordered == scenario.reordered)
        #expect(statistics.restarts == scenario.restarts)
        #expect(statistics.strays == scenario.strays)
    }

    @Test func eachPacketIsNamed() {
        var statistics = SequenceStatistics(first: 100)
        let arrivals = [101, 103, 102, 102, 9000, 9001, 9002].map { statistics.receive($0) }
        #expect(
            arrivals == [.inOrder, .inOrder, .reordered, .duplicate, .stray, .restart, .inOrder])
    }

    @Test func everySingleLossOfALongStreamIsFound() {
        var statistics = SequenceStatistics(first: 0)
        var dropped: UInt64 = 0
        for number in 1...200_000 {
            if number % 97 == 0 {
                dropped += 1
                continue
            }
            _ = statistics.receive(UInt16(truncatingIfNeeded: number))
        }
        #expect(statistics.lost == dropped)
        #expect(statistics.highestExtended == 200_000)
        #expect(statistics.duplicates == 0 && statistics.reordered == 0 && statistics.restarts == 0)
    }

    /// Shuffles within less than the window, doubles and drops at random: the totals must come out exactly.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func shuffledDoubledAndDroppedPacketsAreCountedExactly(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var arriving: [(Int, UInt16)] = []
        var dropped: UInt64 = 0
        var doubled: UInt64 = 0
        for number in 0..<5000 {
            let wire = UInt16(truncatingIfNeeded: number + 64000)
            // The first and the last one arrive, so that both ends are known.
            if number > 60, number < 4900, random.below(20) == 0 {
                dropped += 1
                continue
            }
            arriving.append((number + random.below(40), wire))
            if random.below(30) == 0 {
                doubled += 1
                arriving.append((number + random.below(40), wire))
            }
        }
        arriving.sort { $0.0 < $1.0 }
        var statistics = SequenceStatistics(first: arriving[0].1)
        for (_, wire) in arriving.dropFirst() { _ = statistics.receive(wire) }
        #expect(statistics.lost == dropped)
        #expect(statistics.duplicates == doubled)
        #expect(statistics.strays == 0 && statistics.restarts == 0)
        #expect(statistics.expected == 5000)
    }

    @Test func theFractionLostIsThatSinceTheLastAsking() {
        var statistics = SequenceStatistics(first: 0)
        for number in 1...9 { _ = statistics.receive(UInt16(number)) }
        #expect(statistics.takeFractionLost() == 0)
        _ = statistics.receive(19)  // 9 of 10 lost
        #expect(statistics.takeFractionLost() == 230)
        #expect(statistics.takeFractionLost() == 0)
        for number in 20...22 { _ = statistics.receive(UInt16(number)) }
        _ = statistics.receive(24)  // 1 of 5 lost
        #expect(statistics.takeFractionLost() == 51)
        _ = statistics.receive(23)  // found after all: fewer lost than before
        #expect(statistics.takeFractionLost() == 0)
        #expect(statistics.lost == 9)
    }

    @Test func whatGoesAnotherWayIsNotLost() {
        var statistics = SequenceStatistics(first: 0)
        _ = statistics.receive(1)
        statistics.interrupt()
        let queued = statistics.receive(2)  // still in a queue when the path changed
        #expect(queued == .afterInterruption)
        _ = statistics.receive(700)
        _ = statistics.receive(40000)
        statistics.resume()
        _ = statistics.receive(60000)
        _ = statistics.receive(60001)
        #expect(statistics.lost == 0)
        #expect(statistics.restarts == 0)
        #expect(statistics.expected == 7)
        _ = statistics.receive(60003)
        #expect(statistics.lost == 1)
        statistics.resume()
        _ = statistics.receive(60005)
        #expect(statistics.lost == 2, "resuming without an interruption changes nothing")
    }

    @Test func theExtendedNumberGoesBackWithAQueuedPacketAfterAnInterruption() {
        var statistics = SequenceStatistics(first: 10)
        statistics.interrupt()
        _ = statistics.receive(8)
        #expect(statistics.highestExtended == 8)
        statistics.resume()
        _ = statistics.receive(9)
        _ = statistics.receive(10)
        #expect(statistics.highestExtended == 10)
    }
}
