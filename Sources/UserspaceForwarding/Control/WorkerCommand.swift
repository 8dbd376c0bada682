internal import RTPPackets
internal import RelayPlanning

/// What the control side asks of a worker.
enum WorkerCommand: Sendable {
    /// Begin with a port; the descriptor is the worker's from now on.
    case open(PortPlan, descriptor: Int32, quality: QualityTracker)
    /// Take a new plan for an open port.
    case update(PortPlan)
    /// End with a port, and say when its socket is closed.
    case close(RelayPortID, completion: (@Sendable () -> Void)?)
    /// Take the clock rates of an open port.
    case setClockRates(RelayPortID, ClockRates)
    /// RTP of a port goes by the kernel from now on, or comes this way again.
    case setRTPInKernel(RelayPortID, Bool)
    /// Report what is known of the sources heard on some ports.
    case quality([RelayPortID], completion: @Sendable ([RelayPortID: [SSRCQuality]]) -> Void)
    /// Close everything and end.
    case stop
}
