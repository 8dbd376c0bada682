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

            let expected = [
                TrafficCounters(packets: 300, bytes: 300 * 172), .init(packets: 200, bytes: 200 * 172),
            ]
            let flows = stream.both.map(\.0)
            #expect(try forwarder.counters(of: flows) == expected)
            let reader = try KernelCounterReader()
            let readings = try reader.allCounters()
            #expect(Set(readings.map(\.counters)) == Set(expected) && readings.count == 2)
            #expect(try forwarder.remove(flows) == expected)
            #expect(try forwarder.counters(of: flows) == [nil, nil])
            try forwarder.shutDown()
        }

        @Test(arguments: AddressFamily.allCases)
        func `200 transitions under load lose nothing and double nothing`(family: AddressFamily) throws {
            try Lab.clear()
            let stream = try LabStream(family)
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
            #expect(atCallee["sources"] == "\(stream.relayForCallee.address)/40002")
            #expect(atCaller["sources"] == "\(stream.relayForCaller.address)/40000")
            // Every packet was counted by exactly one path, and both paths had their share.
            let seen = relay.seen
            #expect(Int(kernel[0].packets) + seen.fromCaller == count)
            #expect(Int(kernel[1].packets) + seen.fromCallee == count)
            #expect(kernel[0].bytes == kernel[0].packets * 172)
            #expect(seen.fromCaller > 1000 && seen.fromCallee > 1000, "\(seen)")
            #expect(kernel[0].packets > 1000 && kernel[1].packets > 1000, "\(kernel)")
            try forwarder.shutDown()
        }

        @Test(arguments: AddressFamily.allCases)
        func `RTCP, STUN and strangers reach the daemon's socket and RTP does not`(
            family: AddressFamily
        ) throws {
            try Lab.clear()
            let stream = try LabStream(family)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            let relay = try UserspaceRelay(stream)
            defer { relay.stop() }
            try forwarder.install(stream.both)
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            let special = [
                "80c80006" + String(repeating: "00", count: 24),  // RTCP sender report
                "80df0006", "80c00006",  // the ends of RTCP's range
                "000100002112a442" + String(repeating: "00", count: 12),  // STUN binding request
                "16fefd0000", "80", "",  // DTLS; too short; empty
            ]
            for packet in special where !packet.isEmpty { #expect(try caller.ask("raw \(packet)") == "sent") }
            let rtp = [
                "80bf" + String(repeating: "00", count: 14), "80e0" + String(repeating: "00", count: 14),
            ]
            for packet in rtp { #expect(try caller.ask("raw \(packet)") == "sent") }
            #expect(try caller.ask("raw \(rtp[0]) 20002") == "sent")
            let report = try callee.settledReport()
            #expect(report["packets"] == "2", "only RTP of the known source is forwarded")
            let seen = relay.seen
            #expect(seen.special.count == 6 && seen.fromCaller == 0)
            #expect(seen.strangers.map { $0[1] } == [0xBF])
            // None of it is tracked: a tracked packet would own the tuple and bypass the maps.
            #expect(try !Lab.conntrack(family).contains("sport=20002"))
            try forwarder.shutDown()
        }

        @Test func `One direction alone is forwarded and the other stays with the daemon`() throws {
            try Lab.clear()
            let stream = try LabStream(.ipv4)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            let relay = try UserspaceRelay(stream)
            defer { relay.stop() }
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            func exchange() throws -> (kernel: Int, userspace: [Int]) {
                let before = relay.seen
                #expect(try caller.ask("send 20 1000") == "sent")
                #expect(try callee.ask("send 20 1000") == "sent")
                #expect(try caller.settledReport()["packets"] == "20")
                #expect(try callee.settledReport()["packets"] == "20")
                _ = try (caller.ask("reset"), callee.ask("reset"))
                let after = relay.seen
                let userspace = [after.fromCaller - before.fromCaller, after.fromCallee - before.fromCallee]
                return (40 - userspace[0] - userspace[1], userspace)
            }
            #expect(try exchange().userspace == [20, 20])
            try forwarder.install([stream.both[0]])
            #expect(try exchange().userspace == [0, 20])
            try forwarder.install([stream.both[1]])
            #expect(try exchange().userspace == [0, 0])
            let first = try forwarder.remove([stream.forward])
            #expect(first == [TrafficCounters(packets: 40, bytes: 40 * 172)])
            #expect(try exchange().userspace == [20, 0])
            let second = try forwarder.remove([stream.forward.reversed])
            #expect(second == [TrafficCounters(packets: 40, bytes: 40 * 172)])
            #expect(try exchange().userspace == [20, 20])
            #expect(try !Lab.conntrack().contains("dport=40000"))
            try forwarder.shutDown()
        }

        @Test func `Streams survive the loss of their conntrack entries`() throws {
            try Lab.clear()
            let stream = try LabStream(.ipv4)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            let relay = try UserspaceRelay(stream)
            defer { relay.stop() }
            try forwarder.install(stream.both)
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            try Lab.run("conntrack", "-F")
            #expect(try caller.ask("send 50 1000") == "sent")
            #expect(try callee.ask("send 50 1000") == "sent")
            #expect(try callee.settledReport()["sources"] == "10.2.0.1/40002")
            #expect(try caller.settledReport()["sources"] == "10.1.0.1/40000")
            #expect(relay.seen.fromCaller == 0 && relay.seen.fromCallee == 0)
            let counters = try forwarder.remove(stream.both.map(\.0))
            // The nat map is the counted map, so the packet that makes a new entry counts twice.
            #expect(counters.map(\.packets) == [51, 50])
            try forwarder.shutDown()
        }

        @Test(arguments: AddressFamily.allCases)
        func `The traffic class is set on what the kernel forwards`(family: AddressFamily) throws {
            try Lab.clear()
            let stream = try LabStream(family)
            let forwarder = try KernelForwarder(portRanges: Lab.ports, trafficClass: 0xB8)
            try forwarder.install(stream.both)
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            #expect(try caller.ask("send 20 1000") == "sent")
            let report = try callee.settledReport()
            #expect(report["packets"] == "20" && report["classes"] == "184", "\(report)")
            try forwarder.shutDown()
        }

        @Test(arguments: AddressFamily.allCases)
        func `The table for older kernels forwards alike`(family: AddressFamily) throws {
            try Lab.clear()
            let stream = try LabStream(family)
            var layout = RelayTable(name: "crosspoint", portRanges: Lab.ports, trafficClass: nil)
            layout.asksForMembership = false
            let forwarder = try KernelForwarder(layout: layout)
            let relay = try UserspaceRelay(stream)
            defer { relay.stop() }
            try forwarder.install([stream.both[0]])
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            #expect(try caller.ask("send 20 1000") == "sent")
            #expect(try callee.ask("send 20 1000") == "sent")
            #expect(try callee.settledReport()["packets"] == "20")
            #expect(try caller.settledReport()["packets"] == "20")
            #expect(relay.seen.fromCaller == 0 && relay.seen.fromCallee == 20)
            #expect(try forwarder.remove([stream.forward]) == [TrafficCounters(packets: 20, bytes: 20 * 172)])
            try forwarder.shutDown()
        }

        @Test func `An inserted entry keeps its timeout whatever passes`() throws {
            try Lab.clear()
            let stream = try LabStream(.ipv4)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            try forwarder.install(stream.both)
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            #expect(try caller.ask("send 20 1000") == "sent")
            #expect(try callee.settledReport()["packets"] == "20")
            let entry = try Lab.conntrack().split(separator: "\n").first { $0.contains("dport=40000") }
            let seconds = try #require(entry?.split(separator: " ").dropFirst(2).first.flatMap { Int($0) })
            #expect((86_300...86_400).contains(seconds), "\(entry ?? "")")
            try forwarder.shutDown()
        }
    }
}
