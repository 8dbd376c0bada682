public import RelayPlanning

/// Why the forwarder did not do what it was asked.
public enum ForwarderError: Error, Sendable, Hashable {
    /// The identifier is not below ``ForwarderConfiguration/maximumPorts``.
    case identifierTooLarge(RelayPortID)
    /// There is no such worker.
    case noSuchWorker(Int)
    /// The port is open, or it is closing and its completion was not called yet.
    case stillInUse(RelayPortID)
    /// The port is not open.
    case notOpen(RelayPortID)
    /// The sink is open on another worker; the ports of one call belong to one worker.
    case sinkOnAnotherWorker(RelayPortID)
    /// The forwarder was stopped.
    case stopped
}

extension ForwarderError: CustomStringConvertible {
    /// The error in words.
    public var description: String {
        switch self {
        case .identifierTooLarge(let id): "\(id) is beyond the maximum number of relay ports"
        case .noSuchWorker(let worker): "there is no worker \(worker)"
        case .stillInUse(let id): "\(id) is still in use"
        case .notOpen(let id): "\(id) is not open"
        case .sinkOnAnotherWorker(let id): "\(id) is served by another worker"
        case .stopped: "the forwarder was stopped"
        }
    }
}
