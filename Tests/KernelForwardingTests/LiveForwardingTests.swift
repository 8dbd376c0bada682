import Foundation
import RelayPlanning
import Testing
import WireFormat

@testable import KernelForwarding

@Suite struct LabPresenceTests {
    @Test func `The lab is there where it is required`() {
        if Lab.isRequired { #expect(Lab.isPresent, "run Scripts/test-kernel as root") }
    }
}

/// Everything that needs the lab runs one after the other: the suites share its namespaces.
@Suite(.serialized, .enabled(if: Lab.isPresent, "needs root and the namespaces of Scripts/test-kernel"))
struct LiveTests {
    @Suite(.serialized) struct Forwarding {
        @Test(arguments: AddressFamily.allCases)
        func `Both directions are forwarded and counted to the packet`(family: AddressFamily) throws {
            try Lab.clear()
            let stream = try LabStream(family)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            let relay = try UserspaceRelay(stream)
            defer { relay.stop() }
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            try forwarder.install(stream.both)

            try caller.tell("send 300 2000")
            try callee.tell("send 200 2000")
            _ = try caller.line()
            _ = try callee.line()
            let atCallee = try callee.settledReport()
            let atCaller = try caller.settledReport()
            #expect(atCallee["distinct"] == "300" && atCallee["packets"] == "300")
            #expect(atCaller["distinct"] == "200" && atCaller["packets"] == "200")
            #expect(atCallee["sources"] == "\(stream.relayForCallee.address)/40002")
            #expect(atCaller["sources"] == "\(stream.relayForCaller.address)/40000")
            #expect(relay.seen.fromCaller == 0 && relay.seen.fromCallee == 0)

            let expected = [TrafficCounters(packets: 300, bytes: 300 * 172), .init(packets: 200, bytes: 200 * 172)]
            let flows = stream.both.map(\.0)
            #expect(try forwarder.counters(of: flows) == expected)
            let reader = try KernelCounterReader()
            let readings = try reader.allCounters()
            #expect(Set(readings.map(\.counters)) == Set(expected) && readings.count == 2)
            #expect(try forwarder.remove(flows) == expected)
            #expect(try forwarder.counters(of: flows) == [nil, nil])
            try forwarder.shutDown()
        }

        @Test func `200 transitions under load lose nothing and double nothing`() throws {
            try Lab.clear()
            let stream = try LabStream(.ipv4)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            let relay = try UserspaceRelay(stream)
            defer { relay.stop() }
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            let count = 24_000
            try caller.tell("send \(count) 3000")
            try callee.tell("send \(count) 3000")
            var kernel = [TrafficCounters(), TrafficCounters()]
            let flows = stream.both.map(\.0)
            for _ in 0..<100 {
                usleep(UInt32.random(in: 10_000...30_000))
                try forwarder.install(stream.both)
                usleep(UInt32.random(in: 10_000...30_000))
                for (index, last) in try forwarder.remove(flows).enumerated() { kernel[index] += last }
            }
            _ = try caller.line()
            _ = try callee.line()
            let atCallee = try callee.settledReport()
            let atCaller = try caller.settledReport()
            for report in [atCallee, atCaller] {
                #expect(report["distinct"] == "\(count)", "\(report)")
                #expect(report["packets"] == "\(count)", "\(report)")
                #expect(report["doubled"] == "0", "\(report)")
            }
            #expect(atCallee["sources"] == "10.2.0.1/40002")
            #expect(atCaller["sources"] == "10.1.0.1/40000")
            // Every packet was counted by exactly one path, and both paths had their share.
            let seen = relay.seen
            #expect(Int(kernel[0].packets) + seen.fromCaller == count)
            #expect(Int(kernel[1].packets) + seen.fromCallee == count)
            #expect(kernel[0].bytes == kernel[0].packets * 172)
            #expect(seen.fromCaller > 1000 && seen.fromCallee > 1000, "\(seen)")
            #expect(kernel[0].packets > 1000 && kernel[1].packets > 1000, "\(kernel)")
            try forwarder.shutDown()
        }
    }
}
