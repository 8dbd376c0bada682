import RelayPlanning
import Testing
import WireFormat

@testable import UserspaceForwarding

@Suite("Copies for subscribers")
struct CopyTests {
    /// Ports 0 and 1 talk to each other; 2 and 4 are subscribers of what arrives on 0, with RTCP by 3 and 4.
    private static func bench() -> TableBench {
        let bench = TableBench()
        bench.join({ $0.firstCopy = TableBench.id(2) })
        bench.open(2) {
            $0.nextCopy = TableBench.id(4)
            $0.rtcpPort = TableBench.id(3)
        }
        bench.open(3) { $0.component = .rtcp }
        bench.open(4)
        return bench
    }

    private static let rtp = Datagram.rtp()

    @Test("RTP leaves by the sink and by every port of the list")
    func list() {
        let bench = Self.bench()
        let expected =
            "172 octets by 1 to 192.0.2.1:4001 and copy by 2 to 192.0.2.1:4002 and copy by 4 to 192.0.2.1:4004"
        #expect(bench.receive(Self.rtp, on: 0) == expected)
        #expect(bench.receive(Self.rtp, on: 1) == "by 0 to 192.0.2.1:4000")
        #expect(bench.statistics(0).drops.total == 0)
    }

    @Test("RTCP leaves by each subscriber's port for RTCP, however it came")
    func rtcp() {
        let bench = Self.bench()
        bench.open(5, sink: 1) {
            $0.component = .rtcp
            $0.firstCopy = TableBench.id(2)
        }
        let copies = "and copy by 3 to 192.0.2.1:4003 and copy by 4 to 192.0.2.1:4004"
        #expect(bench.receive(Datagram.rtcp, on: 5) == "8 octets by 1 to 192.0.2.1:4001 \(copies)")
        #expect(bench.receive(Datagram.rtcp, on: 0) == "8 octets by 1 to 192.0.2.1:4001 \(copies)")
        bench.change(0) { $0.rtcpSink = TableBench.id(1) }
        #expect(bench.receive(Datagram.rtcp, on: 0) == "8 octets by 1 to 192.0.2.1:4001 \(copies)")
        #expect(bench.receive(Self.rtp, on: 5) == "172 octets by 1 to 192.0.2.1:4001 \(copies)")
    }

    @Test("Without a sink a datagram counts as relayed if any copy leaves, else for the reason it has no way")
    func publisher() {
        let bench = Self.bench()
        bench.change(0) { $0.sink = nil }
        bench.change(2) { $0.isMuted = true }
        #expect(bench.receive(Self.rtp, on: 0) == "172 octets copy by 4 to 192.0.2.1:4004")
        #expect(bench.statistics(0).drops.total == 0)
        bench.change(4) { $0.waitsForParty = true }
        #expect(bench.receive(Self.rtp, on: 0) == "noSink")
        bench.change(0) { $0.sink = TableBench.id(1) }
        bench.change(1) { $0.isMuted = true }
        #expect(bench.receive(Self.rtp, on: 0) == "noDestination")
    }

    @Test("A copy that cannot leave takes nothing from the others")
    func failures() {
        let bench = Self.bench()
        bench.change(2) { $0.signalled = nil }
        #expect(
            bench.receive(Self.rtp, on: 0)
                == "172 octets by 1 to 192.0.2.1:4001 and copy by 4 to 192.0.2.1:4004")
        bench.table.beginClosing(2)
        #expect(
            bench.receive(Self.rtp, on: 0)
                == "172 octets by 1 to 192.0.2.1:4001 and copy by 4 to 192.0.2.1:4004")
        bench.table.finishClosing(2)
        #expect(bench.receive(Self.rtp, on: 0) == "172 octets by 1 to 192.0.2.1:4001")
    }

    @Test("Feedback is cut off copies as well, and nothing but feedback is copied to nobody")
    func feedback() {
        let nack: [UInt8] = [0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 5, 0, 0]
        let bench = Self.bench()
        bench.change(0) { $0.cutsFeedback = true }
        #expect(
            bench.receive(Datagram.rtcp + nack, on: 0).hasPrefix("8 octets by 1 to 192.0.2.1:4001 and copy"))
        #expect(bench.receive(nack, on: 0) == "unwantedFeedback")
        bench.change(0) { $0.sink = nil }
        #expect(bench.receive(Datagram.rtcp + nack, on: 0).hasPrefix("8 octets copy by 3"))
    }

    @Test("Opaque payload is copied")
    func opaque() {
        let bench = Self.bench()
        bench.change(0) { $0.payload = .opaque }
        #expect(bench.receive([1, 2, 3], on: 0).hasPrefix("3 octets by 1 to 192.0.2.1:4001 and copy by 2"))
    }

    @Test("Strangers are not copied")
    func strangers() {
        let bench = Self.bench()
        #expect(bench.receive(Self.rtp, on: 0).contains("copy"))
        #expect(bench.receive(Self.rtp, on: 0, from: TableBench.party(7)) == "unknownSource")
    }

    @Test("A list that runs in a circle, or back to where the datagram came from, ends")
    func circles() {
        let bench = Self.bench()
        bench.change(4) { $0.nextCopy = TableBench.id(2) }
        let outcome = bench.receive(Self.rtp, on: 0)
        #expect(outcome.split(separator: " ").count { $0 == "copy" } == PortPlan.maximumCopies)
        bench.change(4) { $0.nextCopy = TableBench.id(0) }
        #expect(!bench.receive(Self.rtp, on: 0).contains("by 0"))
        bench.change(0) { $0.nextCopy = TableBench.id(0) }
        #expect(!bench.receive(Self.rtp, on: 0).contains("by 0"))
        bench.change(4) { $0.nextCopy = RelayPortID(.max) }
        #expect(bench.receive(Self.rtp, on: 0).hasSuffix("by 4 to 192.0.2.1:4004"))
    }

    @Test("A copy that the kernel refuses is no loss of the datagram, but counts at its port")
    func refused() {
        let bench = Self.bench()
        #expect(bench.receive(Self.rtp, on: 0).contains("copy"))
        bench.table.countSubmitted(bytes: 172, by: 2)
        bench.table.countRefused(bytes: 172, by: 2, arrivedOn: PortTable.noPort, errno: 113)
        #expect(bench.statistics(2).sendErrors == 1)
        #expect(bench.statistics(2).sent.packets == 0)
        #expect(bench.statistics(0).forwardedPackets == 1)
    }
}
