internal import CLinux
internal import RTPPackets
internal import RelayPlanning
internal import WireFormat

/// What the control side asks for. None of this is on the packet path.
extension Worker where Engine: ~Copyable {
    /// Performs everything in the mailbox.
    mutating func readMail() {
        for command in self.mailbox.take() { self.perform(command) }
    }

    mutating func perform(_ command: WorkerCommand) {
        guard !self.arrivals.keepsBack(command) else { return }
        switch command {
        case .open(let plan, let descriptor, let quality):
            self.open(plan, descriptor: descriptor, quality: quality)
        case .update(let plan):
            self.update(plan)
        case .close(let id, let completion):
            self.close(Int(id.index), completion: completion)
        case .setClockRates(let id, let rates):
            self.core.ports.setClockRates(Int(id.index), rates)
        case .setRTPInKernel(let id, let isInKernel):
            self.core.ports.setRTPInKernel(Int(id.index), isInKernel)
        case .quality(let ids, let completion):
            completion(self.quality(of: ids))
        case .notify(let completion):
            completion()
        case .depart(let ids, let mailbox):
            self.departures.append(Departure(ports: ids.map { Int($0.index) }, mailbox: mailbox))
        case .expect(let ids):
            self.arrivals.expect(ids)
        case .arrive(let ids, let ports):
            self.arrive(ids, ports)
        case .stop:
            self.beginStopping()
        }
    }

    private mutating func open(_ plan: PortPlan, descriptor: Int32, quality: QualityTracker) {
        let port = Int(plan.id.index)
        guard !self.core.isStopping, self.core.ports.open(plan, quality: quality, at: self.core.now) else {
            crosspoint_close(descriptor)
            return
        }
        self.open(port, descriptor: descriptor)
    }

    /// Gives the socket of an open port to the engine.
    mutating func open(_ port: Int, descriptor: Int32) {
        self.core.descriptors[port] = descriptor
        do throws(SystemError) {
            try self.engine.open(port, descriptor: descriptor)
        } catch {
            self.core.ports.totals.add(1, to: .receiveErrors)
        }
    }

    private mutating func update(_ plan: PortPlan) {
        let port = Int(plan.id.index)
        let before = self.core.ports.plan(port)
        guard self.core.ports.update(plan, at: self.core.now), let before else { return }
        guard before.trafficClass != plan.trafficClass else { return }
        _ = crosspoint_udp_set_traffic_class(
            self.core.descriptors[port], plan.local.family.rawValue, plan.trafficClass)
    }

    private mutating func close(_ port: Int, completion: (@Sendable () -> Void)?) {
        guard self.core.ports.phase(port) == .open else {
            completion?()
            return
        }
        self.core.closeCompletions[port] = completion
        self.beginClosing(port)
    }

    private mutating func beginClosing(_ port: Int) {
        self.core.ports.beginClosing(port)
        if self.engine.beginClosing(port) { self.engine.finishClosing(port, for: &self.core) }
    }

    private func quality(of ids: [RelayPortID]) -> [RelayPortID: [SSRCQuality]] {
        var qualities: [RelayPortID: [SSRCQuality]] = [:]
        for id in ids where self.core.ports.phase(Int(id.index)) == .open {
            self.core.readLosses(Int(id.index))
            qualities[id] = self.core.ports.quality(Int(id.index))
        }
        return qualities
    }

    private mutating func beginStopping() {
        self.core.beginStopping()
        // All workers stop at once, so nobody waits for these.
        self.departures = []
        self.core.departing = []
        for port in 0..<self.core.ports.capacity where self.core.ports.phase(port) == .open {
            self.beginClosing(port)
        }
    }

    /// Refuses further commands and answers those that came too late; to be called once ``run()`` has returned.
    mutating func finish() {
        for command in self.arrivals.takeCommands() + self.mailbox.close() {
            switch command {
            case .open(_, let descriptor, _): crosspoint_close(descriptor)
            case .close(_, let completion): completion?()
            case .quality(_, let completion): completion([:])
            case .notify(let completion): completion()
            case .arrive(_, let ports): for port in ports { crosspoint_close(port.descriptor) }
            case .update, .setClockRates, .setRTPInKernel, .depart, .expect, .stop: break
            }
        }
        // Only ports whose requests did not end in time are left.
        for port in 0..<self.core.ports.capacity where self.core.ports.phase(port) != .closed {
            self.engine.finishClosing(port, for: &self.core)
        }
    }
}
