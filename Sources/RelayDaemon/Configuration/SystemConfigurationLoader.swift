import Glibc

extension ConfigurationLoader {
    /// The loader for this process: real files, the real user and environment.
    static var system: ConfigurationLoader {
        ConfigurationLoader(
            readFile: { path throws(ConfigurationError) in try readConfigurationFile(path) },
            userID: geteuid(),
            runtimeDirectory: getenv("XDG_RUNTIME_DIR").map { String(cString: $0) })
    }
}

/// The text of a file; nil if it does not exist.
private func readConfigurationFile(_ path: String) throws(ConfigurationError) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        let code = errno
        if code == ENOENT { return nil }
        throw ConfigurationError("\(path): cannot be opened: \(String(cString: strerror(code)))")
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16384)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 {
            let code = errno
            if code == EINTR { continue }
            throw ConfigurationError("\(path): cannot be read: \(String(cString: strerror(code)))")
        }
        if count == 0 { break }
        bytes += chunk[..<count]
        guard bytes.count <= ConfigurationFile.largestFileBytes else {
            throw ConfigurationError(
                "\(path): larger than any configuration; expected a YAML file of a few lines")
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
