import Glibc
import Testing

@testable import KernelForwarding

@Suite struct NetlinkErrorTests {
    @Test(arguments: [
        (EPERM, NetlinkError.Kind.notPermitted, "CAP_NET_ADMIN"), (ENOBUFS, .answersLost, "rmem_max"),
        (EBUSY, .busy, "busy"), (ENOENT, .missing, "removed it"), (EEXIST, .alreadyExists, "another program"),
        (EOPNOTSUPP, .unsupported, "nf_tables"), (ENOMEM, .outOfMemory, "memory"),
    ])
    func `Every error says what was attempted, why it failed and what to do`(
        errno: Int32, kind: NetlinkError.Kind, hint: String
    ) {
        let error = NetlinkError(
            errno: errno, attempting: "create the chain classify", kernelText: "own words")
        #expect(error.kind == kind)
        #expect(error.description.hasPrefix("could not create the chain classify: "))
        #expect(error.description.contains(String(cString: strerror(errno))))
        #expect(error.description.contains("(own words)"))
        #expect(error.description.contains(hint))
    }

    @Test func `A full conntrack table is told apart from a lack of memory`() {
        let error = NetlinkError(
            kind: .conntrackTableFull, errno: ENOMEM, attempting: "create a conntrack entry")
        #expect(error.description.contains("the conntrack table is full"))
        #expect(error.description.contains("nf_conntrack_max"))
    }

    @Test func `Overlapping and adjacent port ranges become one`() {
        let table = RelayTable(
            name: "t", portRanges: [500...600, 100...199, 200...300, 550...700, 65535...65535],
            trafficClass: nil)
        #expect(table.portRanges == [100...300, 500...700, 65535...65535])
        #expect(table.covers(199) && table.covers(65535) && !table.covers(301))
    }
}
