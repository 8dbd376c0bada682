/// What `crosspointctl` may ask the daemon.
public enum ControlRequestCommand: String, Codable, Sendable, CaseIterable {
    /// One row a call.
    case calls
    /// One row a direction of a stream.
    case flows
    /// Counters of the whole daemon.
    case stats
    /// Ends one call.
    case terminate
    /// Takes no new calls from now on.
    case drain
    /// Takes new calls again.
    case undrain
}

/// One line from `crosspointctl` to the daemon.
public struct ControlRequest: Codable, Sendable, Equatable {
    /// What is asked.
    public var command: ControlRequestCommand
    /// The call it is about: required by `terminate`, a filter for `flows`, ignored elsewhere.
    public var callID: String?

    /// A request, about one call or about all of them.
    public init(command: ControlRequestCommand, callID: String? = nil) {
        self.command = command
        self.callID = callID
    }
}
