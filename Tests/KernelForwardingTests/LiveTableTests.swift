import CNetfilter
import Foundation
import RelayPlanning
import Testing
import WireFormat

@testable import KernelForwarding

extension LiveTests {
    @Suite(.serialized) struct Table {
        @Test func `nft lists the table as in the fixture and loads its own listing again`() throws {
            try Lab.clear()
            let forwarder = try KernelForwarder(
                portRanges: [40000...40099, 50000...50000, 40050...40199], trafficClass: 0xB8)
            let streams = try AddressFamily.allCases.map { try LabStream($0) }
            try forwarder.install(streams.map { ($0.forward, "call \"7\"@host/0/caller") })
            let listing = try Lab.nft("list ruleset")
            #expect(listing == (try Lab.fixture("ruleset.nft")))

            let file = FileManager.default.temporaryDirectory.appendingPathComponent(
                "crosspoint-\(getpid()).nft")
            defer { try? FileManager.default.removeItem(at: file) }
            try listing.write(to: file, atomically: true, encoding: .utf8)
            try Lab.nft("flush ruleset")
            #expect(try Lab.run("nft", "-f", file.path) == "")
            #expect(try Lab.nft("list ruleset") == listing)
            try forwarder.shutDown()
        }

        @Test func `Shutting down leaves nothing in nft and conntrack`() throws {
            try Lab.clear()
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            for family in AddressFamily.allCases { try forwarder.install(LabStream(family).both) }
            #expect(try Lab.conntrack(.ipv6).contains("dport=40000"))
            try forwarder.shutDown()
            #expect(try Lab.nft("list ruleset") == "")
            for family in AddressFamily.allCases {
                #expect(try !Lab.conntrack(family).contains("dport=4000"))
            }
        }

        @Test func `What a crashed run left is removed at the start and nothing else is`() throws {
            try Lab.clear()
            try Lab.nft("add table inet somebodyelse")
            try Lab.run(
                "conntrack", "-I", "-p", "udp", "-s", "10.9.0.1", "-d", "10.9.0.2", "--sport", "7", "--dport",
                "8",
                "-n", "10.9.0.3:9", "-g", "10.9.0.4:10", "-t", "60")
            do {
                // Its end without shutDown is what a crash is to the kernel.
                let crashed = try KernelForwarder(portRanges: Lab.ports)
                for family in AddressFamily.allCases { try crashed.install(LabStream(family).both) }
            }
            #expect(try Lab.nft("list map inet crosspoint streams4").contains("call-1/0/caller"))
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            #expect(try !Lab.nft("list map inet crosspoint streams4").contains("elements"))
            #expect(try !Lab.conntrack(.ipv6).contains("dport=40000"))
            let left = try Lab.conntrack()
            #expect(!left.contains("dport=40000") && left.contains("10.9.0.1"))
            #expect(try Lab.nft("list tables").contains("somebodyelse"))
            try forwarder.shutDown()
        }

        @Test func `A removed table is noticed and comes back with its streams`() throws {
            try Lab.clear()
            let stream = try LabStream(.ipv4)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            let watch = try KernelTableWatch(over: forwarder)
            let relay = try UserspaceRelay(stream)
            defer { relay.stop() }
            try forwarder.install(stream.both)
            try forwarder.setUpTable()
            try forwarder.install(LabStream(.ipv6).both)
            #expect(!watch.drain(), "our own changes are not news")
            try Lab.nft("add table inet somebodyelse")
            #expect(!watch.drain(), "nor are other tables")

            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            try caller.tell("send 2000 4000")
            usleep(150_000)
            try Lab.nft("flush ruleset")
            #expect(watch.drain())
            usleep(50_000)
            _ = try forwarder.restore(stream.both)
            #expect(!watch.drain())
            _ = try caller.line()
            let report = try callee.settledReport()
            // While the kernel takes somebody's flushed hooks down one by one, packets may meet translation without
            // notrack and be dropped: some milliseconds, once. Nothing is lost after that, the restoration included.
            let arrived = try #require(Int(report["packets"] ?? ""))
            #expect(arrived >= 1800 && report["doubled"] == "0", "\(report)")
            #expect(!(report["gaps"] ?? "").contains(","), "one gap at most: \(report)")
            #expect(relay.seen.fromCaller > 100, "the daemon carried on meanwhile")
            #expect(try #require(try forwarder.counters(of: [stream.forward])[0]).packets > 100)
            #expect(try Lab.nft("list ruleset").contains("call-1/0/caller"))
            try forwarder.shutDown()
        }

