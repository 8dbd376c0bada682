import NATRules
import RTPPackets
import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

/// Decisions without sockets or rings: a datagram in, a verdict out.
@Suite("What happens to a datagram")
struct PacketDecisionTests {
    private static let caller = TransportAddress(IPAddress(ipv4: 0xC000_0201), port: 4000)
    private static let stranger = TransportAddress(IPAddress(ipv4: 0xC633_6407), port: 4000)
    private static let callee = TransportAddress(IPAddress(ipv4: 0xCB00_7105), port: 5000)
    private static let calleeRTCP = TransportAddress(IPAddress(ipv4: 0xCB00_7105), port: 5001)

    /// Port 0 faces the caller, port 1 the callee, port 2 the callee's RTCP.
    private static func decide(
        _ bytes: [UInt8], from source: TransportAddress = Self.caller,
        _ change: (inout PortPlan) -> Void = { _ in }
    ) -> String {
        var table = PortTable(counterTable: PortCounterTable(capacity: 8), totals: TotalsBlock())
        for (index, party) in [Self.caller, Self.callee, Self.calleeRTCP].enumerated() {
            let local = TransportAddress(IPAddress(ipv4: 0x0A00_0001), port: UInt16(30_000 + index))
            var plan = PortPlan(
                id: RelayPortID(UInt32(index)), local: local, component: index == 2 ? .rtcp : .rtp)
            plan.signalled = party
            plan.isPublished = true
            plan.sink = RelayPortID(index == 0 ? 1 : 0)
            if index == 0 { change(&plan) }
            let isOpen = table.open(plan, quality: QualityTracker(), at: MonotonicTime(seconds: 1))
            #expect(isOpen)
        }
        let decision = bytes.withUnsafeBytes {
            table.receive($0.bytes, on: 0, from: source, at: MonotonicTime(seconds: 2))
        }
        return table.description(of: decision)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let bytes: [UInt8]
        let expected: String
        var source = PacketDecisionTests.caller
        var change: @Sendable (inout PortPlan) -> Void = { _ in }
    }

    private static let report: [UInt8] = [0x80, 201, 0, 1, 0, 0, 0, 1]
    private static let nack: [UInt8] = [0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 5, 0, 0]
    private static let strict = LearningPolicy(mode: .off, strictSource: true)

    static let cases: [Case] = [
        Case(testDescription: "RTP", bytes: Datagram.rtp(), expected: "by 1 to 203.0.113.5:5000"),
        Case(
            testDescription: "RTP to a port that is not published", bytes: Datagram.rtp(),
            expected: "notPublished", change: { $0.isPublished = false }),
        Case(
            testDescription: "RTP of a stranger to a strict port", bytes: Datagram.rtp(),
            expected: "unknownSource", source: Self.stranger, change: { $0.learning = Self.strict }),
        Case(
            testDescription: "RTP of a stranger that the policy allows", bytes: Datagram.rtp(),
            expected: "by 1 to 203.0.113.5:5000", source: Self.stranger,
            change: { $0.learning.asymmetric = true }),
        Case(
            testDescription: "RTCP with RTP, not multiplexed", bytes: Datagram.rtcp,
            expected: "by 1 to 203.0.113.5:5000"),
        Case(
            testDescription: "RTCP with RTP, multiplexed", bytes: Datagram.rtcp,
            expected: "by 2 to 203.0.113.5:5001", change: { $0.rtcpSink = RelayPortID(2) }),
        Case(
            testDescription: "RTCP of a stranger on a strict port", bytes: Datagram.rtcp,
            expected: "unknownSource", source: Self.stranger, change: { $0.learning = Self.strict }),
        Case(
            testDescription: "feedback to a profile that has it", bytes: Self.nack,
            expected: "by 1 to 203.0.113.5:5000", change: { $0.component = .rtcp }),
        Case(
            testDescription: "feedback to a profile that has none", bytes: Self.nack,
            expected: "unwantedFeedback",
            change: {
                $0.component = .rtcp
                $0.cutsFeedback = true
            }),
        Case(
            testDescription: "reports with feedback to a profile that has none",
            bytes: Self.report + Self.nack, expected: "8 octets by 1 to 203.0.113.5:5000",
            change: { $0.cutsFeedback = true }),
        Case(
            testDescription: "reports alone to a profile without feedback", bytes: Self.report,
            expected: "by 1 to 203.0.113.5:5000", change: { $0.cutsFeedback = true }),
        Case(
            testDescription: "what cannot be read to a profile without feedback",
            bytes: Self.report + [0x81, 205, 0, 9], expected: "by 1 to 203.0.113.5:5000",
            change: { $0.cutsFeedback = true }),
        Case(
            testDescription: "RTP on an RTCP port", bytes: Datagram.rtp(),
            expected: "by 1 to 203.0.113.5:5000", change: { $0.component = .rtcp }),
        Case(
            testDescription: "RTP without another party", bytes: Datagram.rtp(), expected: "noSink",
            change: { $0.sink = nil }),
        Case(
            testDescription: "RTP to a port that is not open", bytes: Datagram.rtp(), expected: "noSink",
            change: { $0.sink = RelayPortID(7) }),
        Case(
            testDescription: "RTP to a port beyond the table", bytes: Datagram.rtp(), expected: "noSink",
            change: { $0.sink = RelayPortID(.max) }),
        Case(testDescription: "STUN", bytes: Datagram.stun, expected: "unexpectedProtocol"),
        Case(testDescription: "nothing", bytes: [], expected: "truncated"),
        Case(
            testDescription: "nothing, on an opaque port", bytes: [], expected: "by 1 to 203.0.113.5:5000",
            change: { $0.payload = .opaque }),
    ]

