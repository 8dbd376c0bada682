internal import CLinux
internal import Synchronization

/// Commands on their way to a worker: any thread posts, one worker takes; an eventfd wakes it.
final class Mailbox: Sendable {
    private struct State {
        var commands: [WorkerCommand] = []
        var isOpen = true
    }

    private let state = Mutex(State())
    private let hasCommands = Atomic(false)
    /// Readable while there are commands; the worker's ring reads it.
    let descriptor: Int32

    init() throws(SystemError) {
        self.descriptor = try checked(crosspoint_eventfd_open(), "opening an eventfd")
    }

    deinit { crosspoint_close(self.descriptor) }

    /// Posts commands to be performed one after the other, with no packet between them; returns false, with nothing
    /// posted, if the worker has ended.
    func post(_ commands: [WorkerCommand]) -> Bool {
        let (isAccepted, mustWake) = self.state.withLock { state in
            guard state.isOpen else { return (false, false) }
            let wasEmpty = state.commands.isEmpty
            state.commands.append(contentsOf: commands)
            self.hasCommands.store(true, ordering: .releasing)
            return (true, wasEmpty)
        }
        if mustWake { _ = crosspoint_eventfd_signal(self.descriptor) }
        return isAccepted
    }

    /// True if something was posted since the last ``take()``; costs no more than a load.
    var isWaiting: Bool { self.hasCommands.load(ordering: .acquiring) }

    /// Takes everything that was posted.
    func take() -> [WorkerCommand] {
        self.state.withLock { state in
            self.hasCommands.store(false, ordering: .relaxed)
            let commands = state.commands
            state.commands = []
            return commands
        }
    }

    /// Refuses commands from now on; returns those that were not taken.
    func close() -> [WorkerCommand] {
        self.state.withLock { state in
            state.isOpen = false
            let commands = state.commands
            state.commands = []
            return commands
        }
    }
}
