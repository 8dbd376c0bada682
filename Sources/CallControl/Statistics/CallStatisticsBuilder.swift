public import ControlProtocols
public import RTPPackets
public import RelayPlanning
import SDPGrammar
import WireFormat

extension MediaFlag {
    /// What is blocked; rtpengine does not tell.
    fileprivate static func all(for blocks: MediaBlocks) -> [MediaFlag] {
        let known: [(MediaBlocks, MediaFlag)] = [
            (.events, .blocksDTMF), (.media, .blocksMedia), (.traffic, .dropsTraffic),
        ]
        return known.filter { blocks.contains($0.0) }.map(\.1)
    }
}

/// Joins what the signalling says of a call with what both paths counted, in rtpengine's shape (ng.md 1.5).
public struct CallStatisticsBuilder: Sendable {
    private let report: CallReport
    private let now: SignallingTime
    /// Counters by port; a port without an entry had no traffic.
    public var traffic: [RelayPortID: PortTraffic] = [:]
    /// Sources heard by port.
    public var quality: [RelayPortID: [SSRCQuality]] = [:]

    /// Starts with the signalling of a call and the time at which the counters are read.
    public init(report: CallReport, now: SignallingTime) {
        self.report = report
        self.now = now
    }

    /// The statistics of `query` and `delete`.
    public func build() -> CallStatistics {
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
        let sources = party.sources.map { PartyStatistics.Subscription(tag: $0 ?? "", type: "pub/sub") }
        let copies = party.copies.map { PartyStatistics.Subscription(tag: $0 ?? "", type: "pub/sub") }
        return PartyStatistics(
            tag: party.tag ?? "", number: number, viaBranch: party.viaBranch, label: party.label,
            metadata: party.metadata, createdSeconds: party.created.unixSeconds,
            subscriptions: associates + sources, subscribers: associates + copies,
            medias: party.media.enumerated().map {
                self.media($0.element, index: $0.offset, blocks: party.blocks)
            })
    }

    private func media(_ media: MediaReport, index: Int, blocks: MediaBlocks) -> MediaStatistics {
        let heard = SSRCQuality.joined(media.ports.map { self.quality[$0.plan.id] ?? [] })
        let streams = [MediaComponent.rtp, .rtcp].compactMap { self.stream($0, of: media) }
        // As in rtpengine a codec is one that was heard, not one that was merely named.
        let isHeard = streams.contains { $0.received.packets > 0 }
        return MediaStatistics(
            index: index + 1, type: media.kind, protocolName: media.transportProtocol,
            codec: isHeard ? media.codec : nil, streams: streams,
            flags: self.flags(of: media) + MediaFlag.all(for: blocks),
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

    /// One stream, whichever of our ports it used: the current port, with what earlier ones counted added.
    private func stream(_ component: MediaComponent, of media: MediaReport) -> StreamStatistics? {
        let ports = media.ports.filter { $0.plan.component == component }
        guard let plan = ports.first?.plan else { return nil }
        let all = ports.map { self.traffic[$0.plan.id] ?? PortTraffic() }
        let current = all.first ?? PortTraffic()
        let created = self.report.created.unixSeconds
        let user = all.compactMap(\.lastUser).max().map { self.now.unixSeconds(of: $0) } ?? created
        let kernel = all.compactMap(\.lastKernel).max().map { self.now.unixSeconds(of: $0) } ?? 0
        var received = PacketCounters()
        var sent = PacketCounters()
        for port in ports {
            let counters = self.counters(of: port.plan.id)
            received += counters.received
            sent += counters.sent
        }
        return StreamStatistics(
            local: plan.local, endpoint: current.remote ?? plan.signalled, advertisedEndpoint: plan.signalled,
            lastPacketSeconds: max(user, kernel), lastKernelPacketSeconds: kernel,
            lastUserPacketSeconds: user, flags: self.flags(of: plan, current, media: media),
            received: received, sent: sent)
    }

    private func flags(of plan: PortPlan, _ traffic: PortTraffic, media: MediaReport) -> [StreamFlag] {
        var flags: [StreamFlag] = [plan.component == .rtp ? .rtp : .rtcp]
        if plan.signalled != nil { flags.append(.filled) }
        if traffic.isSettled { flags.append(.confirmed) }
        if traffic.isInKernel { flags.append(.kernelized) }
        if media.isStrict { flags.append(.strictSource) }
        if media.allowsHandover { flags.append(.mediaHandover) }
        return flags
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
