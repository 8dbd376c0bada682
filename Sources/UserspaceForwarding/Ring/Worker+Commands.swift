internal import CLinux
internal import RTPPackets
internal import RelayPlanning
internal import WireFormat

/// What the control side asks for. None of this is on the packet path.
extension Worker {
    /// How long a worker waits for its requests to end when it stops, in nanoseconds.
    static let stopPatienceNanoseconds: UInt64 = 2_000_000_000

    /// Performs everything in the mailbox.
    mutating func readMail() {
        for command in self.mailbox.take() { self.perform(command) }
    }

    private mutating func perform(_ command: WorkerCommand) {
        switch command {
        case .open(let plan, let descriptor, let quality):
            self.open(plan, descriptor: descriptor, quality: quality)
        case .update(let plan):
            self.update(plan)
        case .close(let id, let completion):
            self.close(Int(id.index), completion: completion)
        case .setClockRates(let id, let rates):
            self.ports.setClockRates(Int(id.index), rates)
        case .setRTPInKernel(let id, let isInKernel):
            self.ports.setRTPInKernel(Int(id.index), isInKernel)
        case .quality(let ids, let completion):
            completion(self.quality(of: ids))
        case .stop:
            self.beginStopping()
        }
    }

    private mutating func open(_ plan: PortPlan, descriptor: Int32, quality: QualityTracker) {
        let port = Int(plan.id.index)
        guard self.stopDeadline == nil, self.ports.open(plan, quality: quality, at: self.now) else {
            crosspoint_close(descriptor)
            return
        }
        self.sockets[port].descriptor = descriptor
        self.sockets[port].failures = 0
        do throws(SystemError) {
            try self.ring.setFile(port, to: descriptor)
        } catch {
            // Whatever should leave by this port is refused and counted as sendFailed; receiving works.
            self.ports.totals.add(1, to: .receiveErrors)
        }
        self.requestArming(port)
    }

    private mutating func update(_ plan: PortPlan) {
        let port = Int(plan.id.index)
        let before = self.ports.plan(port)
        guard self.ports.update(plan, at: self.now), let before else { return }
        guard before.trafficClass != plan.trafficClass else { return }
        _ = crosspoint_udp_set_traffic_class(
            self.sockets[port].descriptor, plan.local.family.rawValue, plan.trafficClass)
    }

    private mutating func close(_ port: Int, completion: (@Sendable () -> Void)?) {
        guard self.ports.phase(port) == .open else {
            completion?()
            return
        }
        self.closeCompletions[port] = completion
        self.beginClosing(port)
    }

    private mutating func beginClosing(_ port: Int) {
        self.ports.beginClosing(port)
        if self.sockets[port].isArmed {
            self.portsToCancel.append(port)
        } else {
            self.finishClosing(port)
        }
    }

    /// Closes the socket of a closing port; none of its requests is in flight any more.
    mutating func finishClosing(_ port: Int) {
        // What was prepared to leave by this port must not leave by the next one in its slot.
        if !self.ring.isAllSubmitted { self.ring.submit() }
        self.readLosses(port)
        self.ring.clearFile(port)
        crosspoint_close(self.sockets[port].descriptor)
        self.sockets[port].descriptor = 0
        self.sockets[port].generation &+= 1
        self.ports.finishClosing(port)
        if let completion = self.closeCompletions.removeValue(forKey: port) { completion() }
    }

    private func quality(of ids: [RelayPortID]) -> [RelayPortID: [SSRCQuality]] {
        var qualities: [RelayPortID: [SSRCQuality]] = [:]
        for id in ids where self.ports.phase(Int(id.index)) == .open {
            self.readLosses(Int(id.index))
            qualities[id] = self.ports.quality(Int(id.index))
        }
        return qualities
    }

    private func readLosses(_ port: Int) {
        var datagrams: UInt32 = 0
        guard crosspoint_udp_lost(self.sockets[port].descriptor, &datagrams) == 0 else { return }
        self.ports.noteLostInSocket(datagrams, on: port)
    }

    private mutating func beginStopping() {
        self.stopDeadline = self.now.advanced(byNanoseconds: Self.stopPatienceNanoseconds)
        for port in 0..<self.ports.capacity where self.ports.phase(port) == .open { self.beginClosing(port) }
    }

    /// Refuses further commands and answers those that came too late; to be called once ``run()`` has returned.
    mutating func finish() {
        for command in self.mailbox.close() {
            switch command {
            case .open(_, let descriptor, _): crosspoint_close(descriptor)
            case .close(_, let completion): completion?()
            case .quality(_, let completion): completion([:])
            case .update, .setClockRates, .setRTPInKernel, .stop: break
            }
        }
        // Only ports whose requests did not end in time are left.
        for port in 0..<self.ports.capacity where self.ports.phase(port) != .closed {
            self.finishClosing(port)
        }
    }
}
