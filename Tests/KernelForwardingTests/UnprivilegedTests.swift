import Foundation
import Testing

@testable import KernelForwarding

/// True if this process may change the kernel's tables (capabilities(7): bit 12 of the effective set).
private let hasNetworkAdministration: Bool = {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
    let bits = line?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } ?? 0
    return bits & 1 << 12 != 0
}()

@Suite(.enabled(if: !hasNetworkAdministration, "only a process without CAP_NET_ADMIN is refused"))
struct UnprivilegedTests {
    @Test func `Without CAP_NET_ADMIN the probe says so once and what to do`() {
        let found = KernelForwarder.probe()
        #expect(found.map(\.kind) == [.notPermitted])
        #expect(found.first?.family == nil)
        #expect(found.first?.description.contains("CAP_NET_ADMIN") == true)
    }

    @Test func `Without CAP_NET_ADMIN a forwarder cannot be made`() {
        let error = #expect(throws: NetlinkError.self) { try KernelForwarder(portRanges: [40000...40099]) }
        #expect(error?.kind == .notPermitted)
    }
}
