import CallControl
import Foundation
import RelayPlanning
import Testing
import UserspaceForwarding
import WireFormat

@testable import RelayDaemon

/// A UDP socket of a party on loopback.
private final class PartySocket {
    private let descriptor: Int32
    let port: Int

    init(port: Int) throws {
        self.port = port
        self.descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        let local = try #require(TransportAddress("127.0.0.1:\(port)"))
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(
            self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        try #require(local.withSocketAddress { bind(self.descriptor, $0, $1) } == 0)
    }

    deinit { close(self.descriptor) }

    func send(_ mark: UInt8, to port: Int) throws {
        let target = try #require(TransportAddress("127.0.0.1:\(port)"))
        let packet: [UInt8] = [0x80, 0, 0, mark] + [UInt8](repeating: mark, count: 168)
        _ = target.withSocketAddress { sendto(self.descriptor, packet, packet.count, 0, $0, $1) }
    }

    /// The mark of the next packet; nil if none comes.
    func receive(isPatient: Bool = true) -> UInt8? {
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = recv(self.descriptor, &buffer, buffer.count, isPatient ? 0 : Int32(MSG_DONTWAIT))
        return count > 4 ? buffer[3] : nil
    }
}

@Suite(.serialized) struct RelaySubscriptionTests {
    /// Replies go out before the workers have read what a command changed for them.
    private func settle() { usleep(100_000) }

    private func port(_ reply: [String: Any], _ index: Int = 0) throws -> Int {
        let sdp = try #require(reply["sdp"] as? String, "\(reply)")
        let lines = sdp.split(separator: "\r\n").filter { $0.hasPrefix("m=") }
        try #require(lines.indices.contains(index))
        return try #require(Int(lines[index].split(separator: " ")[1]))
    }

    private func call(
        _ relay: RelayHarness, _ id: String, _ tags: (String, String), _ ports: (PartySocket, PartySocket)
    ) throws -> (towardsFirst: Int, towardsSecond: Int) {
        let offered = try relay.offer(id, from: tags.0, port: ports.0.port)
        let answered = try relay.answer(id, from: tags.0, to: tags.1, port: ports.1.port)
        return (try self.port(answered), try self.port(offered))
    }

    @Test func aRecorderHearsBothPartiesUntilItUnsubscribes() throws {
        let relay = try RelayHarness(ports: 41200...41259)
        let (a, b) = (try PartySocket(port: 42200), try PartySocket(port: 42202))
        let ends = [try PartySocket(port: 42204), try PartySocket(port: 42206)]
        let ours = try self.call(relay, "c", ("a", "b"), (a, b))
        let offer = try relay.request([
            "command": "subscribe request", "call-id": "c", "to-tag": "rec", "flags": ["SIPREC", "all"],
        ])
        #expect(offer["from-tags"] as? [String] == ["a", "b"])
        #expect((offer["media-labels"] as? [String: Any])?.count == 2)
        let answer = [
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
            "m=audio 42204 RTP/AVP 0", "a=recvonly", "m=audio 42206 RTP/AVP 0", "a=recvonly", "",
        ].joined(separator: "\r\n")
        let accepted = try relay.request([
            "command": "subscribe answer", "call-id": "c", "to-tag": "rec", "sdp": answer,
        ])
        #expect(accepted["result"] as? String == "ok", "\(accepted)")
        self.settle()
        try a.send(1, to: ours.towardsFirst)
        #expect(b.receive() == 1 && ends[0].receive() == 1)
        try b.send(2, to: ours.towardsSecond)
        #expect(a.receive() == 2 && ends[1].receive() == 2)
        let ended = try relay.request(["command": "unsubscribe", "call-id": "c", "to-tag": "rec"])
        #expect(ended["result"] as? String == "ok")
        self.settle()
        try a.send(3, to: ours.towardsFirst)
        #expect(b.receive() == 3 && ends[0].receive(isPatient: false) == nil)
        #expect(try relay.waitForPorts(4))
        try relay.delete("c")
        #expect(try relay.waitForPorts(0))
    }

    @Test func partiesOfCallsOnDifferentWorkersAreConnected() throws {
        let relay = try RelayHarness(ports: 41260...41319)
        let names = (0..<64).map { "call-\($0)" }
        let first = names[0]
        let second = try #require(
            try relay.on { relay in
                names.first { relay.worker(for: $0) != relay.worker(for: first) }
            })
        let sockets = try (0..<4).map { try PartySocket(port: 42220 + 2 * $0) }
        let one = try self.call(relay, first, ("a", "b"), (sockets[0], sockets[1]))
        let two = try self.call(relay, second, ("c", "d"), (sockets[2], sockets[3]))
        self.settle()
        try sockets[3].send(1, to: two.towardsSecond)
        #expect(sockets[2].receive() == 1)
        let reply = try relay.request([
            "command": "connect", "call-id": first, "from-tag": "a", "to-tag": "d", "to-call-id": second,
        ])
        #expect(reply["result"] as? String == "ok", "\(reply)")
        // Ports change their worker meanwhile: what arrives in that moment has nowhere to go.
        var heard: UInt8?
        for _ in 0..<100 where heard == nil {
            try sockets[0].send(2, to: one.towardsFirst)
            usleep(20_000)
            heard = sockets[3].receive(isPatient: false)
        }
        #expect(heard == 2)
        try sockets[3].send(3, to: two.towardsSecond)
        #expect(sockets[0].receive() == 3 && sockets[2].receive(isPatient: false) == nil)
        let workers = try relay.on { relay in
            Set(relay.callOfPort.map { relay.userspace.worker(of: $0.key) })
        }
        #expect(workers.count == 1)
        #expect(try relay.on { Set($0.callOfPort.values) } == [first])
        // A re-offer under the other name stays with the call and its worker.
        try relay.offer(second, from: "d", to: "a", port: 42226)
        #expect(try relay.on { Set($0.callOfPort.values) } == [first])
        let ended = try relay.request([
            "command": "delete", "call-id": second, "delete delay": 0,
        ])
        #expect(ended["result"] as? String == "ok")
        #expect(try relay.waitForPorts(0))
    }

    @Test func blockedMediaIsNotHeard() throws {
        let relay = try RelayHarness(ports: 41320...41359)
        let (a, b) = (try PartySocket(port: 42240), try PartySocket(port: 42242))
        let ours = try self.call(relay, "c", ("a", "b"), (a, b))
        try relay.request(["command": "block media", "call-id": "c", "from-tag": "b"])
        self.settle()
        try a.send(1, to: ours.towardsFirst)
        self.settle()
        try relay.request(["command": "unblock media", "call-id": "c"])
        self.settle()
        try a.send(2, to: ours.towardsFirst)
        #expect(b.receive() == 2)
        let refused = try relay.request(["command": "block media", "call-id": "x"])
        #expect(refused["error-reason"] as? String == "Unknown call-ID")
    }

    @Test func publishersAreGivenNames() throws {
        let relay = try RelayHarness(ports: 41360...41399)
        let reply = try relay.request(["command": "publish", "sdp": RelayHarness.audio(port: 42250)])
        let names = [reply["call-id"], reply["from-tag"]].compactMap { $0 as? String }
        #expect(names.count == 2 && Set(names).count == 2, "\(reply)")
        #expect(names.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) })
        #expect((reply["sdp"] as? String)?.contains("a=recvonly") == true)
    }
}
