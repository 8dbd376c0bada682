import Glibc

/// A control socket that cannot be opened: says what was attempted, on what, and what the system answered.
struct ControlTransportError: Error, Equatable, CustomStringConvertible {
    /// The whole sentence.
    let description: String
    /// The system's error number, if one was the cause.
    var code: Int32?

    /// True if this host does not have the address family at all.
    var isLackOfFamily: Bool { self.code == EAFNOSUPPORT || self.code == EADDRNOTAVAIL }

    /// A sentence of its own.
    init(_ description: String) {
        self.description = description
    }

    /// A system call that failed with this error number.
    init(_ attempt: String, code: Int32) {
        self.description = "\(attempt): \(String(cString: strerror(code)))"
        self.code = code
    }
}