        @Test func `Damage short of removal is noticed too and restoring returns the old counters`() throws {
            try Lab.clear()
            let stream = try LabStream(.ipv4)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            let watch = try KernelTableWatch(over: forwarder)
            try forwarder.install(stream.both)
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            #expect(try caller.ask("send 10 1000") == "sent")
            try Lab.nft("flush chain inet crosspoint local_out")
            #expect(watch.drain())
            let last = try forwarder.restore(stream.both)
            #expect(last == [TrafficCounters(packets: 10, bytes: 1720), TrafficCounters()])
            #expect(try forwarder.counters(of: [stream.forward]) == [TrafficCounters()])
            #expect(try Lab.nft("list chain inet crosspoint local_out").contains("notrack"))
            try forwarder.shutDown()
        }

        @Test func `Removing streams whose elements somebody took away returns what is left`() throws {
            try Lab.clear()
            let stream = try LabStream(.ipv4)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            try forwarder.install(stream.both)
            try Lab.nft("delete element inet crosspoint streams4 { 10.1.0.2 . 20000 . 10.1.0.1 . 40000 }")
            #expect(try forwarder.remove(stream.both.map(\.0)) == [TrafficCounters(), TrafficCounters()])
            #expect(try !Lab.conntrack().contains("dport=40000"))
            #expect(forwarder.flowCount == 0)
            try forwarder.install(stream.both)
            try Lab.nft("flush ruleset")
            #expect(try forwarder.remove(stream.both.map(\.0)) == [TrafficCounters(), TrafficCounters()])
            try forwarder.shutDown()
        }

        @Test func `Plain conntrack entries in the way are cleared`() throws {
            try Lab.clear()
            let stream = try LabStream(.ipv4)
            let relay = try UserspaceRelay(stream)
            defer { relay.stop() }
            // A table of somebody else that makes conntrack look at everything, and no table of ours yet.
            try Lab.run(
                "nft",
                "add table inet t; add chain inet t c { type filter hook input priority 0; }; "
                    + "add rule inet t c ct state new accept")
            let caller = try Party("a", at: stream.caller, sendingTo: stream.relayForCaller)
            let callee = try Party("b", at: stream.callee, sendingTo: stream.relayForCallee)
            #expect(try callee.ask("send 1 100") == "sent")
            #expect(try caller.ask("send 1 100") == "sent")
            usleep(100_000)
            let plain = try Lab.conntrack()
            #expect(plain.contains("dport=40000") && plain.contains("dport=40002"))
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            try forwarder.install(stream.both)
            _ = try callee.ask("reset")
            #expect(try caller.ask("send 5 100") == "sent")
            #expect(try callee.settledReport()["packets"] == "5")
            #expect(try forwarder.counters(of: [stream.forward]) == [TrafficCounters(packets: 5, bytes: 860)])
            try forwarder.shutDown()
        }

        @Test func `A table the kernel refuses is an error that says which part`() throws {
            try Lab.clear()
            // A table that belongs to another running process may not be touched by anybody else.
            let owner = try Child(["nft", "-i"], joiningErrors: true)
            try owner.write("add table inet crosspoint { flags owner; }\n")
            while try !Lab.nft("list tables").contains("crosspoint") { usleep(20_000) }
            let error = #expect(throws: NetlinkError.self) { try KernelForwarder(portRanges: Lab.ports) }
            #expect(
                error?.attempted.contains("the table inet crosspoint") == true, "\(error?.description ?? "")")
            #expect(error?.kind == .notPermitted)
        }

