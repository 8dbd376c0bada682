import CNetfilter
import Foundation
import RelayPlanning
import Testing
import WireFormat

@testable import KernelForwarding

/// Netlink messages as octets, without a socket. The live tests show that the kernel and nft understand them.
@Suite struct MessageBytesTests {
    @Test func `Setting up the table sends the recorded octets`() throws {
        let table = RelayTable(name: "crosspoint", portRanges: [40000...40099], trafficClass: 0xB8)
        var messages = NetlinkMessages(capacity: 64 << 10)
        var attempts = ["begin"]
        messages.append(crosspoint_put_batch_begin)
        table.appendSetUp(to: &messages, attempts: &attempts)
        messages.acknowledgeLast()
        messages.append(crosspoint_put_batch_end)
        let lastIndex = messages.index(of: messages.lastSequence)
        #expect(lastIndex == attempts.count)
        expectSendable(messages)
        let lines = Self.lines(messages)
        #expect(lines == (try Lab.fixture("setup.hex")))
    }

    @Test(arguments: AddressFamily.allCases)
    func `A flow's elements and conntrack entry are the recorded octets`(family: AddressFamily) throws {
        var flow = crosspoint_flow(try LabStream(family).forward)
        var messages = NetlinkMessages(capacity: 64 << 10)
        messages.append {
            crosspoint_put_element(
                $0, Message.newElement, Flag.createOnly, "crosspoint", StreamMap.streams(family).name, &flow,
                CROSSPOINT_VALUE_DESTINATION, "call/0/caller")
        }
        messages.append {
            crosspoint_put_element(
                $0, Message.newElement, Flag.createOnly, "crosspoint", StreamMap.sources(family).name, &flow,
                CROSSPOINT_VALUE_RELAY, nil)
        }
        messages.append {
            crosspoint_put_element(
                $0, Message.deleteElement, Flag.echo, "crosspoint", StreamMap.streams(family).name, &flow,
                CROSSPOINT_VALUE_NONE, nil)
        }
        messages.append { crosspoint_put_conntrack_create($0, &flow, ConntrackStatus.established, 60) }
        messages.append {
            crosspoint_put_conntrack_named(
                $0, Message.deleteConntrack, family == .ipv6, &flow.source, &flow.local)
        }
        messages.acknowledgeLast()
        expectSendable(messages)
        let lines = Self.lines(messages)
        #expect(lines == (try Lab.fixture("flow\(family.rawValue).hex")))
    }

    @Test func `A full buffer is marked broken instead of being overrun`() throws {
        var flow = crosspoint_flow(try LabStream(.ipv4).forward)
        var messages = NetlinkMessages(capacity: Int(CROSSPOINT_MESSAGE_ROOM))
        messages.append { crosspoint_put_conntrack_create($0, &flow, 0, 60) }
        expectSendable(messages)
        messages.append { crosspoint_put_conntrack_create($0, &flow, 0, 60) }
        let isBroken = messages.isBroken
        #expect(isBroken)
        messages.removeAll()
        let isEmpty = messages.isEmpty
        #expect(isEmpty)
        expectSendable(messages)
    }

    @Test func `The largest transaction fits its buffer`() throws {
        var flow = crosspoint_flow(try LabStream(.ipv6).forward)
        let comment = String(repeating: "x", count: Comment.octetsLimit)
        var messages = NetlinkMessages(capacity: KernelForwarder.bufferOctets)
        for _ in 0..<KernelForwarder.flowsPerTransaction {
            messages.append {
                crosspoint_put_element(
                    $0, Message.newElement, 0, String(repeating: "t", count: 200), "streams6", &flow,
                    CROSSPOINT_VALUE_DESTINATION, comment)
            }
            messages.append {
                crosspoint_put_element(
                    $0, Message.newElement, 0, String(repeating: "t", count: 200), "sources6", &flow,
                    CROSSPOINT_VALUE_RELAY, nil)
            }
        }
        expectSendable(messages)
        let octets = messages.bytes.count
        #expect(octets < Int(NetlinkConnection.sendBufferOctets) - 32)
    }

