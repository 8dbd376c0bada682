import CallControl
import ControlProtocols
import NIOCore
import RTPPackets
import RelayPlanning
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
        guard builder.traffic.values.contains(where: { $0.received.packets > 0 }) else {
            // Nobody was heard: there is nothing to ask the worker for.
            return completion(self.marked(builder.build(), of: report.id))
        }
        self.quality(of: ids) { quality in
            builder.quality = quality
            completion(self.marked(builder.build(), of: report.id))
        }
    }

    /// The statistics with what they say of a recording: it lasts or rests.
    private func marked(_ statistics: CallStatistics, of call: String) -> CallStatistics {
        var statistics = statistics
        statistics.isRecorded = self.recording.active[call].map { !$0.isPaused }
        return statistics
    }

    /// What is known of the sources heard on ports; answers on the control thread.
    func quality(of ids: [RelayPortID], completion: @escaping ([RelayPortID: [SSRCQuality]]) -> Void) {
        self.hurryWorkers()
        let loop = self.eventLoop
        let completion = NIOLoopBound(completion, eventLoop: loop)
        self.userspace.quality(of: ids) { quality in
            loop.execute { completion.value(quality) }
        }
    }

    func traffic(of id: RelayPortID, live: [RelayPortID: TrafficCounters]) -> PortTraffic {
        let user = self.userspace.statistics(of: id)
        let kernel = self.kernelTraffic.totals(of: id)
        let sending = self.ledger.feeders(of: id).compactMap { live[$0] }.reduce(TrafficCounters(), +)
        let remote = self.ledger.remoteAddress(of: id)
        var traffic = PortTraffic()
        traffic.receivedInKernel = kernel.received + (live[id] ?? TrafficCounters())
        traffic.received = user.received + traffic.receivedInKernel
        traffic.sent = user.sent + kernel.sent + sending
        traffic.receiveErrors = user.drops.total
        traffic.sendErrors = user.sendErrors
        traffic.lastUser = user.lastReceived
        traffic.lastKernel = kernel.lastReceived
        traffic.remote = remote?.address
        traffic.isSettled = remote?.isSettled == true
        traffic.isInKernel = self.ledger.installedFlow(of: id) != nil
        return traffic
    }
}
