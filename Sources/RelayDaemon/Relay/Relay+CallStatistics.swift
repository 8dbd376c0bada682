import CallControl
import ControlProtocols
import NIOCore
import RTPPackets
import RelayPlanning
import SDPGrammar
import UserspaceForwarding
import WireFormat

/// The statistics of `query` and `delete`: what the signalling says, joined with what both paths counted.
extension Relay {
    /// Puts the statistics together; counters are those of this moment, quality comes from the call's worker.
    func statistics(of report: CallReport, completion: @escaping (CallStatistics) -> Void) {
        let ids = report.parties.flatMap { $0.media.flatMap { $0.ports.map(\.plan.id) } }
        var builder = CallStatisticsBuilder(report: report, now: self.clock.now)
        let live = self.liveCounters(of: ids)
        for id in ids { builder.traffic[id] = self.traffic(of: id, live: live) }
        self.quality(of: ids) { quality in
            builder.quality = quality
            completion(builder.build())
        }
    }

    /// What is known of the sources heard on ports; answers on the control thread.
    func quality(of ids: [RelayPortID], completion: @escaping ([RelayPortID: [SSRCQuality]]) -> Void) {
        let loop = self.eventLoop
        let completion = NIOLoopBound(completion, eventLoop: loop)
        self.userspace.quality(of: ids) { quality in
            loop.execute { completion.value(quality) }
        }
    }

    private func traffic(of id: RelayPortID, live: [RelayPortID: TrafficCounters]) -> PortTraffic {
        let user = self.userspace.statistics(of: id)
        let kernel = self.kernelTraffic.totals(of: id)
        let sending = self.ledger.feeders(of: id).compactMap { live[$0] }.reduce(TrafficCounters(), +)
        return PortTraffic(
            received: user.received + kernel.received + (live[id] ?? TrafficCounters()),
            sent: user.sent + kernel.sent + sending, receiveErrors: user.drops.total,
            sendErrors: user.sendErrors,
            lastUser: user.lastReceived, lastKernel: kernel.lastReceived,
            remote: self.ledger.remoteAddress(of: id), isInKernel: self.ledger.installedFlow(of: id) != nil)
    }
}

/// What both paths counted on one port.
struct PortTraffic {
    var received = TrafficCounters()
    var sent = TrafficCounters()
    var receiveErrors: UInt64 = 0
    var sendErrors: UInt64 = 0
    var lastUser: MonotonicTime?
    var lastKernel: MonotonicTime?
    var remote: (address: TransportAddress, isSettled: Bool)?
    var isInKernel = false
}

/// Fills rtpengine's shape.
private struct CallStatisticsBuilder {
    let report: CallReport
    let now: SignallingTime
    var traffic: [RelayPortID: PortTraffic] = [:]
    var quality: [RelayPortID: [SSRCQuality]] = [:]

    func build() -> CallStatistics {
        var statistics = CallStatistics(
            createdMicroseconds: self.report.created.unixMicroseconds,
            lastSignalSeconds: self.report.lastSignal.unixSeconds)
        statistics.sources = SSRCQuality.joined(Array(self.quality.values)).map { self.source($0) }
        statistics.parties = self.report.parties.enumerated().map {
            self.party($0.element, number: $0.offset)
        }
        for media in self.report.parties.flatMap(\.media) {
            for port in media.ports {
                let counters = self.counters(of: port.plan.id).received
                if port.plan.component == .rtp {
                    statistics.rtpTotals += counters
                } else {
                    statistics.rtcpTotals += counters
                }
            }
        }
        return statistics
    }

    private func party(_ party: PartyReport, number: Int) -> PartyStatistics {
        let associates = party.associates.map { PartyStatistics.Subscription(tag: $0 ?? "") }
        return PartyStatistics(
            tag: party.tag ?? "", number: number, viaBranch: party.viaBranch, label: party.label,
            metadata: party.metadata, createdSeconds: party.created.unixSeconds, subscriptions: associates,
            subscribers: associates,
            medias: party.media.enumerated().map { self.media($0.element, index: $0.offset) })
    }