    @Test func `An element is read back as it was written and counts UDP payload only`() throws {
        let stream = try LabStream(.ipv6)
        var flow = crosspoint_flow(stream.forward)
        var messages = NetlinkMessages(capacity: 64 << 10)
        messages.append {
            crosspoint_put_element(
                $0, Message.newElement, 0, "crosspoint", "streams6", &flow, CROSSPOINT_VALUE_DESTINATION, nil)
        }
        var cursor = 0
        var message = crosspoint_message()
        let bytes = messages.bytes
        let isThere = crosspoint_next_message(bytes.baseAddress, bytes.count, &cursor, &message)
        #expect(isThere)
        #expect(message.kind == CROSSPOINT_KIND_ELEMENTS)
        #expect(crosspoint_is_about_table(message.header, "crosspoint"))
        #expect(!crosspoint_is_about_table(message.header, "crosspoin"))
        var read: [FlowEnds] = []
        ElementReader.forEach(in: message) { ends, element in
            read.append(ends)
            #expect(element.flow.destination.transportAddress(isIPv6: true) == stream.callee)
        }
        #expect(read == [stream.forward.ends])
        let isMore = crosspoint_next_message(bytes.baseAddress, bytes.count, &cursor, &message)
        #expect(!isMore)
    }

    @Test(
        arguments: [
            (false, 3, 3 * (172 + 28), 3 * 172), (true, 3, 3 * (172 + 48), 3 * 172), (false, 2, 10, 0),
            (false, 0, 0, 0),
        ] as [(Bool, UInt64, UInt64, UInt64)])
    func `Counters lose the headers`(isIPv6: Bool, packets: UInt64, octets: UInt64, payload: UInt64) {
        var element = crosspoint_element()
        element.flow.is_ipv6 = isIPv6
        element.packets = packets
        element.octets = octets
        #expect(element.counters == TrafficCounters(packets: packets, bytes: payload))
    }

    /// The kernel is trusted with meaning, never with lengths.
    @Test func `Damaged messages are read without harm`() throws {
        var flow = crosspoint_flow(try LabStream(.ipv4).forward)
        var messages = NetlinkMessages(capacity: 64 << 10)
        for type in [Message.newElement, Message.deleteElement] {
            messages.append {
                crosspoint_put_element(
                    $0, type, 0, "crosspoint", "streams4", &flow, CROSSPOINT_VALUE_DESTINATION, "comment")
            }
        }
        var attempts: [String] = []
        RelayTable(name: "crosspoint", portRanges: [1...2], trafficClass: nil)
            .appendSetUp(to: &messages, attempts: &attempts)
        let seed = Array(messages.bytes)
        var random = SplitMix64(state: 0x5EED)
        var reached = 0
        for _ in 0..<20_000 {
            var damaged = seed
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(
                    in: .min ... .max, using: &random)
            }
            let length = Int.random(in: 0...damaged.count, using: &random)
            // A buffer of exactly this size, so that a sanitizer sees any octet read behind it.
            Array(damaged[..<length]).withUnsafeBufferPointer { reached += Self.readAll($0) }
        }
        #expect(reached > 20_000)
    }

    private func expectSendable(_ messages: borrowing NetlinkMessages) {
        let isBroken = messages.isBroken
        #expect(!isBroken)
    }

    private static func readAll(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var cursor = 0
        var message = crosspoint_message()
        var count = 0
        while crosspoint_next_message(bytes.baseAddress, bytes.count, &cursor, &message) {
            count += 1
            var chain = crosspoint_base_chain()
            switch message.kind {
            case CROSSPOINT_KIND_ELEMENTS: ElementReader.forEach(in: message) { _, _ in }
            case CROSSPOINT_KIND_CHAIN: _ = crosspoint_read_base_chain(message.header, &chain)
            case CROSSPOINT_KIND_RULE: _ = crosspoint_rule_mentions(message.header, "crosspoint")
            case CROSSPOINT_KIND_TABLE: _ = crosspoint_is_about_table(message.header, "crosspoint")
            default: break
            }
        }
        return count
    }

    /// Sixteen octets a line, an empty line between messages.
    private static func lines(_ messages: borrowing NetlinkMessages) -> String {
        var text = ""
        var rest = messages.bytes[...]
        while rest.count >= 4 {
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            let message = Array(rest.prefix((length + 3) / 4 * 4))
            for start in stride(from: 0, to: message.count, by: 16) {
                let line = message[start..<min(start + 16, message.count)]
                text +=
                    line.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ") + "\n"
            }
            text += "\n"
            rest = rest.dropFirst(message.count)
        }
        return text
    }
}

/// A small deterministic generator (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
