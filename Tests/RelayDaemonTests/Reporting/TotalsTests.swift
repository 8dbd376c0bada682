import CallControl
import ControlProtocols
import NIOCore
import NIOPosix
import RelayPlanning
import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct TotalsTests {
    @Test func averagesAndDeviationsNeedNoSamples() {
        var sum = SampledSum()
        #expect(sum.average == 0 && sum.deviation == 0)
        for value in [2.0, 4, 4, 4, 5, 5, 7, 9] { sum.add(value) }
        #expect(sum.average == 5)
        #expect(sum.deviation == 2)
    }

    @Test func ratesAreDifferencesOverTime() {
        var rates = TrafficRates()
        func at(_ seconds: Double) -> MonotonicTime {
            MonotonicTime(nanoseconds: UInt64(seconds * 1e9) + 1_000_000_000)
        }
        let nothing = TrafficCounters()
        rates.measure(userspace: nothing, errors: 0, kernel: nothing, at: at(0))
        rates.measure(
            userspace: TrafficCounters(packets: 50, bytes: 8600), errors: 3,
            kernel: TrafficCounters(packets: 1000, bytes: 172_000), at: at(2))
        #expect(rates.userspace == TrafficRates.Rate(packets: 25, bytes: 4300, errors: 2))
        #expect(rates.kernel.packets == 500)
        // The kernel's counters are read now and then: until they move, the last rate stands.
        let kernel = TrafficCounters(packets: 1000, bytes: 172_000)
        rates.measure(userspace: nothing, errors: 0, kernel: kernel, at: at(3))
        #expect(rates.userspace.packets == 0, "a counter that goes back is no traffic")
        #expect(rates.kernel.packets == 500)
        rates.measure(userspace: nothing, errors: 0, kernel: kernel, at: at(20))
        #expect(rates.kernel.packets == 0)
    }

    @Test func portsHaveTheirTurnAndWhatTheyCountedStays() throws {
        var traffic = InterfaceTraffic()
        let address = try #require(IPAddress("192.0.2.1"))
        let all = (0..<5000).map { RelayPortID(UInt32($0)) }
        var seen: Set<RelayPortID> = []
        for _ in 0..<3 {
            let turn = traffic.nextPorts(of: { all })
            #expect(turn.count <= InterfaceTraffic.portsPerTurn)
            seen.formUnion(turn)
        }
        #expect(seen.count == 5000)
        var totals = InterfaceTraffic.Totals()
        totals.received = TrafficCounters(packets: 10, bytes: 100)
        traffic.observe(all[0], at: address, totals)
        totals.received = TrafficCounters(packets: 15, bytes: 150)
        traffic.observe(all[0], at: address, totals)
        traffic.forget(all[0])
        totals.received = TrafficCounters(packets: 2, bytes: 20)
        traffic.observe(all[0], at: address, totals)
        #expect(traffic.byAddress[address]?.received == TrafficCounters(packets: 17, bytes: 170))
    }

    @Test func whatTheKernelForwardedIsKeptAlong() throws {
        var traffic = KernelTraffic()
        let port = RelayPortID(1)
        let now = MonotonicTime(nanoseconds: 1)
        traffic.observe(port, TrafficCounters(packets: 10, bytes: 100), at: now)
        traffic.observe(port, TrafficCounters(packets: 10, bytes: 100), at: now)
        traffic.retire(port, sink: nil, counters: TrafficCounters(packets: 12, bytes: 120), at: now)
        #expect(traffic.forwarded == TrafficCounters(packets: 12, bytes: 120))
        traffic.observe(port, TrafficCounters(packets: 3, bytes: 30), at: now)
        traffic.forget(port)
        #expect(traffic.forwarded == TrafficCounters(packets: 15, bytes: 150))
    }
}

@Suite struct RelayReportingTests {
    private func totals(_ harness: RelayHarness) throws -> RelayTotals { try harness.on { $0.totals } }

    @Test func aCallThatNobodySpokeInIsAStreamWithoutPackets() throws {
        let harness = try RelayHarness(ports: 24000...24019)
        try harness.offer("silent", port: 5000)
        try harness.answer("silent", port: 5002)
        try harness.delete("silent")
        let totals = try self.totals(harness)
        #expect(totals.zeroPacketStreams == 1)
        #expect(totals.oneWaySessions == 0)
        #expect(totals.durations.samples == 1)
        #expect(try harness.waitForPorts(0))
    }

    /// As in rtpengine, which counted 47 such streams in the 54 calls of the recorded exchanges.
    @Test func anOfferThatWasNotAnsweredCountsLikewise() throws {
        let harness = try RelayHarness(ports: 24020...24039)
        try harness.offer("lonely", port: 5000)
        try harness.delete("lonely")
        #expect(try self.totals(harness).zeroPacketStreams == 1)
    }

    @Test func requestsAreCountedByControllerAndCommand() throws {
        let harness = try RelayHarness(ports: 24040...24059)
        try harness.offer("a", port: 5000)
        try harness.request(["command": "query", "call-id": "nope"])
        try harness.request(["command": "nonsense"])
        try harness.request(["command": "ping"])
        let proxies = try harness.on { $0.requests.proxies }
        let own = try #require(proxies["test"])
        #expect(own.commands["offer"]?.count == 1)
        #expect(own.commands["ping"]?.count == 1)
        #expect(own.errors == 2)
        let statistics = try harness.on { $0.daemonStatistics() }
        #expect(statistics.sessions == 1)
        #expect(statistics.interfaces.first?.usedPorts == 4)
        _ = try MetricsReader(statistics.metrics)
    }

