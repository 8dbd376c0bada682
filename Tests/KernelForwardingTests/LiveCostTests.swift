import Foundation
import RelayPlanning
import Testing
import WireFormat

@testable import KernelForwarding

extension LiveTests {
    /// What control costs: calls of two directions each, one by one, beside 50,000 elements that are there already.
    @Suite(.serialized) struct Costs {
        private static func call(_ number: Int) throws -> [(KernelFlow, comment: String)] {
            var flow = try LabStream(.ipv4).forward
            flow.source.port = UInt16(10_000 + number)
            flow.destination.port = UInt16(10_000 + number)
            return [(flow, "call-\(number)/0/caller"), (flow.reversed, "call-\(number)/0/callee")]
        }

        private static func microseconds(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
            let duration = try ContinuousClock().measure(body)
            return Double(duration.components.attoseconds) / 1e12 / Double(count)
                + Double(duration.components.seconds) * 1e6 / Double(count)
        }

        @Test func `Installing, reading and removing a call costs the same however many there are`() throws {
            try Lab.clear()
            let forwarder = try KernelForwarder(portRanges: Lab.ports)
            let standing = try (0..<25_000).flatMap { try Self.call($0) }
            try forwarder.install(standing)
            let calls = try (25_000..<27_000).map { try Self.call($0) }
            let flows = calls.map { $0.map(\.0) }
            let install = try Self.microseconds(calls.count) {
                for call in calls { try forwarder.install(call) }
            }
            let read = try Self.microseconds(calls.count) {
                for call in flows { _ = try forwarder.counters(of: call) }
            }
            let remove = try Self.microseconds(calls.count) {
                for call in flows { _ = try forwarder.remove(call) }
            }
            let reader = try KernelCounterReader()
            var elements = 0
            let dump = try Self.microseconds(1) { elements = try reader.allCounters().count }
            let all = standing.map(\.0)
            let single = try Self.microseconds(all.count) { _ = try reader.counters(of: all) }
            let figures =
                "a call: install \(install) µs, read \(read) µs, remove \(remove) µs; "
                + "dump of \(elements) elements \(dump / 1000) ms, "
                + "one by one \(single) µs each"
            print(figures)
            #expect(elements == 50_000)
            // Loose on purpose, for busy machines and unoptimised builds: a dump on the way would take far longer.
            #expect(max(install, read, remove) < dump / 10, "\(figures)")
            try forwarder.shutDown()
        }
    }
}
