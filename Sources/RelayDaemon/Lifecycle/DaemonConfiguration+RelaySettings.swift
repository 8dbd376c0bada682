import CallControl

extension DaemonConfiguration {
    /// What the calls need to know of it.
    func relaySettings(_ resolved: ResolvedInterfaces) -> RelaySettings {
        var settings = RelaySettings(interfaces: resolved.interfaces)
        settings.interfaceAliases = resolved.aliases
        settings.learningMode = self.endpointLearning
        settings.trustsSIPSource = self.usesSIPSourceAddress
        settings.trafficClass = self.trafficClass
        settings.timeoutSeconds = self.timeout.inSeconds
        settings.silentTimeoutSeconds = self.silentTimeout.inSeconds
        settings.offerTimeoutSeconds = self.offerTimeout.inSeconds
        settings.finalTimeoutSeconds = self.finalTimeout?.inSeconds ?? 0
        settings.deleteDelaySeconds = self.deleteDelay.inSeconds
        settings.oneWayTimeoutSeconds = self.oneWayTimeout?.inSeconds ?? 0
        settings.maxSessions = self.maxSessions
        settings.loadLimits = self.loadLimits
        let digits = String(UInt64.random(in: 0..<(1 << 48)), radix: 16)
        settings.instanceID = String(repeating: "0", count: 12 - digits.count) + digits
        return settings
    }
}

extension Duration {
    var inSeconds: Double {
        Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18
    }
}
