import Glibc
import Testing

@testable import KernelForwarding

@Suite(.enabled(if: geteuid() != 0, "only a process without privileges is refused"))
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
