import Foundation
import RelayPlanning
import Testing
import WireFormat

@testable import KernelForwarding

extension LiveTests {
    @Suite(.serialized) struct Probe {
        @Test func `Nothing is in the way in the lab and the probe leaves nothing`() throws {
            try Lab.clear()
            #expect(KernelForwarder.probe() == [])
            #expect(try Lab.nft("list ruleset") == "")
            #expect(try !Lab.conntrack().contains("192.0.2"))
        }

        @Test(arguments: [
            ("net.ipv4.ip_forward", AddressFamily.ipv4), ("net.ipv6.conf.all.forwarding", .ipv6),
        ])
        func `Switched off forwarding is an obstacle to its family only`(
            name: String, family: AddressFamily
        ) throws {
            try Lab.clear()
            try Lab.run("sysctl", "-qw", "\(name)=0")
            defer { _ = try? Lab.run("sysctl", "-qw", "\(name)=1") }
            let found = KernelForwarder.probe()
            #expect(found.count == 1)
            #expect(found.first?.kind == .forwardingDisabled && found.first?.family == family)
            #expect(found.first?.remedy == "sysctl -w \(name)=1")
            #expect(KernelForwarder.probe(families: Set(AddressFamily.allCases).subtracting([family])) == [])
        }

        @Test(
            arguments: [("ip", AddressFamily.ipv4), ("ip6", .ipv6), ("inet", nil)]
                as [(String, AddressFamily?)])
        func `A dropping forward chain is named and the command given opens it`(
            tableFamily: String, family: AddressFamily?
        ) throws {
            try Lab.clear()
            try Lab.run(
                "nft",
                "add table \(tableFamily) filter; add chain \(tableFamily) filter FORWARD "
                    + "{ type filter hook forward priority 0; policy drop; }")
            let found = KernelForwarder.probe()
            let obstacle = try #require(found.first)
            #expect(found.count == 1 && obstacle.kind == .droppingChain && obstacle.family == family)
            let command =
                "nft insert rule \(tableFamily) filter FORWARD ct status dnat accept comment \"crosspoint\""
            #expect(obstacle.remedy == command)
            #expect(obstacle.description.contains("\(tableFamily) filter FORWARD"))

            let stream = try LabStream(family ?? .ipv4)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            try forwarder.install(stream.both)
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            #expect(try caller.ask("send 5 1000") == "sent")
            #expect(try callee.settledReport()["packets"] == "0", "the chain does drop")
            #expect(try Lab.run("sh", "-c", command) == "")
            #expect(KernelForwarder.probe() == [])
            #expect(try caller.ask("send 5 1000") == "sent")
            #expect(try callee.settledReport()["packets"] == "5")
            try forwarder.shutDown()
        }

        @Test func `An accepting or empty forward chain is no obstacle`() throws {
            try Lab.clear()
            try Lab.run(
                "nft",
                "add table ip filter; add chain ip filter FORWARD "
                    + "{ type filter hook forward priority 0; policy accept; }; "
                    + "add chain ip filter INPUT { type filter hook input priority 0; policy drop; }")
            #expect(KernelForwarder.probe() == [])
        }
    }
}
