import Glibc

/// SIGINT and SIGTERM, blocked everywhere and waited for in one place.
struct StopSignals {
    private var set = sigset_t()

    init() {
        sigemptyset(&self.set)
        sigaddset(&self.set, SIGINT)
        sigaddset(&self.set, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &self.set, nil)
        // A client of the control socket that went away is an error of a write, not the end of the daemon.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Returns the name of the first one that arrives.
    func wait() -> String {
        var set = self.set
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number == SIGINT ? "SIGINT" : "SIGTERM"
    }
}
