internal import Glibc

/// A system call that failed: what was attempted, and the errno it gave.
public struct SystemError: Error, Sendable, Hashable {
    /// The error number, such as `EADDRINUSE`.
    public let errno: Int32
    /// What was attempted, as a phrase that completes "… failed": `binding 192.0.2.1:30000`.
    public let attempted: String

    /// True for `EADDRINUSE`: another program has the port.
    public var isAddressInUse: Bool { self.errno == EADDRINUSE }

    /// Joins an error number and what was attempted.
    public init(errno: Int32, attempted: String) {
        self.errno = errno
        self.attempted = attempted
    }
}

extension SystemError: CustomStringConvertible {
    /// `binding 192.0.2.1:30000: Address already in use`.
    public var description: String {
        guard let text = strerror(self.errno) else { return "\(self.attempted): error \(self.errno)" }
        return "\(self.attempted): \(String(cString: text))"
    }
}

/// Turns the result of a C function of ours, which is minus errno on failure, into a value or an error.
func checked(_ result: Int32, _ attempted: @autoclosure () -> String) throws(SystemError) -> Int32 {
    guard result >= 0 else { throw SystemError(errno: -result, attempted: attempted()) }
    return result
}
