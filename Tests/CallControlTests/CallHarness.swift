import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// Hands out ports from a counter, and remembers which are taken.
final class CountingPorts: PortReserving {
    private(set) var taken: Set<RelayPortID> = []
    private var nextIndex: UInt32 = 0
    private var nextPort: UInt16 = 30000
    /// How many more pairs there are.
    var remaining = Int.max

    func reserve(
        on interface: InterfaceAddress, withRTCP: Bool, trafficClass: UInt8
    ) throws(PortReservationError) -> PortPair {
        let address = interface.local
        guard self.remaining > 0 else { throw PortReservationError(reason: "the test has no more ports") }
        self.remaining -= 1
        let rtp = self.port(address, self.nextPort)
        let rtcp = withRTCP ? self.port(address, self.nextPort + 1) : nil
        // Begins again: long before that the first ones are free.
        self.nextPort = self.nextPort > 65000 ? 30000 : self.nextPort + 2
        return PortPair(rtp: rtp, rtcp: rtcp)
    }

    func release(_ pair: PortPair) { for port in pair.ports { self.taken.remove(port.id) } }

    func close(_ id: RelayPortID) { self.taken.remove(id) }

    private func port(_ address: IPAddress, _ number: UInt16) -> ReservedPort {
        let id = RelayPortID(self.nextIndex)
        self.nextIndex += 1
        self.taken.insert(id)
        return ReservedPort(id: id, local: TransportAddress(address, port: number))
    }
}

/// A call table on virtual time with the plans that its actions add up to.
final class CallHarness {
    var table: CallTable
    let ports = CountingPorts()
    var plans: [RelayPortID: PortPlan] = [:]
    var now = 0.0
    /// The actions of the last command.
    var actions: [RelayAction] = []
    var warnings: [String] = []
    /// Ports on which media has stopped.
    var silent: Set<RelayPortID> = []
    var clockRates: [RelayPortID: [PayloadClockRate]] = [:]
    var lastPacket: [RelayPortID: MonotonicTime] = [:]
    private var namesMade = 0

    init(configure: (inout RelaySettings) -> Void = { _ in }) throws {
        let pub = LogicalInterface(
            name: "pub",
            addresses: [
                InterfaceAddress(local: try Self.ip("203.0.113.1")),
                InterfaceAddress(local: try Self.ip("2001:db8::1")),
            ])
        let priv = LogicalInterface(
            name: "priv",
            addresses: [
                InterfaceAddress(local: try Self.ip("10.0.0.1"), advertised: try Self.ip("192.0.2.9"))
            ])
        var settings = RelaySettings(interfaces: [pub, priv])
        configure(&settings)
        self.table = CallTable(settings: settings)
    }

