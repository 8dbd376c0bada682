import FoundationEssentials

/// The ports that the system hands out to sockets that ask for none, which may lie among the relay's.
///
/// The kernel rules leave all UDP on the relay's ports untracked, so the replies to another program's socket there do
/// not count as "established" for a firewall. Reserving the range keeps the two apart.
enum EphemeralPorts {
    /// What to say about the relay's ports, nil if nothing can collide.
    ///
    /// - Parameters:
    ///   - media: the relay's ports.
    ///   - ephemeral: the text of `net.ipv4.ip_local_port_range`: two numbers.
    ///   - reserved: the text of `net.ipv4.ip_local_reserved_ports`: numbers and ranges with commas.
    static func warning(media: ClosedRange<UInt16>, ephemeral: String, reserved: String) -> String? {
        let bounds = ephemeral.split { $0.isWhitespace }.compactMap { UInt16($0) }
        guard bounds.count == 2, bounds[0] <= bounds[1], media.overlaps(bounds[0]...bounds[1]) else {
            return nil
        }
        let shared = media.clamped(to: bounds[0]...bounds[1])
        let kept = Self.ranges(reserved)
        guard shared.contains(where: { port in !kept.contains { $0.contains(port) } }) else { return nil }
        let current = reserved.split { $0.isWhitespace }.joined()
        let wanted = (current.isEmpty ? "" : current + ",") + "\(media.lowerBound)-\(media.upperBound)"
        return
            "ports \(shared.lowerBound)-\(shared.upperBound) are also given to other programs of this host (DNS "
            + "clients, for one), whose replies a stateful firewall would then drop: "
            + "sysctl -w net.ipv4.ip_local_reserved_ports=\(wanted)"
    }

    /// The same for this host.
    static func warning(media: ClosedRange<UInt16>) -> String? {
        guard let ephemeral = Self.text(of: "ip_local_port_range"),
            let reserved = Self.text(of: "ip_local_reserved_ports")
        else { return nil }
        return self.warning(media: media, ephemeral: ephemeral, reserved: reserved)
    }

    private static func ranges(_ text: String) -> [ClosedRange<UInt16>] {
        text.split { $0 == "," || $0.isWhitespace }.compactMap { part in
            let ends = part.split(separator: "-").compactMap { UInt16($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return nil }
            return first...last
        }
    }

    private static func text(of name: String) -> String? {
        guard let data = FileManager.default.contents(atPath: "/proc/sys/net/ipv4/\(name)") else {
            return nil
        }
        return String(decoding: data, as: UTF8.self)
    }
}