    @Test func theQualityOfACallOutlivesIt() throws {
        let harness = try RelayHarness(ports: 24060...24079)
        try harness.offer("heard", port: 5000)
        try harness.answer("heard", port: 5002)
        #expect(try harness.beHeard())
        var heard = 0
        for _ in 0..<500 where heard == 0 {
            heard = try harness.on { $0.ledger.heardCount }
            usleepMilliseconds(10)
        }
        #expect(heard > 0)
        try harness.delete("heard")
        #expect(try harness.waitForPorts(0))
        for _ in 0..<200 where try self.totals(harness).quality.measuredJitter.samples == 0 {
            usleepMilliseconds(10)
        }
        let totals = try self.totals(harness)
        #expect(totals.quality.measuredJitter.samples > 0)
        #expect(
            totals.qualityByAddress.values.reduce(0) { $0 + $1.measuredJitter.samples }
                == totals.quality.measuredJitter.samples)
        let traffic = try harness.on { $0.interfaceTraffic.byAddress.values.first }
        #expect((traffic?.received.packets ?? 0) > 0)
        #expect(try harness.on { $0.ledger.heardCount } == 0)
    }

    @Test func aReplyOverAStreamMayBeLongAndItsRepeatOverUDPMayNot() throws {
        let harness = try RelayHarness(ports: 24080...24099)
        // Each section grows by the lines that are added to it.
        let sections = String(repeating: "m=audio 5000 RTP/AVP 0\r\n", count: 3)
        let filler = String(repeating: "a=x:\(String(repeating: "y", count: 194))\r\n", count: 325)
        let last = "a=x:\(String(repeating: "y", count: 94))\r\n"
        let sdp = RelayHarness.audio(port: 5000) + sections + filler + last
        let message = NGMessage.datagram(
            cookie: Array("long".utf8),
            dictionary: ["command": "offer", "call-id": "long", "from-tag": "a", "sdp": .text(sdp)],
            encoding: .bencode)
        try #require(message.count < NGMessage.maximumReplyOctets)
        let replies = try harness.on { relay in
            var replies: [[UInt8]] = []
            relay.receive(request: message, from: "192.0.2.1:5") { replies.append($0) }
            relay.receive(datagram: message, from: "192.0.2.1:5") { replies.append($0) }
            return replies
        }
        try #require(replies.count == 2)
        #expect(replies[0].count > NGMessage.maximumReplyOctets)
        let short = try NGMessage(datagram: replies[1]).dictionary()
        #expect(short["error-reason"] == .text(NGReason.replyTooLong))
        #expect(try harness.on { $0.calls.totals.created } == 1, "it was performed once")
    }

    @Test func maxSessionsZeroDrains() throws {
        let harness = try RelayHarness(ports: 24100...24119)
        try harness.offer("before", port: 5000)
        let answer = try harness.on { relay in
            var answer = ""
            relay.perform(commandLine: "set maxsessions 0", from: "test") { answer = $0 }
            return answer
        }
        #expect(answer == "Success setting maxsessions to 0\n")
        let refused = try harness.offer("after", port: 5000)
        #expect(refused["error-reason"] as? String == "Parallel session limit reached")
        #expect(try harness.answer("before", port: 5002)["result"] as? String == "ok")
    }

    @Test func endingAllCallsTakesTurnsAndIsAnsweredWhenDone() throws {
        let harness = try RelayHarness(ports: 23000...23999, maxPorts: 600)
        for number in 0..<120 { try harness.offer("call-\(number)", port: 5000) }
        let answer = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Int.self)
        let atOnce = try harness.on { relay in
            let relays = NIOLoopBound(relay, eventLoop: relay.eventLoop)
            relay.perform(commandLine: "terminate all", from: "test") { _ in
                answer.succeed(relays.value.calls.count)
            }
            return relay.calls.count
        }
        #expect(atOnce > 0 && atOnce < 120, "others have their turn in between")
        #expect(try answer.futureResult.wait() == 0)
        #expect(try harness.on { $0.calls.totals.ended[.forceTerminated] } == 120)
    }

    @Test func httpAnswersWithWordsWhatIsNoMessage() throws {
        let harness = try RelayHarness(ports: 24120...24139)
        func ask(_ action: HTTPAction) throws -> HTTPAnswer {
            try #require(
                try harness.on { relay in
                    var answer: HTTPAnswer?
                    relay.receive(http: action, from: "192.0.2.1:5") { answer = $0 }
                    return answer
                })
        }
        #expect(try ask(.ping).body == Array("pong\n".utf8))
        #expect(try ask(.ng(Array("nothing".utf8))).status == 400)
        #expect(try ask(.ng(Array("1 {".utf8))).status == 400)
        let bencoded = try ask(.plainNG(Array("d7:command4:pinge".utf8)))
        #expect(bencoded.contentType == "application/x-rtpengine-ng")
        #expect(bencoded.body == Array("d6:result4:ponge".utf8))
        let json = try ask(.plainNG(Array(#"{"command":"ping"}"#.utf8)))
        #expect(json.contentType == "application/json")
        #expect(json.body == Array(#"{"result":"pong"}"#.utf8))
        #expect(try ask(.plainNG(Array(#"{"command":"nope"}"#.utf8))).status == 200)
    }
}