    static func ip(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    /// What the random generator of a daemon would give.
    func newName() -> String {
        self.namesMade += 1
        return "made-\(self.namesMade)"
    }

    var time: SignallingTime {
        SignallingTime(monotonic: MonotonicTime(seconds: self.now), unixMicroseconds: Int64(self.now * 1e6))
    }

    func offer(
        from tag: String = "a", to toTag: String? = nil, branch: String? = nil, call: String = "c1",
        sdp: String,
        receivedFrom: String? = nil, _ options: (inout OfferAnswerOptions) -> Void = { _ in }
    ) throws -> HandedOut {
        let message = Self.message(tag, toTag, branch, call, sdp, receivedFrom, options)
        return self.perform(
            try self.table.offer(
                message, at: self.time, ports: self.ports, hasFallenSilent: { self.silent.contains($0) }))
    }

    func answer(
        from tag: String = "a", to toTag: String? = "b", branch: String? = nil, call: String = "c1",
        sdp: String,
        receivedFrom: String? = nil, _ options: (inout OfferAnswerOptions) -> Void = { _ in }
    ) throws -> HandedOut {
        let message = Self.message(tag, toTag, branch, call, sdp, receivedFrom, options)
        return self.perform(
            try self.table.answer(
                message, at: self.time, ports: self.ports, hasFallenSilent: { self.silent.contains($0) }))
    }

    func delete(
        from tag: String? = nil, to toTag: String? = nil, branch: String? = nil, call: String = "c1",
        delay: Int? = 0, matchesToTag: Bool = false
    ) -> DeleteOutcome {
        let request = DeleteRequest(
            selector: CallSelector(callID: call, fromTag: tag, toTag: toTag, viaBranch: branch),
            matchesToTag: matchesToTag, delaySeconds: delay)
        let outcome = self.table.delete(request, at: self.time)
        self.apply(outcome)
        return outcome
    }

    /// Lets time pass and returns the reasons of the calls that ended.
    func expire(at seconds: Double) -> [EndReason] {
        self.now = seconds
        let lastPacket = self.lastPacket
        let outcomes = self.table.expire(at: self.time.monotonic) { lastPacket[$0] }
        return outcomes.compactMap { outcome in
            self.apply(outcome)
            if case .ended(let call) = outcome { return call.reason }
            return nil
        }
    }

    /// The plan of the port with this local port number.
    func plan(port: UInt16) throws -> PortPlan {
        try #require(self.plans.values.first { $0.local.port == port }, "no plan for port \(port)")
    }

    private static func message(
        _ tag: String, _ toTag: String?, _ branch: String?, _ call: String, _ sdp: String,
        _ receivedFrom: String?,
        _ options: (inout OfferAnswerOptions) -> Void
    ) -> OfferAnswer {
        var message = OfferAnswer(
            selector: CallSelector(callID: call, fromTag: tag, toTag: toTag, viaBranch: branch),
            sdp: Array(sdp.utf8),
            receivedFrom: receivedFrom.flatMap { IPAddress($0) })
        options(&message.options)
        return message
    }

    private func perform(_ outcome: ExchangeOutcome) -> HandedOut {
        self.warnings = outcome.warnings
        self.apply(outcome.actions)
        return HandedOut(text: String(decoding: outcome.sdp, as: UTF8.self))
    }

    private func apply(_ outcome: DeleteOutcome) {
        switch outcome {
        case .partyRemoved(let actions): self.apply(actions)
        case .ended(let call): self.apply(call.actions)
        case .notFound, .scheduled: self.actions = []
        }
    }

    func apply(_ actions: [RelayAction]) {
        self.actions = actions
        for action in actions {
            switch action {
            case .configure(let plan): self.plans[plan.id] = plan
            case .setClockRates(let id, let rates): self.clockRates[id] = rates
            case .adopt: break
            case .close(let id):
                self.plans[id] = nil
                self.ports.close(id)
            }
        }
    }
}

/// An SDP as a party sees it.
struct HandedOut {
    let text: String

    var lines: [String] { self.text.split(separator: "\r\n").map(String.init) }
    func lines(_ prefix: String) -> [String] { self.lines.filter { $0.hasPrefix(prefix) } }

    /// The ports of the `m=` lines.
    var ports: [UInt16] {
        self.lines("m=").compactMap { $0.split(separator: " ").dropFirst().first.flatMap { UInt16($0) } }
    }

    /// The first port.
    func port(at index: Int = 0) throws -> UInt16 {
        let ports = self.ports
        try #require(ports.indices.contains(index), "no media section \(index) in \(self.text)")
        return ports[index]
    }
}

/// A party's SDP: one audio section, and whatever lines are added to it.
func audio(
    _ address: String, _ port: Int, direction: String? = "sendrecv", transport: String = "RTP/AVP",
    extra: [String] = [], more: [String] = []
) -> String {
    let family = address.contains(":") ? "IP6" : "IP4"
    var lines = [
        "v=0", "o=alice 1 2 IN \(family) \(address)", "s=-", "c=IN \(family) \(address)", "t=0 0",
        "m=audio \(port) \(transport) 0 8", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000",
    ]
    lines += extra
    if let direction { lines.append("a=\(direction)") }
    return (lines + more).joined(separator: "\r\n") + "\r\n"
}
