public import RelayPlanning

extension UserspaceForwarder {
    /// Packets that arrived on a port and found no room on their way to its recording, since the port was opened.
    public func packetsLostToRecording(on id: RelayPortID) -> UInt64 {
        self.statistics(of: id).lostToRecording
    }

    /// Calls `completion` once a worker has done all that was asked of it before: of ports whose plans lost their
    /// recording, or that were closed, nothing is recorded any more by then. Ports on their way to the worker are there.
    ///
    /// - Parameters:
    ///   - worker: below ``workerCount``.
    ///   - completion: called once, on the worker's thread, or at once if there is no such worker any more.
    public func afterPendingCommands(
        ofWorker worker: Int, completion: @escaping @Sendable () -> Void
    ) {
        if !self.ask(worker, .notify(completion)) { completion() }
    }
}