    private func media(_ media: MediaReport, index: Int) -> MediaStatistics {
        let heard = SSRCQuality.joined(media.ports.map { self.quality[$0.plan.id] ?? [] })
        return MediaStatistics(
            index: index + 1, type: media.kind, protocolName: media.transportProtocol, codec: media.codec,
            streams: media.ports.map { self.stream($0, media: media) }, flags: self.flags(of: media),
            ingressSources: heard.filter { $0.received != nil }.map { self.source($0) },
            egressSources: heard.filter { $0.received == nil && $0.reported != nil }.map { self.source($0) })
    }

    private func flags(of media: MediaReport) -> [MediaFlag] {
        var flags: [MediaFlag] = []
        if media.isInitialized { flags.append(.initialized) }
        if media.isAsymmetric { flags.append(.asymmetric) }
        if media.direction.receives { flags.append(.send) }
        if media.direction.sends { flags.append(.receive) }
        if media.isMuxing { flags.append(.rtcpMux) }
        return flags
    }

    private func stream(_ port: PortReport, media: MediaReport) -> StreamStatistics {
        let plan = port.plan
        let traffic = self.traffic[plan.id] ?? PortTraffic()
        let counters = self.counters(of: plan.id)
        let created = self.report.created.unixSeconds
        let user = traffic.lastUser.map { self.now.unixSeconds(of: $0) } ?? created
        let kernel = traffic.lastKernel.map { self.now.unixSeconds(of: $0) } ?? 0
        var flags: [StreamFlag] = [plan.component == .rtp ? .rtp : .rtcp]
        if plan.signalled != nil { flags.append(.filled) }
        if traffic.remote?.isSettled == true { flags.append(.confirmed) }
        if traffic.isInKernel { flags.append(.kernelized) }
        if media.isStrict { flags.append(.strictSource) }
        if media.allowsHandover { flags.append(.mediaHandover) }
        return StreamStatistics(
            local: plan.local, endpoint: traffic.remote?.address, advertisedEndpoint: plan.signalled,
            lastPacketSeconds: max(user, kernel), lastKernelPacketSeconds: kernel,
            lastUserPacketSeconds: user,
            flags: flags, received: counters.received, sent: counters.sent)
    }

    private func counters(of id: RelayPortID) -> (received: PacketCounters, sent: PacketCounters) {
        let traffic = self.traffic[id] ?? PortTraffic()
        return (
            PacketCounters(
                packets: traffic.received.packets, bytes: traffic.received.bytes,
                errors: traffic.receiveErrors),
            PacketCounters(
                packets: traffic.sent.packets, bytes: traffic.sent.bytes, errors: traffic.sendErrors)
        )
    }

    private func source(_ source: SSRCQuality) -> SourceStatistics {
        var statistics = SourceStatistics(ssrc: source.ssrc)
        statistics.packets = source.received?.packets
        statistics.bytes = source.received?.bytes
        statistics.lastTimestamp = source.received?.lastTimestamp
        statistics.lastSequence = source.received?.sequence.highestExtended
        statistics.cumulativeLoss = source.reported.map { Int64($0.report.cumulativeLost) }
        guard let history = source.reported?.history, let average = history.average,
            let lowest = history.lowest,
            let highest = history.highest
        else { return statistics }
        statistics.quality = SourceStatistics.Quality(
            average: self.sample(average), samples: Int(clamping: history.samples),
            lowest: self.sample(lowest),
            highest: self.sample(highest))
        return statistics
    }

    private func sample(_ sample: RTPPackets.QualitySample) -> ControlProtocols.QualitySample {
        ControlProtocols.QualitySample(
            scoreTimesTen: Int(sample.scoreTenths), lossPercent: Int(sample.packetLossPercent),
            jitterMilliseconds: Int(sample.jitterMilliseconds),
            roundTripMicroseconds: sample.roundTripMicroseconds.map(Int.init),
            legRoundTripMicroseconds: sample.legRoundTripMicroseconds.map(Int.init),
            reportedAtSeconds: self.now.unixSeconds(of: sample.reportedAt))
    }
}
