import Glibc
import Synchronization

/// Tells the service manager how the daemon is (sd_notify(3), sd_watchdog_enabled(3)): one datagram each time to the
/// socket that `NOTIFY_SOCKET` names. Without systemd there is no such socket, and nothing is done.
final class ServiceNotifier: Sendable {
    /// How often the manager wants to hear from us at least; nil if it does not watch.
    let watchdogMicroseconds: UInt64?
    /// The socket's address as bytes of a `sockaddr_un`; nil without a manager.
    private let address: [UInt8]?
    private let descriptor: Int32
    /// The last status, so that none is sent twice.
    private let lastStatus = Mutex("")

    /// The notifier of this process.
    convenience init() {
        self.init(
            socket: Self.variable("NOTIFY_SOCKET"), watchdogMicroseconds: Self.variable("WATCHDOG_USEC"),
            watchdogProcess: Self.variable("WATCHDOG_PID"))
    }

    /// A notifier with what the environment says.
    init(socket: String?, watchdogMicroseconds: String?, watchdogProcess: String?) {
        self.address = socket.flatMap { Self.address(of: $0) }
        let isForUs = watchdogProcess.map { Int32($0) == getpid() } ?? true
        let interval = watchdogMicroseconds.flatMap { UInt64($0) } ?? 0
        self.watchdogMicroseconds = self.address != nil && isForUs && interval > 0 ? interval : nil
        self.descriptor =
            self.address == nil ? -1 : Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Self.flags, 0)
    }

    deinit {
        if self.descriptor >= 0 { close(self.descriptor) }
    }

    /// True if somebody listens.
    var isActive: Bool { self.descriptor >= 0 }

    /// The daemon is ready.
    func ready(status: String) { self.send("READY=1\nSTATUS=\(Self.line(status))") }

    /// The daemon begins to end.
    func stopping(status: String) { self.send("STOPPING=1\nSTATUS=\(Self.line(status))") }

    /// A sentence for `systemctl status`; sent if it is another one than before.
    func status(_ text: String) {
        let isNew = self.lastStatus.withLock { last in
            defer { last = text }
            return last != text
        }
        if isNew { self.send("STATUS=\(Self.line(text))") }
    }

    /// The control loop is alive.
    func alive() { self.send("WATCHDOG=1") }

    /// Stopping takes a while; the manager must not lose patience before.
    func extendTimeout(microseconds: UInt64) { self.send("EXTEND_TIMEOUT_USEC=\(microseconds)") }

    private static let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)

    private func send(_ text: String) {
        guard self.isActive, let address = self.address else { return }
        let message = Array(text.utf8)
        // What cannot be sent is lost: there is nobody else to tell, and the next message says it again.
        _ = address.withUnsafeBytes { address in
            sendto(
                self.descriptor, message, message.count, Int32(MSG_NOSIGNAL),
                address.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(address.count))
        }
    }

    /// The bytes of a `sockaddr_un` (unix(7)): a path, or with `@` in front an abstract name; nil for anything else.
    static func address(of name: String) -> [UInt8]? {
        var path = Array(name.utf8)
        guard let first = path.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
            path.count > 1,
            path.count <= Self.longestPath, !path.contains(0)
        else { return nil }
        if first == UInt8(ascii: "@") { path[0] = 0 } else { path.append(0) }
        let family = UInt16(AF_UNIX)
        return withUnsafeBytes(of: family) { Array($0) } + path
    }

    /// `sun_path` without the zero at its end.
    private static let longestPath = 107

    /// Nothing in a status can begin another line.
    private static func line(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
