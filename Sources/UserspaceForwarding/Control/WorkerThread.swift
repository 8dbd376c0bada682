internal import CLinux
internal import Glibc
internal import Synchronization

/// A thread that runs one function from start to end, with all signals blocked.
public final class WorkerThread: Sendable {
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let handle: Mutex<pthread_t?>

    /// Starts the thread; names longer than 15 octets are cut.
    public init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var handle = pthread_t()
        let result = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                crosspoint_thread_set_name(start.name)
                crosspoint_thread_block_signals()
                start.body()
                return nil
            }, start.toOpaque())
        guard result == 0 else {
            start.release()
            throw SystemError(errno: result, attempted: "starting a worker thread")
        }
        self.handle = Mutex(handle)
    }

    /// Waits until the thread has ended; the second call returns at once.
    public func join() {
        let handle = self.handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let handle { pthread_join(handle, nil) }
    }
}

/// Carries the outcome of a worker's start from its thread to the one that waits for it.
final class StartGate: Sendable {
    private let outcome = Mutex<Result<Void, SystemError>?>(nil)
    private let descriptor: Int32

    init() throws(SystemError) {
        self.descriptor = try checked(crosspoint_eventfd_open(), "opening an eventfd")
    }

    deinit { crosspoint_close(self.descriptor) }

    /// Says how the start went.
    func open(_ result: Result<Void, SystemError>) {
        self.outcome.withLock { $0 = result }
        _ = crosspoint_eventfd_signal(self.descriptor)
    }

    /// Waits for ``open(_:)``.
    func wait() throws(SystemError) {
        while true {
            if let outcome = self.outcome.withLock({ $0 }) { return try outcome.get() }
            _ = crosspoint_wait_readable(self.descriptor, 1000)
        }
    }
}
