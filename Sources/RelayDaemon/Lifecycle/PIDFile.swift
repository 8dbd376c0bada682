import Glibc

/// The file that tells scripts our process id.
enum PIDFile {
    static func write(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ConfigurationError(
                "--pidfile: \"\(path)\" cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let text = "\(getpid())\n"
        let count = text.withCString { Glibc.write(descriptor, $0, strlen($0)) }
        guard count == text.utf8.count else {
            throw ConfigurationError("--pidfile: \"\(path)\" cannot be written")
        }
    }

    static func remove(_ path: String) { unlink(path) }
}
