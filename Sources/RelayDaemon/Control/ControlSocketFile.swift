import Glibc

/// The unix socket in the file system: made with the right permission, never taken from a living daemon, removed at
/// the end.
struct ControlSocketFile: Sendable, Equatable {
    /// Where it is.
    let path: String
    /// The bound socket; whoever takes it over closes it.
    let descriptor: Int32
    private let identity: Identity

    /// `sun_path` of unix(7) with its terminating zero.
    private static let longestPathBytes = 107

    /// Binds a stream socket for the owner and the group, replacing what a crashed run left; not yet listening.
    init(creating path: String) throws(ControlTransportError) {
        let attempt = "cannot make the control socket \(path)"
        guard path.utf8.count <= Self.longestPathBytes, !path.isEmpty else {
            throw ControlTransportError(
                "\(attempt): a path of 1 to \(Self.longestPathBytes) octets is expected")
        }
        try Self.makeDirectory(of: path, attempt: attempt)
        try Self.removeLeftover(path, attempt: attempt)
        let descriptor = try Self.open(attempt: attempt)
        do throws(ControlTransportError) {
            guard Self.withAddress(path, { Glibc.bind(descriptor, $0, $1) }) == 0 else {
                throw ControlTransportError(attempt, code: errno)
            }
            // Nobody can connect before it listens, so there is no moment with a wider permission.
            var status = stat()
            guard chmod(path, 0o660) == 0, lstat(path, &status) == 0 else {
                throw ControlTransportError(attempt, code: errno)
            }
            self.identity = Identity(status)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    /// Removes the file, unless another one has taken its place.
    func remove() {
        var status = stat()
        if lstat(self.path, &status) == 0, Identity(status) == self.identity { unlink(self.path) }
    }

    private static func open(attempt: String) throws(ControlTransportError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ControlTransportError(attempt, code: errno) }
        return descriptor
    }

    /// Makes the last directory if it is missing, and does not use one that another user owns.
    private static func makeDirectory(of path: String, attempt: String) throws(ControlTransportError) {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
        let directory = String(path[..<slash])
        guard mkdir(directory, geteuid() == 0 ? 0o755 : 0o700) != 0 else { return }
        let code = errno
        var status = stat()
        guard code == EEXIST, stat(directory, &status) == 0 else {
            throw ControlTransportError("\(attempt): cannot make the directory \(directory)", code: code)
        }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw ControlTransportError("\(attempt): the directory \(directory) belongs to another user")
        }
    }

    private static func removeLeftover(_ path: String, attempt: String) throws(ControlTransportError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ControlTransportError("\(attempt): there is something else at this path")
        }
        let probe = try self.open(attempt: attempt)
        defer { close(probe) }
        guard self.withAddress(path, { connect(probe, $0, $1) }) != 0 else {
            throw ControlTransportError("\(attempt): another crosspointd is listening there")
        }
        let code = errno
        guard code == ECONNREFUSED, unlink(path) == 0 else {
            throw ControlTransportError(attempt, code: code)
        }
    }

    private static func withAddress<Result>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: path.utf8.prefix(self.longestPathBytes))
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Tells our file from another one at the same path; the time, since inode numbers are used again at once.
    private struct Identity: Sendable, Equatable {
        let inode: UInt64
        let changedSeconds: Int
        let changedNanoseconds: Int

        init(_ status: stat) {
            self.inode = UInt64(status.st_ino)
            self.changedSeconds = status.st_ctim.tv_sec
            self.changedNanoseconds = status.st_ctim.tv_nsec
        }
    }
}