        @Test func `The table's name is the operator's choice within nft's limit`() throws {
            try Lab.clear()
            let name = String(repeating: "t", count: 255)
            let forwarder = try KernelForwarder(table: name, portRanges: Lab.ports)
            #expect(try Lab.nft("list tables") == "table inet \(name)\n")
            try forwarder.shutDown()
            for unusable in ["", name + "t"] {
                #expect(throws: NetlinkError.self) {
                    try KernelForwarder(table: unusable, portRanges: Lab.ports)
                }
            }
        }

        @Test func `A failed installation leaves nothing behind`() throws {
            try Lab.clear()
            let stream = try LabStream(.ipv4)
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            // Somebody else's element with the same key and another value.
            try Lab.nft(
                "add element inet crosspoint sources4 { 10.2.0.2 . 30000 . 10.2.0.1 . 40002 : 10.1.0.1 . 40098 }"
            )
            let error = #expect(throws: NetlinkError.self) { try forwarder.install(stream.both) }
            #expect(error?.kind == .alreadyExists)
            #expect(error?.attempted.contains("10.2.0.2:30000") == true)
            #expect(forwarder.flowCount == 0)
            #expect(try !Lab.conntrack().contains("dport=40000"))
            #expect(try !Lab.nft("list map inet crosspoint streams4").contains("elements"))
            try forwarder.shutDown()
        }

        /// The limit is one for all namespaces, so it is reached by filling the table instead of by lowering it.
        @Test func `A full conntrack table refuses the flow and leaves nothing behind`() throws {
            try Lab.clear()
            defer { try? Lab.clear() }
            let limit = try #require(
                Int(Lab.run("sysctl", "-n", "net.netfilter.nf_conntrack_max").filter(\.isNumber)))
            try #require(limit <= 1 << 20, "too much to fill")
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            try Self.fillConntrack(limit)
            let stream = try LabStream(.ipv4)
            let error = #expect(throws: NetlinkError.self) { try forwarder.install(stream.both) }
            #expect(error?.kind == .conntrackTableFull, "\(error?.description ?? "")")
            #expect(forwarder.flowCount == 0)
            #expect(try !Lab.nft("list map inet crosspoint streams4").contains("elements"))
            try Lab.run("conntrack", "-F")
            try forwarder.install(stream.both)
            try forwarder.shutDown()
        }

        private static func fillConntrack(_ limit: Int) throws {
            let connection = try NetlinkConnection()
            var messages = NetlinkMessages(capacity: KernelForwarder.bufferOctets)
            var flow = try LabStream(.ipv4).forward
            for start in stride(from: 0, to: limit, by: 1024) {
                messages.removeAll()
                for number in start..<min(start + 1024, limit) {
                    let port = UInt16(truncatingIfNeeded: number)
                    let address = UInt32(number >> 16)
                    flow.source = TransportAddress(IPAddress(ipv4: 0x0A32_0000 | address), port: port)
                    flow.destination = TransportAddress(IPAddress(ipv4: 0x0A33_0000 | address), port: port)
                    var ends = crosspoint_flow(flow)
                    messages.append {
                        crosspoint_put_conntrack_create($0, &ends, ConntrackStatus.established, 60)
                    }
                }
                messages.acknowledgeLast()
                _ = try connection.exchange(messages, attempting: "fill conntrack")
            }
        }

        @Test func `Ten thousand flows go in, are read and come out in split transactions`() throws {
            try Lab.clear()
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            let base = try LabStream(.ipv4).forward
            let flows = (0..<5000).flatMap { number -> [(KernelFlow, comment: String)] in
                var flow = base
                flow.source.port = UInt16(10_000 + number)
                flow.destination.port = UInt16(10_000 + number)
                return [(flow, "call-\(number)/0/caller"), (flow.reversed, "call-\(number)/0/callee")]
            }
            try forwarder.install(flows)
            #expect(try KernelCounterReader().allCounters().count == 10_000)
            #expect(try Lab.run("conntrack", "-C").contains("5000"))
            #expect(try forwarder.counters(of: flows.map(\.0)).allSatisfy { $0 == TrafficCounters() })
            #expect(try forwarder.remove(flows.map(\.0)).count == 10_000)
            #expect(try KernelCounterReader().allCounters().isEmpty)
            #expect(try !Lab.conntrack().contains("dport=40000"))
            try forwarder.shutDown()
        }
    }
}
