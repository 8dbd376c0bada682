import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// When a re-offer keeps or changes the ports shown to the other side (ng.md 3.4), and hold.
@Suite struct PortRuleTests {
    let calls: CallHarness
    let offered: [UInt16]
    let answered: [UInt16]

    init() throws {
        let calls = try CallHarness()
        self.offered = try calls.offer(sdp: audio("198.51.100.1", 4000)).ports
        self.answered = try calls.answer(sdp: audio("198.51.100.3", 5000)).ports
        self.calls = calls
    }

    @Test func anotherEndpointOfTheOffererShowsOtherPortsAndTheOldOnesStayOpen() throws {
        let offer = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4100))
        #expect(offer.ports != self.offered)
        let caller = try self.calls.plan(port: self.answered[0])
        let old = try self.calls.plan(port: self.offered[0])
        let new = try self.calls.plan(port: offer.port())
        #expect(old.sink == caller.id && new.sink == caller.id)
        #expect(caller.sink == new.id)
        let answer = try self.calls.answer(sdp: audio("198.51.100.3", 5000))
        #expect(answer.ports == self.answered)
    }

    @Test func anEarlierEndpointGetsItsEarlierPortsBack() throws {
        let moved = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4100))
        let back = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000))
        #expect(back.ports == self.offered)
        #expect(try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4100)).ports == moved.ports)
        #expect(self.calls.plans.count == 6)
    }

    @Test func onlyAFewEarlierPairsAreKept() throws {
        for port in stride(from: 6000, to: 6040, by: 2) {
            _ = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", port))
        }
        #expect(self.calls.plans.count == 4 + 2 * CallLimits.retiredPairs)
        #expect(self.calls.ports.taken.count == self.calls.plans.count)
    }

    @Test func portLatchingKeepsThePorts() throws {
        let offer = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4100)) { $0.portLatching = true }
        #expect(offer.ports == self.offered)
    }

    @Test(arguments: ["sendonly", "inactive"])
    func aHoldKeepsThePortsUnlessToldNotTo(direction: String) throws {
        let hold = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4100, direction: direction))
        #expect(hold.ports == self.offered)
        #expect(hold.lines("a=\(direction)").count == 1)
        let other = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4200, direction: direction)) {
            $0.portLatching = false
        }
        #expect(other.ports != self.offered)
    }

    @Test func aHoldWithAZeroAddressMutesThePartyAndResumesWhereItWas() throws {
        let before = try self.calls.plan(port: self.answered[0])
        let hold = try self.calls.offer(to: "b", sdp: audio("0.0.0.0", 4000))
        #expect(hold.lines("c=") == ["c=IN IP4 0.0.0.0"])
        #expect(hold.lines("a=sendonly").count == 1)
        #expect(hold.ports == self.offered)
        let held = try self.calls.plan(port: self.answered[0])
        #expect(held.isMuted && held.signalled == before.signalled)
        let resumed = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000))
        #expect(resumed.ports == self.offered)
        #expect(try self.calls.plan(port: self.answered[0]) == before)
    }

    @Test func replaceZeroAddressShowsOurs() throws {
        let hold = try self.calls.offer(to: "b", sdp: audio("0.0.0.0", 4000)) {
            $0.replacesZeroAddress = true
        }
        #expect(hold.lines("c=") == ["c=IN IP4 203.0.113.1"])
    }

    @Test func originalSendrecvKeepsTheAttribute() throws {
        let hold = try self.calls.offer(to: "b", sdp: audio("0.0.0.0", 4000, direction: "sendrecv")) {
            $0.keepsDirection = true
        }
        #expect(hold.lines("a=sendrecv").count == 1 && hold.lines("a=sendonly").isEmpty)
    }

    @Test func anotherInterfaceMovesThePartyToNewPorts() throws {
        let offer = try self.calls.offer(to: "b", sdp: audio("198.51.100.1", 4000)) {
            $0.direction = ["pub", "priv"]
        }
        #expect(offer.ports != self.offered)
        #expect(offer.lines("c=") == ["c=IN IP4 192.0.2.9"])
        #expect(try self.calls.plan(port: offer.port()).local.address == CallHarness.ip("10.0.0.1"))
    }
}
