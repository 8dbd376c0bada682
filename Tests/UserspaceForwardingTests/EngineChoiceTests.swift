import Glibc
import Testing

@testable import UserspaceForwarding

/// `Scripts/test-container` runs these where io_uring is forbidden, and says so with `CROSSPOINT_ENGINE=epoll`.
@Suite("The choice of an engine")
struct EngineChoiceTests {
    private static let isForbidden = getenv("CROSSPOINT_ENGINE").map { String(cString: $0) } == "epoll"

    private func forwarder(_ engine: EngineChoice, buffers: Int = 64) throws -> UserspaceForwarder {
        try UserspaceForwarder(
            configuration: ForwarderConfiguration(
                maximumPorts: 64, buffersPerWorker: buffers, engine: engine)
        ) { _ in }
    }

    @Test("What was asked for is what runs", arguments: EngineChoice.tested)
    func asked(engine: EngineChoice) throws {
        let forwarder = try self.forwarder(engine)
        #expect(forwarder.engine.rawValue == engine.rawValue)
        #expect(forwarder.ioUringObstacle == nil)
    }

    @Test("Without a wish it is io_uring where that works", .disabled(if: isForbidden))
    func automatic() throws {
        let forwarder = try self.forwarder(.automatic)
        #expect(forwarder.engine == .ioUring)
        #expect(forwarder.ioUringObstacle == nil)
    }

    @Test("Where io_uring is forbidden, it is epoll and says why", .enabled(if: isForbidden))
    func forbidden() throws {
        let forwarder = try self.forwarder(.automatic)
        #expect(forwarder.engine == .epoll)
        let obstacle = try #require(forwarder.ioUringObstacle)
        #expect(obstacle.errno == EPERM)
        #expect(obstacle.description.contains("seccomp"))
        #expect(throws: obstacle) { _ = try self.forwarder(.ioUring) }
    }

    @Test("Each error number has a hint that names a cause")
    func hints() {
        #expect(RingProbe.hint(errno: ENOSYS).contains("no io_uring"))
        #expect(RingProbe.hint(errno: EINVAL).contains("Linux 6.1"))
        #expect(RingProbe.hint(errno: ENOMEM).contains("RLIMIT_MEMLOCK"))
        #expect(RingProbe.hint(errno: EIO).isEmpty)
    }
}