    @Test("Each datagram meets its fate", arguments: Self.cases)
    func fates(_ row: Case) {
        #expect(Self.decide(row.bytes, from: row.source, row.change) == row.expected)
    }

    @Test("Random datagrams are relayed or counted, and never trap")
    func random() {
        var table = PortTable(counterTable: PortCounterTable(capacity: 2), totals: TotalsBlock())
        for index in 0..<2 as Range<UInt32> {
            var plan = PortPlan(id: RelayPortID(index), local: Self.caller, component: .rtp)
            plan.isPublished = true
            plan.signalled = Self.callee
            plan.sink = RelayPortID(1 - index)
            let isOpen = table.open(plan, quality: QualityTracker(), at: MonotonicTime(seconds: 1))
            #expect(isOpen)
        }
        var state: UInt64 = 42
        func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            return mixed ^ (mixed >> 27)
        }
        var forwarded: UInt64 = 0
        for _ in 0..<20_000 {
            var bytes = next() & 1 == 0 ? Datagram.rtp() : Datagram.rtcp
            for _ in 0..<next() % 4 where !bytes.isEmpty {
                bytes[Int(next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: next())
            }
            bytes = Array(bytes.prefix(Int(next() % 200)))
            let decision = bytes.withUnsafeBytes {
                table.receive($0.bytes, on: 0, from: Self.callee, at: MonotonicTime(seconds: 2))
            }
            if case .forward = decision { forwarded += 1 }
        }
        table.totals.publish()
        #expect(forwarded > 0)
        let events = table.takeEvents()
        #expect(events.count == 1)
    }

    @Test("A request's tag gives back what was put into it")
    func tags() {
        let send = RequestTag(
            bits: RequestTag.send(arrival: 0xF_FFFF, sink: 0xA_BCDE, bytes: 65_507).bits)
        #expect(send.kind == .send)
        #expect(send.port == 0xF_FFFF)
        #expect(send.sink == 0xA_BCDE)
        #expect(send.value == 65_507)
        let receive = RequestTag(bits: RequestTag.receive(port: 12_345, generation: 54_321).bits)
        #expect(receive.kind == .receive)
        #expect(receive.port == 12_345)
        #expect(receive.value == 54_321)
    }

    @Test("A ring of impossible sizes is an error that says what was attempted")
    func impossibleRing() {
        #expect(throws: SystemError.self) {
            _ = try Ring(RingSizes(submissions: 8, buffers: 3, payloadBytes: 100, files: 1))
        }
    }
}
