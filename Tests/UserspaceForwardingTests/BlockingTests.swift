import NATRules
import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

@Suite("What is blocked of a party")
struct BlockingTests {
    /// RTP of a payload type.
    private static func rtp(_ payloadType: UInt8) -> [UInt8] {
        var bytes = Datagram.rtp()
        bytes[1] = payloadType
        return bytes
    }

    private static let passes = "by 1 to 192.0.2.1:4001"

    @Test(
        "Each block takes what it names and lets the rest pass",
        arguments: [
            ([], [true, true, true]), (.events, [true, false, true]), (.media, [false, true, true]),
            ([.events, .media], [false, false, true]), (.traffic, [false, false, false]),
        ] as [(MediaBlocks, [Bool])])
    func kinds(blocks: MediaBlocks, expected: [Bool]) {
        let bench = TableBench()
        bench.join({
            $0.blocks = blocks
            $0.eventPayloadTypes = PayloadTypeSet([101])
        })
        let outcomes = [Self.rtp(0), Self.rtp(101), Datagram.rtcp].map { bench.receive($0, on: 0) }
        #expect(outcomes == expected.map { $0 ? Self.passes : "blocked" })
        #expect(bench.statistics(0).drops[.blocked] == UInt64(expected.count { !$0 }))
    }

    @Test("The marker bit is not part of the payload type")
    func marker() {
        let bench = TableBench()
        bench.join({
            $0.blocks = .events
            $0.eventPayloadTypes = PayloadTypeSet([101])
        })
        #expect(bench.receive(Self.rtp(0x80 | 101), on: 0) == "blocked")
        #expect(bench.receive(Self.rtp(0x80), on: 0) == Self.passes)
    }

    @Test("SRTP whose padding makes no sense is blocked all the same")
    func encrypted() {
        let bench = TableBench()
        bench.join({ $0.blocks = .media })
        var bytes = Self.rtp(0)
        bytes[0] |= 0x20
        #expect(bench.receive(bytes, on: 0) == "blocked")
    }

    @Test(
        "Opaque payload is media", arguments: [(MediaBlocks.events, false), (.media, true), (.traffic, true)])
    func opaque(blocks: MediaBlocks, isBlocked: Bool) {
        let bench = TableBench()
        bench.join({
            $0.payload = .opaque
            $0.blocks = blocks
        })
        #expect(bench.receive([1, 2, 3], on: 0) == (isBlocked ? "blocked" : Self.passes))
    }

    @Test("A blocked party is learnt, measured, and keeps the call alive; a stranger does not")
    func teaches() {
        let bench = TableBench()
        bench.join({
            $0.blocks = .traffic
            $0.learning.mode = .immediate
        })
        let source = TableBench.party(7)
        #expect(bench.receive(Self.rtp(0), on: 0, from: source) == "blocked")
        #expect(bench.statistics(0).lastReceived == bench.now)
        #expect(
            bench.events() == [
                .learnt(TableBench.id(0), address: source, isSettled: true, epoch: 0)
            ])
        #expect(bench.quality(0).count == 1)
        #expect(bench.receive(Self.rtp(0), on: 1) == "by 0 to \(source)")

        let before = bench.now
        bench.now = bench.now.advanced(byNanoseconds: 1_000_000_000)
        #expect(bench.receive(Self.rtp(0), on: 0) == "unknownSource")
        #expect(bench.statistics(0).lastReceived == before)
    }

    @Test("What is blocked is not copied either")
    func copies() {
        let bench = TableBench()
        bench.join({
            $0.blocks = .media
            $0.firstCopy = TableBench.id(2)
        })
        bench.open(2)
        #expect(bench.receive(Self.rtp(0), on: 0) == "blocked")
    }
}
