internal import CLinux
internal import RelayPlanning

/// A worker that runs, as other threads see it.
struct RunningWorker: Sendable {
    let thread: WorkerThread
    let mailbox: Mailbox
    let totals: TotalsBlock
}

/// What the workers of one forwarder have in common when they are started.
struct WorkerStart: Sendable {
    let engine: EngineName
    let sizes: EngineSizes
    let gatheringNanoseconds: UInt64
    let counters: PortCounterTable
    /// Where copies of recorded packets go.
    let recording: RecordingTap?
    let onEvents: @Sendable ([RelayEvent]) -> Void

    /// Starts one worker on a thread of its own, and returns once it runs.
    func callAsFunction(_ index: Int, cpu: Int?) throws(SystemError) -> RunningWorker {
        let mailbox = try Mailbox()
        let totals = TotalsBlock()
        let gate = try StartGate()
        let thread = try WorkerThread(name: "relay-\(index)") {
            if let cpu { _ = crosspoint_thread_pin(Int32(cpu)) }
            switch self.engine {
            case .ioUring: self.work(RingEngine.self, index, mailbox, totals, gate)
            case .epoll: self.work(EpollEngine.self, index, mailbox, totals, gate)
            }
        }
        do throws(SystemError) {
            try gate.wait()
        } catch {
            thread.join()
            throw error
        }
        return RunningWorker(thread: thread, mailbox: mailbox, totals: totals)
    }

    /// A worker's life, on its thread.
    private func work<Engine: PacketEngine & ~Copyable>(
        _: Engine.Type, _ index: Int, _ mailbox: Mailbox, _ totals: TotalsBlock, _ gate: StartGate
    ) {
        do throws(SystemError) {
            let core = WorkerCore(
                counters: self.counters, totals: totals, recorder: self.recording?.ring(of: index),
                gatheringNanoseconds: self.gatheringNanoseconds, deliver: self.onEvents)
            var worker = try Worker<Engine>(sizes: self.sizes, core: core, mailbox: mailbox)
            gate.open(.success(()))
            worker.run()
            worker.finish()
        } catch {
            gate.open(.failure(error))
        }
    }
}
