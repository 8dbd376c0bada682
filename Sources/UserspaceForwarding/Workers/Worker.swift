internal import RelayPlanning
internal import WireFormat

/// One thread's engine and ports: takes datagrams from sockets and sends them on as the port table decides.
///
/// All of it belongs to the thread that made it; others reach it through the mailbox only. Everything is sized at
/// start.
struct Worker<Engine: PacketEngine & ~Copyable>: ~Copyable {
    /// Batches handled on one reading of the clock.
    static var batchesPerWakeup: Int { 16 }

    var engine: Engine
    var core: WorkerCore
    let mailbox: Mailbox

    /// Sets up the engine; on the thread that will run it.
    init(
        sizes: EngineSizes, core: consuming WorkerCore, mailbox: Mailbox
    ) throws(SystemError) {
        self.engine = try Engine(sizes, event: mailbox.descriptor)
        self.core = core
        self.mailbox = mailbox
    }

    /// Relays until told to stop; every port is closed then.
    mutating func run() {
        while !self.core.hasEnded {
            self.engine.wait(self.core.patience)
            self.core.beginRound()
            self.relay()
            self.engine.endRound()
            self.core.endRound()
        }
    }

    private mutating func relay() {
        for _ in 0..<Self.batchesPerWakeup {
            let mayBeMore = self.engine.takeArrivals()
            // A phone may send as soon as it was answered: what was posted before these datagrams came goes first.
            if self.mailbox.isWaiting { self.readMail() }
            self.engine.handleArrivals(for: &self.core)
            if !mayBeMore { return }
        }
    }
}
