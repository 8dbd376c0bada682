internal import CLinux
internal import RelayPlanning

/// A worker that runs, as other threads see it.
struct RunningWorker: Sendable {
    let thread: WorkerThread
    let mailbox: Mailbox
    let totals: TotalsBlock
}

extension [RunningWorker] {
    /// Stops all of them, and returns when their sockets are closed.
    func stop() {
        for worker in self {
            worker.mailbox.release()
            _ = worker.mailbox.post([.stop])
        }
        for worker in self { worker.thread.join() }
    }
}

/// What the workers of one forwarder have in common when they are started.
struct WorkerStart: Sendable {
    let sizes: EngineSizes
    let gatheringNanoseconds: UInt64
    let counters: PortCounterTable
    /// Where copies of recorded packets go.
    let recording: RecordingTap?
    let onEvents: @Sendable ([RelayEvent]) -> Void

    /// Starts workers with io_uring or, if that cannot be used, with epoll; also says what kept them from io_uring.
    func workersOnBestEngine(
        _ count: Int, pinned: Bool
    ) throws(SystemError) -> (workers: [RunningWorker], obstacle: SystemError?) {
        if let obstacle = RingProbe.obstacle() {
            return (try self.workers(count, on: .epoll, pinned: pinned), obstacle)
        }
        do throws(SystemError) {
            return (try self.workers(count, on: .ioUring, pinned: pinned), nil)
        } catch {
            // A small ring works and a large one does not: memory or descriptors are short.
            return (try self.workers(count, on: .epoll, pinned: pinned), error)
        }
    }

    /// Starts workers, or none.
    func workers(
        _ count: Int, on engine: EngineName, pinned: Bool
    ) throws(SystemError) -> [RunningWorker] {
        var workers: [RunningWorker] = []
        do throws(SystemError) {
            for index in 0..<count {
                let cpu = pinned ? index % Int(crosspoint_usable_cpus()) : nil
                workers.append(try self.worker(index, on: engine, cpu: cpu))
            }
        } catch {
            workers.stop()
            throw error
        }
        return workers
    }

    /// Starts one worker on a thread of its own, and returns once it runs.
    private func worker(
        _ index: Int, on engine: EngineName, cpu: Int?
    ) throws(SystemError) -> RunningWorker {
        let mailbox = try Mailbox()
        let totals = TotalsBlock()
        let gate = try StartGate()
        let thread = try WorkerThread(name: "relay-\(index)") {
            if let cpu { _ = crosspoint_thread_pin(Int32(cpu)) }
            switch engine {
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
