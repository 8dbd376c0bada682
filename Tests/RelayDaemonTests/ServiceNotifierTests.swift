import Glibc
import Testing

@testable import RelayDaemon

/// A datagram socket in the place of systemd's.
private final class Manager {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)

    init(_ name: String) throws {
        let address = try #require(ServiceNotifier.address(of: name))
        let result = address.withUnsafeBytes {
            bind(
                self.descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(address.count))
        }
        #expect(result == 0)
    }

    deinit { close(self.descriptor) }

    /// The next message; empty if there is none.
    func next() -> String {
        var bytes = [UInt8](repeating: 0, count: 500)
        let count = recv(self.descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}

@Suite struct ServiceNotifierTests {
    @Test(arguments: ["@crosspoint-test-\(getpid())", "/tmp/crosspoint-notify-\(getpid())"])
    func theManagerHearsEveryMessage(name: String) throws {
        defer { if name.hasPrefix("/") { unlink(name) } }
        let manager = try Manager(name)
        let notifier = ServiceNotifier(
            socket: name, watchdogMicroseconds: "30000000", watchdogProcess: "\(getpid())")
        #expect(notifier.isActive && notifier.watchdogMicroseconds == 30_000_000)
        notifier.ready(status: "no calls\nREADY=0")
        #expect(manager.next() == "READY=1\nSTATUS=no calls READY=0")
        notifier.status("2 calls")
        notifier.status("2 calls")
        notifier.alive()
        notifier.extendTimeout(microseconds: 5)
        notifier.stopping(status: "bye")
        #expect(manager.next() == "STATUS=2 calls")
        #expect(manager.next() == "WATCHDOG=1")
        #expect(manager.next() == "EXTEND_TIMEOUT_USEC=5")
        #expect(manager.next() == "STOPPING=1\nSTATUS=bye")
        #expect(manager.next() == "")
    }

    @Test(arguments: [nil, "", "relative", "/", String(repeating: "/x", count: 60), "vsock:2:1"])
    func withoutAManagerNothingIsDone(socket: String?) {
        let notifier = ServiceNotifier(socket: socket, watchdogMicroseconds: "1000", watchdogProcess: nil)
        #expect(!notifier.isActive && notifier.watchdogMicroseconds == nil)
        notifier.ready(status: "x")
    }

    @Test func aWatchdogForAnotherProcessIsNotOurs() {
        let notifier = ServiceNotifier(socket: "@x", watchdogMicroseconds: "1000", watchdogProcess: "1")
        #expect(notifier.watchdogMicroseconds == nil)
    }
}
