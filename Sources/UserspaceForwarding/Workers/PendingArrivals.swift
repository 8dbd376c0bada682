internal import RelayPlanning

/// Ports that are on their way to a worker, and what was said of them before they came.
///
/// A command is kept back if it names a port that is expected, or one that a command kept back before it names: so
/// what is said of each port is done in the order it was said, and nothing else waits, but the question whether all
/// was done.
struct PendingArrivals {
    private var expected: Set<RelayPortID> = []
    private var commands: [WorkerCommand] = []
    /// What is expected, and what the commands kept back name.
    private var waiting: Set<RelayPortID> = []

    /// Waits for ports.
    mutating func expect(_ ids: [RelayPortID]) {
        self.expected.formUnion(ids)
        self.waiting.formUnion(ids)
    }

    /// Takes a command that cannot be performed yet; returns false if it can.
    mutating func keepsBack(_ command: WorkerCommand) -> Bool {
        guard !self.waiting.isEmpty else { return false }
        var mustWait = command.waitsForAll
        command.forEachPort { if self.waiting.contains($0) { mustWait = true } }
        guard mustWait else { return false }
        command.forEachPort { self.waiting.insert($0) }
        self.commands.append(command)
        return true
    }

    /// Ports have come, or never will: hands out what was kept back, to be tried again in this order.
    mutating func end(_ ids: [RelayPortID]) -> [WorkerCommand] {
        self.expected.subtract(ids)
        self.waiting = self.expected
        return self.takeCommands()
    }

    /// Hands out what was kept back.
    mutating func takeCommands() -> [WorkerCommand] {
        let commands = self.commands
        self.commands = []
        return commands
    }
}
