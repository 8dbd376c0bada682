import Glibc

/// Why the daemon could not be asked, or what it answered instead, in words for an operator.
struct ControlClientError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// One question and one answer over the daemon's unix socket.
struct ControlClient {
    /// Where to look, the first that exists is used.
    let paths: [String]

    /// Longer than any daemon that works needs.
    private static let timeoutSeconds = 10

    /// Sends one line and waits for the one that answers it.
    func ask(_ line: String) throws(ControlClientError) -> String {
        let path = self.paths.first { access($0, F_OK) == 0 } ?? self.paths.last ?? ""
        let descriptor = try Self.connect(to: path)
        defer { close(descriptor) }
        var rest = Array("\(line)\n".utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                // It may have closed after saying why, so what it said is worth more than this error.
                break
            }
        }
        return try Self.readLine(from: descriptor)
    }

    private static func connect(to path: String) throws(ControlClientError) -> Int32 {
        var address = sockaddr_un()
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else {
            throw ControlClientError("the path \(path) is too long for a unix socket")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw ControlClientError("no socket: \(String(cString: strerror(errno)))")
        }
        var timeout = timeval(tv_sec: self.timeoutSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw self.error(connecting: path, code: code)
        }
        return descriptor
    }

    /// Turns the error number of connect(2) into what an operator can do about it.
    static func error(connecting path: String, code: Int32) -> ControlClientError {
        switch code {
        case ENOENT:
            ControlClientError(
                "crosspointd is not running: there is no socket \(path)."
                    + " If it was started with --control-socket, give the same path with --socket.")
        case ECONNREFUSED:
            ControlClientError(
                "crosspointd is not running: nobody listens at \(path), which an earlier run left.")
        case EACCES, EPERM:
            ControlClientError(
                "no permission to use \(path): run crosspointctl as the daemon's user, as root,"
                    + " or as a member of the socket's group.")
        default: ControlClientError("cannot connect to \(path): \(String(cString: strerror(code)))")
        }
    }

    private static func readLine(from descriptor: Int32) throws(ControlClientError) -> String {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw ControlClientError(
                    code == EAGAIN
                        ? "crosspointd accepted the connection but did not answer within \(self.timeoutSeconds) seconds"
                        : "the connection broke: \(String(cString: strerror(code)))")
            }
            guard count > 0 else {
                throw ControlClientError("crosspointd closed the connection without an answer")
            }
            if let end = chunk[..<count].firstIndex(of: UInt8(ascii: "\n")) {
                return String(decoding: line + chunk[..<end], as: UTF8.self)
            }
            line += chunk[..<count]
        }
    }
}
