import CNetfilter
import Glibc
import RelayPlanning
public import WireFormat

extension KernelForwarder {
    /// What keeps the kernel path from working here; empty when it works.
    ///
    /// Nothing is guessed from versions: a table like ours is created and removed in one transaction, a translated
    /// conntrack entry between documentation addresses (RFC 5737, RFC 3849) is created, read and deleted. Another
    /// table's dropping forward chain counts unless one of its rules mentions "crosspoint", as the suggested command's
    /// comment does.
    public static func probe(families: Set<AddressFamily> = Set(AddressFamily.allCases)) -> [KernelObstacle] {
        let wanted = AddressFamily.allCases.filter(families.contains)
        do {
            let probe = try KernelProbe()
            return probe.obstacles(for: wanted)
        } catch {
            return [KernelProbe.obstacle(.noTables, nil, error)]
        }
    }
}

/// One look at what this host's kernel can do.
struct KernelProbe: ~Copyable {
    private let connection: NetlinkConnection

    init() throws(NetlinkError) {
        self.connection = try NetlinkConnection()
    }

    consuming func obstacles(for families: [AddressFamily]) -> [KernelObstacle] {
        var found: [KernelObstacle] = []
        var tableObstacles: [KernelObstacle] = []
        for family in families {
            if let obstacle = self.tableObstacle(family) {
                tableObstacles.append(obstacle)
            } else if let obstacle = self.translationObstacle(family) {
                found.append(obstacle)
            }
            if let obstacle = self.forwardingObstacle(family) { found.append(obstacle) }
        }
        // Missing privileges hide everything else and concern both families alike.
        if let denied = tableObstacles.first(where: { $0.kind == .notPermitted }) {
            return [
                KernelObstacle(kind: denied.kind, family: nil, problem: denied.problem, remedy: denied.remedy)
            ]
        }
        return tableObstacles + found + self.droppingChains(families)
    }

    static func obstacle(
        _ kind: KernelObstacle.Kind, _ family: AddressFamily?, _ error: NetlinkError
    ) -> KernelObstacle {
        let isDenied = error.kind == .notPermitted
        var problem = "could not \(error.attempted)"
        if let text = error.kernelText { problem += " (\(text))" }
        return KernelObstacle(
            kind: isDenied ? .notPermitted : kind, family: family,
            problem: isDenied ? "no permission to \(error.attempted)" : problem, remedy: error.remedy)
    }

    // MARK: Trying

    private func tableObstacle(_ family: AddressFamily) -> KernelObstacle? {
        var table = RelayTable(
            name: "crosspoint-probe-\(getpid())", portRanges: [], trafficClass: 0, families: [family])
        guard self.obstacle(to: table, family) != nil else { return nil }
        table.asksForMembership = false
        return self.obstacle(to: table, family)
    }

    private func obstacle(to table: RelayTable, _ family: AddressFamily) -> KernelObstacle? {
        var messages = NetlinkMessages(capacity: 64 << 10)
        var attempts = ["begin a transaction"]
        messages.append(crosspoint_put_batch_begin)
        table.appendSetUp(to: &messages, attempts: &attempts)
        table.appendRemoval(to: &messages, attempts: &attempts)
        messages.acknowledgeLast()
        messages.append(crosspoint_put_batch_end)
        let whole = "create a table for IPv\(family.rawValue) in nf_tables"
        do {
            let refusals = try self.connection.exchange(messages, attempting: whole)
            guard let refusal = refusals.first else { return nil }
            let index = messages.index(of: refusal.sequence) ?? 0
            let attempted = attempts.indices.contains(index) ? attempts[index] : whole
            return Self.obstacle(.noTables, family, refusal.error(attempting: attempted))
        } catch {
            return Self.obstacle(.noTables, family, error)
        }
    }

    private func translationObstacle(_ family: AddressFamily) -> KernelObstacle? {
        var flow = crosspoint_flow(Self.documentationFlow(family))
        let isIPv6 = family == .ipv6
        let attempted = "create a translated conntrack entry for IPv\(family.rawValue)"
        var messages = NetlinkMessages(capacity: 64 << 10)
        messages.append { crosspoint_put_conntrack_create($0, &flow, ConntrackStatus.established, 5) }
        messages.append {
            crosspoint_put_conntrack_named($0, Message.getConntrack, isIPv6, &flow.source, &flow.local)
        }
        messages.append {
            crosspoint_put_conntrack_named($0, Message.deleteConntrack, isIPv6, &flow.source, &flow.local)
        }
        var status: UInt32 = 0
        do {
            messages.acknowledgeLast()
            let refusals = try self.connection.exchange(messages, attempting: attempted) { message in
                var entry = crosspoint_conntrack()
                guard message.kind == CROSSPOINT_KIND_CONNTRACK else { return }
                if crosspoint_read_conntrack(message.header, &entry) { status = entry.status }
            }
            if let refusal = refusals.first {
                return Self.obstacle(.noTranslation, family, refusal.error(attempting: attempted))
            }
        } catch {
            return Self.obstacle(.noTranslation, family, error)
        }
        guard status & ConntrackStatus.translated != ConntrackStatus.translated else { return nil }
        return Self.obstacle(
            .noTranslation, family,
            NetlinkError(
                errno: EOPNOTSUPP, attempting: attempted, kernelText: "it was created without translation"))
    }

