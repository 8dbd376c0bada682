internal import CLinux
internal import Synchronization

/// Commands on their way to a worker: any thread posts, one worker takes; an eventfd wakes it.
final class Mailbox: Sendable {
    private struct State {
        var commands: [WorkerCommand] = []
        var isOpen = true
        /// True while the worker shall not be woken, see ``hold()``.
        var isHeld = false
        /// True from the signal until the commands are taken.
        var isSignalled = false

        /// True, once, if the worker must be woken now.
        mutating func mustWake() -> Bool {
            guard !self.isHeld, !self.isSignalled, !self.commands.isEmpty else { return false }
            self.isSignalled = true
            return true
        }
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
            state.commands.append(contentsOf: commands)
            self.hasCommands.store(true, ordering: .releasing)
            return (true, state.mustWake())
        }
        if mustWake { self.wake() }
        return isAccepted
    }

    /// True if something was posted since the last ``take()``; costs no more than a load.
    var isWaiting: Bool { self.hasCommands.load(ordering: .acquiring) }

    /// Keeps the worker asleep until ``release()``, so that what is posted meanwhile costs one wake-up.
    func hold() { self.state.withLock { $0.isHeld = true } }

    /// Wakes the worker if something was posted since ``hold()``.
    func release() {
        let mustWake = self.state.withLock { state in
            state.isHeld = false
            return state.mustWake()
        }
        if mustWake { self.wake() }
    }

    private func wake() { _ = crosspoint_eventfd_signal(self.descriptor) }

    /// Takes everything that was posted.
    func take() -> [WorkerCommand] {
        self.state.withLock { state in
            self.hasCommands.store(false, ordering: .relaxed)
            let commands = state.commands
            state.commands = []
            state.isSignalled = false
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
