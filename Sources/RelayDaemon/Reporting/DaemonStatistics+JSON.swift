import CallControl
import RelayPlanning
import WireFormat

/// `statistics` over NG, and `list jsonstats`: rtpengine's structure. What it tells of its own insides (`bufferpools`,
/// `poller_threads`) is left out.
extension DaemonStatistics {
    /// The whole tree.
    var tree: StatisticsNode {
        [
            "currentstatistics": self.current, "totalstatistics": self.total,
            "mos": Self.sampled(self.totals.quality.sampled.prefix(1)),
            "voip_metrics": self.quality, "controlstatistics": self.control,
            "interfaces": .list(self.interfaces.map { Self.interface($0) }), "transcoders": .list([]),
        ]
    }

    private var current: StatisticsNode {
        let user = self.rates.userspace
        let kernel = self.rates.kernel
        return [
            "sessionsown": .integer(Int64(self.sessions)), "sessionsforeign": .integer(0),
            "sessionstotal": .integer(Int64(self.sessions)), "transcodedmedia": .integer(0),
            "packetrate_user": .count(user.packets), "byterate_user": .count(user.bytes),
            "errorrate_user": .count(user.errors), "packetrate_kernel": .count(kernel.packets),
            "byterate_kernel": .count(kernel.bytes), "errorrate_kernel": .count(kernel.errors),
            "packetrate": .count(user.packets &+ kernel.packets),
            "byterate": .count(user.bytes &+ kernel.bytes), "errorrate": .count(user.errors &+ kernel.errors),
            "media_userspace": .integer(Int64(self.userspaceStreams)),
            "media_kernel": .integer(Int64(self.kernelStreams)), "media_mixed": .integer(0),
        ]
    }

    private var total: StatisticsNode {
        let durations = self.totals.durations
        return [
            "uptime": .integer(Int64(self.uptimeSeconds)), "managedsessions": .count(self.endedCalls),
            "rejectedsessions": .count(self.calls.rejected),
            "timeoutsessions": .count(self.ended(.timeout)),
            "silenttimeoutsessions": .count(self.ended(.silentTimeout)),
            "finaltimeoutsessions": .count(self.ended(.finalTimeout)),
            "offertimeoutsessions": .count(self.ended(.offerTimeout)),
            "regularterminatedsessions": .count(self.ended(.terminated)),
            "forcedterminatedsessions": .count(self.ended(.forceTerminated)),
            "relayedpackets_user": .count(self.userspace.packets),
            "relayedpacketerrors_user": .count(self.userspace.errors),
            "relayedbytes_user": .count(self.userspace.bytes),
            "relayedpackets_kernel": .count(self.kernel.packets),
            "relayedpacketerrors_kernel": .count(self.kernel.errors),
            "relayedbytes_kernel": .count(self.kernel.bytes),
            "relayedpackets": .count(self.userspace.packets &+ self.kernel.packets),
            "relayedpacketerrors": .count(self.userspace.errors &+ self.kernel.errors),
            "relayedbytes": .count(self.userspace.bytes &+ self.kernel.bytes),
            "zerowaystreams": .count(self.totals.zeroPacketStreams),
            "onewaystreams": .count(self.totals.oneWaySessions),
            "avgcallduration": .decimal(durations.average), "totalcallsduration": .decimal(durations.sum),
            "totalcallsduration2": .decimal(durations.squares),
            "totalcallsduration_stddev": .decimal(durations.deviation),
        ]
    }

    private var quality: StatisticsNode {
        guard case .object(var members) = Self.sampled(self.totals.quality.sampled.dropFirst()) else {
            return .object([])
        }
        for counted in self.totals.quality.counted {
            members.append(.init(key: counted.name, value: .count(counted.count)))
        }
        return .object(members)
    }

    private static func sampled(
        _ values: ArraySlice<(name: String, title: String, sum: SampledSum)>
    ) -> StatisticsNode {
        .object(
            values.flatMap { value -> [StatisticsNode.Member] in
                [
                    .init(key: "\(value.name)_total", value: .decimal(value.sum.sum)),
                    .init(key: "\(value.name)2_total", value: .decimal(value.sum.squares)),
                    .init(key: "\(value.name)_samples_total", value: .count(value.sum.samples)),
                    .init(key: "\(value.name)_average", value: .decimal(value.sum.average)),
                    .init(key: "\(value.name)_stddev", value: .decimal(value.sum.deviation)),
                ]
            })
    }

    private var control: StatisticsNode {
        let proxies = self.requests.proxies.sorted { $0.key < $1.key }
        var sums: [StatisticsNode.Member] = [
            .init(key: "proxies", value: .list(proxies.map { Self.proxy($0.key, $0.value) }))
        ]
        for request in RequestName.all {
            let count = proxies.reduce(UInt64(0)) { $0 &+ ($1.value.commands[request.command]?.count ?? 0) }
            sums.append(.init(key: "total\(request.json)count", value: .count(count)))
        }
        return .object(sums)
    }

    private static func proxy(_ name: String, _ proxy: RequestTotals.Proxy) -> StatisticsNode {
        var members: [StatisticsNode.Member] = [.init(key: "proxy", value: .text(name))]
        for request in RequestName.all {
            let entry = proxy.commands[request.command] ?? (0, 0)
            members.append(.init(key: "\(request.json)count", value: .count(entry.count)))
            members.append(.init(key: "\(request.json)duration", value: .decimal(entry.seconds)))
        }
        members.append(.init(key: "errorcount", value: .count(proxy.errors)))
        return .object(members)
    }

    private static func interface(_ interface: Interface) -> StatisticsNode {
        let traffic = interface.traffic
        return [
            "name": .text(interface.name), "address": .text(interface.address.description),
            "ports": [
                "min": .integer(Int64(interface.range.lowerBound)),
                "max": .integer(Int64(interface.range.upperBound)),
                "used": .integer(Int64(interface.usedPorts)),
                "used_pct": .decimal(interface.usedPercent, digits: 2),
                "free": .integer(Int64(interface.freePorts)),
                "totals": .integer(Int64(interface.totalPorts)),
            ],
            "packets_lost": .count(interface.quality.packetsLost),
            "duplicates": .count(interface.quality.duplicates),
            "voip_metrics": Self.sampled(interface.quality.sampled[...]),
            "ingress": [
                "packets": .count(traffic.received.packets), "bytes": .count(traffic.received.bytes),
                "errors": .count(traffic.receiveErrors),
            ],
            "egress": [
                "packets": .count(traffic.sent.packets), "bytes": .count(traffic.sent.bytes),
                "errors": .count(traffic.sendErrors),
            ],
        ]
    }
}