    private static func documentationFlow(_ family: AddressFamily) -> KernelFlow {
        func end(_ host: UInt64, _ port: UInt16) -> TransportAddress {
            let address =
                family == .ipv4
                ? IPAddress(ipv4: 0xC000_0200 | UInt32(host))
                : IPAddress(ipv6High: 0x2001_0DB8_0000_0000, low: host)
            return TransportAddress(address, port: port)
        }
        return KernelFlow(source: end(1, 9), local: end(2, 9), relay: end(3, 9), destination: end(4, 9))
    }

    // MARK: Settings

    private func forwardingObstacle(_ family: AddressFamily) -> KernelObstacle? {
        let name = family == .ipv4 ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding"
        let path = "/proc/sys/" + name.map { $0 == "." ? "/" : String($0) }.joined()
        switch Self.firstOctet(ofFile: path) {
        case UInt8(ascii: "0"):
            return KernelObstacle(
                kind: .forwardingDisabled, family: family,
                problem: "\(name) is 0, so the kernel drops every packet it should forward",
                remedy: "sysctl -w \(name)=1")
        case nil where family == .ipv6:
            return KernelObstacle(
                kind: .forwardingDisabled, family: family, problem: "the kernel has no IPv6",
                remedy: "boot without ipv6.disable=1")
        default: return nil
        }
    }

    private static func firstOctet(ofFile path: String) -> UInt8? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var octet: UInt8 = 0
        return read(descriptor, &octet, 1) == 1 ? octet : nil
    }

    // MARK: Other tables

    private struct BaseChain {
        let family: UInt8
        let table: String
        let chain: String
    }

    private func droppingChains(_ families: [AddressFamily]) -> [KernelObstacle] {
        var obstacles: [KernelObstacle] = []
        do {
            for chain in try self.droppingForwardChains(families) where try !self.mentionsUs(chain) {
                obstacles.append(Self.obstacle(chain))
            }
        } catch {
            obstacles.append(Self.obstacle(.noTables, nil, error))
        }
        return obstacles
    }

    private func droppingForwardChains(_ families: [AddressFamily]) throws(NetlinkError) -> [BaseChain] {
        let forward: UInt32 = 2
        let drop: UInt32 = 0
        let numbers = families.map { $0 == .ipv4 ? UInt8(NetlinkFamily.ipv4) : UInt8(NetlinkFamily.ipv6) }
        var found: [BaseChain] = []
        for number in [UInt8(NetlinkFamily.inet)] + numbers {
            var messages = NetlinkMessages(capacity: 16 << 10)
            messages.append { crosspoint_put_chain_dump($0, number) }
            _ = try self.connection.dump(messages, attempting: "list the chains of nf_tables") { message in
                var chain = crosspoint_base_chain()
                guard message.kind == CROSSPOINT_KIND_CHAIN,
                    crosspoint_read_base_chain(message.header, &chain),
                    chain.hook == forward, chain.policy == drop, let table = chain.table,
                    let name = chain.chain
                else { return }
                found.append(
                    BaseChain(
                        family: chain.family, table: String(cString: table), chain: String(cString: name)))
            }
        }
        return found
    }

    private func mentionsUs(_ chain: BaseChain) throws(NetlinkError) -> Bool {
        var messages = NetlinkMessages(capacity: 16 << 10)
        messages.append { crosspoint_put_rule_dump($0, chain.family, chain.table, chain.chain) }
        var isMentioned = false
        _ = try self.connection.dump(messages, attempting: "list the rules of \(chain.chain)") { message in
            if message.kind == CROSSPOINT_KIND_RULE, crosspoint_rule_mentions(message.header, "crosspoint") {
                isMentioned = true
            }
        }
        return isMentioned
    }

    private static func obstacle(_ chain: BaseChain) -> KernelObstacle {
        let family: (name: String, family: AddressFamily?) =
            switch chain.family {
            case NetlinkFamily.ipv4: ("ip", .ipv4)
            case NetlinkFamily.ipv6: ("ip6", .ipv6)
            default: ("inet", nil)
            }
        let place = "\(family.name) \(chain.table) \(chain.chain)"
        return KernelObstacle(
            kind: .droppingChain, family: family.family,
            problem: "the forward chain \(place) drops what no rule of it accepts",
            remedy: "nft insert rule \(place) ct status dnat accept comment \"crosspoint\"")
    }
}

/// Netfilter's numbers of families.
private enum NetlinkFamily {
    static let inet: UInt8 = 1
    static let ipv4: UInt8 = 2
    static let ipv6: UInt8 = 10
}
