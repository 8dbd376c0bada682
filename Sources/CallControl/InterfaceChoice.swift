/// Which of our interfaces and addresses faces a party.
extension Party {
    /// Takes the interface that a controller named, or keeps the one it has (ng.md 2.1, `direction`).
    ///
    /// - Returns: a warning if there is no such interface; another one is taken then.
    mutating func chooseInterface(named name: String?, callID: String, settings: RelaySettings) -> String? {
        let first = settings.interfaces.first?.name
        guard let name, !name.isEmpty else {
            if self.interface == nil { self.interface = first }
            return nil
        }
        let candidates = settings.interfaces(named: name)
        if candidates.contains(where: { $0.name == self.interface }) { return nil }
        if !candidates.isEmpty {
            // Members of a group share the calls; a call keeps the one it got.
            let turn = callID.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
            self.interface = candidates[turn % candidates.count].name
            return nil
        }
        if self.interface == nil { self.interface = first }
        guard let family = settings.legacyFamily(named: name) else {
            return "there is no interface \(name); using \(first ?? "none")"
        }
        self.family = family
        return nil
    }
}

extension RelaySettings {
    /// The address of ours that faces a party, of its family if the interface has one.
    func address(facing party: Party) -> InterfaceAddress? {
        let interface = party.interface.flatMap { self.interface($0) } ?? self.interfaces.first
        guard let interface else { return nil }
        if let family = party.family, let address = interface.address(of: family) { return address }
        return interface.addresses.first
    }
}
