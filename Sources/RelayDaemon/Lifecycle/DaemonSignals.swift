import Glibc

/// The signals the daemon listens to, blocked everywhere and waited for in one place.
struct DaemonSignals {
    /// What a signal asks for.
    enum Request: Equatable, Sendable {
        /// SIGINT or SIGTERM: end.
        case stop(String)
        /// SIGUSR1: log less. As in rtpengine.
        case logLess
        /// SIGUSR2: log more.
        case logMore
        /// SIGHUP: would be "read the configuration again", which nothing here does.
        case reload
    }

    private var set = sigset_t()

    init() {
        sigemptyset(&self.set)
        for signal in [SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGHUP] { sigaddset(&self.set, signal) }
        pthread_sigmask(SIG_BLOCK, &self.set, nil)
        // A client of the control socket that went away is an error of a write, not the end of the daemon.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Returns what the next signal asks for.
    func wait() -> Request {
        while true {
            var set = self.set
            var number: Int32 = 0
            if sigwait(&set, &number) == 0, let request = Self.request(number) { return request }
        }
    }

    /// The same, but for at most so long; nil if no signal came.
    func wait(milliseconds: Int) -> Request? {
        var set = self.set
        var time = timespec()
        time.tv_sec = milliseconds / 1000
        time.tv_nsec = milliseconds % 1000 * 1_000_000
        return Self.request(sigtimedwait(&set, nil, &time))
    }

    private static func request(_ number: Int32) -> Request? {
        switch number {
        case SIGINT: .stop("SIGINT")
        case SIGTERM: .stop("SIGTERM")
        case SIGUSR1: .logLess
        case SIGUSR2: .logMore
        case SIGHUP: .reload
        default: nil
        }
    }
}
