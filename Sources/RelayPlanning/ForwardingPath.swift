import NATRules
public import WireFormat

/// Where one direction of a stream is forwarded.
public enum ForwardingPath: Sendable, Hashable {
    /// By nftables and conntrack.
    case kernel(KernelFlow)
    /// By a worker, for these reasons (never empty).
    case userspace(because: UserspaceReasons)
}

/// What is known about one relay port when its path is chosen.
public struct PortFacts: Sendable, Hashable {
    /// The plan in force.
    public var plan: PortPlan
    /// The party's settled address; nil while learning goes on.
    public var settled: TransportAddress?

    /// Joins a plan and what was learnt.
    public init(plan: PortPlan, settled: TransportAddress?) {
        self.plan = plan
        self.settled = settled
    }
}

/// What this host's kernel path can do.
public struct KernelPathState: Sendable, Hashable {
    /// Empty when the kernel path works; otherwise why nothing may use it.
    public var obstacles: UserspaceReasons
    /// Families that cannot be forwarded although the other one can (forwarding is switched on for each family apart).
    public var unavailableFamilies: Set<AddressFamily>
    /// The traffic class the kernel rules set; a port with another one stays in userspace. Nil: they keep the sender's.
    public var trafficClass: UInt8?
    /// Addresses of this host: packets between them never pass prerouting as new connections.
    public var hostAddresses: Set<IPAddress>

    /// A state with the given obstacles.
    public init(
        obstacles: UserspaceReasons = [], unavailableFamilies: Set<AddressFamily> = [],
        trafficClass: UInt8? = nil,
        hostAddresses: Set<IPAddress> = []
    ) {
        self.obstacles = obstacles
        self.unavailableFamilies = unavailableFamilies
        self.trafficClass = trafficClass
        self.hostAddresses = hostAddresses
    }
}

/// Decides which path the packets that arrive on `port` and leave by `sink` take: one total, pure function.
public func forwardingPath(
    from port: PortFacts, to sink: PortFacts?, kernel: KernelPathState
) -> ForwardingPath {
    var reasons = port.plan.userspaceReasons.union(kernel.obstacles)
    if kernel.unavailableFamilies.contains(port.plan.local.family) { reasons.insert(.kernelPathUnavailable) }
    if port.plan.component == .rtcp { reasons.insert(.rtcp) }
    if port.plan.payload != .rtp { reasons.insert(.notRTP) }
    if port.plan.learning.asymmetric { reasons.insert(.asymmetric) }
    if port.plan.learning.mediaHandover { reasons.insert(.mediaHandover) }
    if !port.plan.blocks.isEmpty { reasons.insert(.blocked) }
    if port.plan.firstCopy != nil { reasons.insert(.copied) }
    if port.plan.recording != nil { reasons.insert(.recording) }
    if port.settled == nil { reasons.insert(.sourceNotLearnt) }
    guard let sink else { return .userspace(because: reasons.union(.noPeer)) }

    reasons.formUnion(sink.plan.userspaceReasons)
    if sink.plan.sink != port.plan.id { reasons.insert(.peerElsewhere) }
    if sink.plan.local.family != port.plan.local.family { reasons.insert(.addressFamiliesDiffer) }
    if (port.plan.rtcpSink == nil) != (sink.plan.rtcpSink == nil) { reasons.insert(.rtcpDemultiplexing) }
    if let trafficClass = kernel.trafficClass, sink.plan.trafficClass != trafficClass {
        reasons.insert(.trafficClass)
    }
    if sink.plan.isMuted { reasons.insert(.noDestination) }
    // A port that waits for its party sends nothing before the worker heard it, which settles the address.
    let signalled = sink.plan.isUnidirectional && !sink.plan.waitsForParty ? sink.plan.signalled : nil
    guard let destination = sink.settled ?? signalled else {
        return .userspace(because: reasons.union(.destinationNotLearnt))
    }
    // With learning off an address comes from the SDP unseen.
    if !destination.isUsableForMedia { reasons.insert(.noDestination) }
    guard let source = port.settled else { return .userspace(because: reasons) }
    if kernel.hostAddresses.contains(source.address) || kernel.hostAddresses.contains(destination.address) {
        reasons.insert(.localTraffic)
    }
    guard reasons.isEmpty else { return .userspace(because: reasons) }
    return .kernel(
        KernelFlow(
            source: source, local: port.plan.local, relay: sink.plan.local, destination: destination))
}
