import CallControl
import ControlVocabulary
import Logging
import NIOCore
import RTPPackets
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// What `crosspointctl` asks.
extension Relay {
    /// Answers one request line; flows with quality need a word with the workers, so the answer may come later.
    func receive(controlLine line: String, reply: @escaping (String) -> Void) {
        self.collectClosedPorts()
        let request: ControlRequest
        do {
            request = try ControlCodec.decodeRequest(line)
        } catch {
            reply(ControlCodec.encode(reply: .failed(error.description)))
            return
        }
        switch request.command {
        case .calls:
            reply(ControlCodec.encode(reply: .calls(self.callSummaries())))
        case .flows:
            self.flowSummaries(of: request.callID) { reply(ControlCodec.encode(reply: .flows($0))) }
        case .stats:
            reply(ControlCodec.encode(reply: .stats(self.statistics())))
        case .terminate:
            reply(ControlCodec.encode(reply: self.terminate(request.callID)))
        case .drain:
            self.drain()
            reply(ControlCodec.encode(reply: .done))
        case .undrain:
            self.undrain()
            reply(ControlCodec.encode(reply: .done))
        }
    }

    private func terminate(_ id: String?) -> ControlReply {
        guard let id else { return .failed("terminate needs a call-id") }
        let now = self.clock.now.monotonic
        guard let ended = self.calls.terminate(id, reason: .forceTerminated, at: now) else {
            return .failed("there is no call \(id)")
        }
        self.finish(ended)
        return .done
    }

    private func callSummaries() -> [CallSummary] {
        let now = self.clock.now
        return self.calls.reports().sorted { $0.created.monotonic < $1.created.monotonic }.map { call in
            CallSummary(
                callID: call.id, created: Double(call.created.unixMicroseconds) / 1e6,
                age: now.monotonic.seconds(since: call.created.monotonic),
                state: call.isEnding ? "deleted" : (call.isAnswered ? "answered" : "offered"),
                parties: call.parties.map { party in
                    let port = party.media.first?.ports.first
                    let address = port.flatMap {
                        self.ledger.remoteAddress(of: $0.plan.id)?.address.description
                    }
                    return PartySummary(
                        tag: party.tag ?? "", label: party.label, address: address, role: party.role,
                        blocked: party.blocks.isEmpty ? nil : party.blocks.names)
                },
                media: call.parties.map(\.media.count).max() ?? 0)
        }
    }

    private func flowSummaries(of callID: String?, completion: @escaping ([FlowSummary]) -> Void) {
        let reports =
            callID.map { id in self.calls.report(of: id).map { [$0] } ?? [] } ?? self.calls.reports()
        let ids = reports.flatMap { $0.parties.flatMap { $0.media.flatMap { $0.ports.map(\.plan.id) } } }
        self.quality(of: ids) { quality in
            let kernel = self.liveCounters(of: ids)
            var rows: [FlowSummary] = []
            for call in reports.sorted(by: { $0.created.monotonic < $1.created.monotonic }) {
                for party in call.parties {
                    for (index, media) in party.media.enumerated() {
                        for port in media.ports {
                            rows.append(
                                self.flowSummary(
                                    port, media: media, index: index, party: party, call: call,
                                    kernel: kernel,
                                    quality: quality[port.plan.id] ?? []))
                        }
                    }
                }
            }
            completion(rows)
        }
    }

    private func flowSummary(
        _ port: PortReport, media: MediaReport, index: Int, party: PartyReport, call: CallReport,
        kernel: [RelayPortID: TrafficCounters], quality: [SSRCQuality]
    ) -> FlowSummary {
        let plan = port.plan
        let now = self.clock.now.monotonic
        var row = FlowSummary(
            callID: call.id, media: index + 1, kind: media.kind,
            component: plan.component == .rtp ? .rtp : .rtcp,
            fromTag: party.tag ?? "", local: plan.local.description)
        if let remote = self.ledger.remoteAddress(of: plan.id) {
            row.from = remote.address.description
            row.fromIsSettled = remote.isSettled
        }
        if let sink = plan.sink {
            row.relay = self.ports.local(of: sink)?.description
            row.to = self.ledger.remoteAddress(of: sink)?.address.description
        }
        switch self.ledger.path(of: plan.id) {
        case .kernel: row.path = .kernel
        case .userspace(let reasons):
            row.engine = self.userspace.engine.rawValue
            row.reasons = reasons.descriptions
        }
        let user = self.userspace.statistics(of: plan.id)
        let traffic = self.kernelTraffic.totals(of: plan.id).received + (kernel[plan.id] ?? TrafficCounters())
        row.packets = user.forwardedPackets + traffic.packets
        row.bytes = user.received.bytes + traffic.bytes
        if let heard = quality.compactMap(\.received).max(by: { $0.lastHeard < $1.lastHeard }) {
            row.lost = Int64(clamping: heard.sequence.lost)
            row.jitterMilliseconds = Double(heard.jitter.microseconds) / 1000
        }
        row.age = now.seconds(since: call.created.monotonic)
        row.idle = self.lastPacket(on: plan.id).map { now.seconds(since: $0) }
        return row
    }
}

extension PartyReport {
    /// What the party is besides a side of a dialogue.
    fileprivate var role: String? {
        if self.isSubscriber { return "subscriber" }
        return self.isPublisher ? "publisher" : nil
    }
}

extension MediaBlocks {
    /// The blocks in words.
    fileprivate var names: [String] {
        let names: [(MediaBlocks, String)] = [
            (.events, "DTMF"), (.media, "media"), (.traffic, "all traffic"),
        ]
        return names.filter { self.contains($0.0) }.map(\.1)
    }
}
