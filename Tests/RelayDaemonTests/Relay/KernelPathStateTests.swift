import RelayPlanning
import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct KernelPathStateTests {
    @Test func aWorkingPathSaysWhatItsRulesDo() throws {
        let host = try #require(IPAddress("192.0.2.1"))
        let state = KernelPath.workingState(trafficClass: 184, families: [.ipv4], hostAddresses: [host])
        #expect(state.obstacles.isEmpty && state.unavailableFamilies == [.ipv6])
        #expect(state.hostAddresses == [host])
        // Or a call with a TOS of its own would get that of the rules.
        #expect(state.trafficClass == 184)
    }
}
