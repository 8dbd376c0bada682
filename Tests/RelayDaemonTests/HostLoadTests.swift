import CallControl
import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct HostLoadTests {
    /// A host whose files the test writes.
    private final class Files {
        var texts: [String: String] = [:]
    }

    @Test func loadAndCPUAreReadFromTheKernelsFiles() {
        let files = Files()
        files.texts = [
            "/proc/loadavg": "1.50 0.70 0.45 2/300 1234\n",
            "/proc/stat": "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2 3 4 5 6 7 8 9\n",
        ]
        var load = HostLoad { files.texts[$0] }
        let first = load.sample(at: MonotonicTime(seconds: 0))
        #expect(first.loadAverage == 1.5 && first.cpuPercent == nil)
        files.texts["/proc/stat"] = "cpu  150 0 125 710 115 0 0 0 75 0\n"
        #expect(load.sample(at: MonotonicTime(seconds: 1)).cpuPercent == 75)
    }

    @Test func inAGroupWithAQuotaItsShareCounts() {
        let files = Files()
        files.texts = [
            "/proc/self/cgroup": "0::/system.slice/crosspoint.service\n",
            "/sys/fs/cgroup/system.slice/crosspoint.service/cpu.max": "50000 100000\n",
            "/sys/fs/cgroup/system.slice/crosspoint.service/cpu.stat": "usage_usec 1000000\nuser_usec 1\n",
        ]
        var load = HostLoad { files.texts[$0] }
        _ = load.sample(at: MonotonicTime(seconds: 0))
        files.texts["/sys/fs/cgroup/system.slice/crosspoint.service/cpu.stat"] = "usage_usec 1400000\n"
        #expect(load.sample(at: MonotonicTime(seconds: 1)).cpuPercent == 80)
    }

    @Test(arguments: ["", "cpu", "cpu  1 2 3", "intr 5", "cpu  x y z a b", "cpu \u{0} 1 1 1 1 1"])
    func aFileThatSaysNothingLimitsNothing(text: String) {
        var load = HostLoad { _ in text }
        _ = load.sample(at: MonotonicTime(seconds: 0))
        #expect(load.sample(at: MonotonicTime(seconds: 1)).cpuPercent == nil)
    }

    @Test func thisHostHasALoad() {
        var load = HostLoad()
        #expect(load.sample(at: MonotonicTime(seconds: 0)).loadAverage != nil)
    }

    @Test func aRateIsThatBetweenTwoLooks() {
        var rate = RateMeter()
        rate.observe(1000, at: MonotonicTime(seconds: 0))
        #expect(rate.perSecond == nil)
        rate.observe(3000, at: MonotonicTime(seconds: 2))
        rate.observe(9000, at: MonotonicTime(seconds: 2.1))
        #expect(rate.perSecond == 1000, "a look too soon is left out")
        rate.observe(10, at: MonotonicTime(seconds: 3))
        #expect(rate.perSecond == 0)
    }
}
