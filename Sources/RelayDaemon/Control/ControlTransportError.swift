import Glibc

/// A control socket that cannot be opened: says what was attempted, on what, and what the system answered.
struct ControlTransportError: Error, Equatable, CustomStringConvertible {
    /// The whole sentence.
    let description: String

    /// A sentence of its own.
    init(_ description: String) {
        self.description = description
    }

    /// A system call that failed with this error number.
    init(_ attempt: String, code: Int32) {
        self.description = "\(attempt): \(String(cString: strerror(code)))"
    }
}
