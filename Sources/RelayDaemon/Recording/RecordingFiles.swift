import CLinux
import CallRecording
import Glibc

/// The operator's `recording-dir`: makes directories and files in it, and moves them.
struct RecordingFiles: Sendable {
    let configuration: RecordingConfiguration

    /// Makes the directory, as far as it is missing, and rtpengine's three in it, and sees that they can be written to.
    func prepare() throws(RecordingFailure) {
        let parts = self.configuration.directory.split(separator: "/")
        for count in parts.indices { try self.makeDirectory("/" + parts[...count].joined(separator: "/")) }
        for name in RecordingPlace.directories {
            let path = self.path(name)
            try self.makeDirectory(path)
            guard access(path, W_OK | X_OK) == 0 else {
                throw RecordingFailure(attempted: "using", path: path, errno: errno)
            }
        }
    }

    /// Names of metadata that an earlier run did not finish: how many there are, and some of them.
    func leftovers() -> (count: Int, names: [String]) {
        var buffer = [CChar](repeating: 0, count: Self.leftoverOctets)
        var used = 0
        let count = crosspoint_directory_names(
            self.path(RecordingPlace.temporary), &buffer, buffer.count, &used)
        let names = buffer.prefix(used).split(separator: 0).map { name in
            String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return (max(0, Int(count)), names)
    }

    private static var leftoverOctets: Int { 4096 }

    /// The whole path of what lies below the directory.
    func path(_ relative: String) -> String { "\(self.configuration.directory)/\(relative)" }

    /// Makes a new capture and the directories it is in. If the name is taken, the recording's tag is added to it:
    /// nothing is ever overwritten.
    func createCapture(_ place: RecordingPlace) throws(RecordingFailure) -> (descriptor: Int32, path: String)
    {
        for count in place.directory.indices {
            try self.makeDirectory(self.path(place.directory[...count].joined(separator: "/")))
        }
        let path = self.path(place.capturePath())
        do {
            return (try self.create(path), path)
        } catch {
            guard error.errno == EEXIST else { throw error }
            let other = self.path(place.capturePath(suffix: "-\(place.tag)"))
            return (try self.create(other), other)
        }
    }

    /// Makes a new file with the mode the operator chose.
    func create(_ path: String) throws(RecordingFailure) -> Int32 {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = open(path, flags, mode_t(self.configuration.fileMode))
        guard descriptor >= 0 else { throw RecordingFailure(attempted: "making", path: path, errno: errno) }
        // The process's umask is not the operator's word on this.
        _ = fchmod(descriptor, mode_t(self.configuration.fileMode))
        return descriptor
    }

    /// Adds to a file that is there.
    func append(_ bytes: [UInt8], to path: String) throws(RecordingFailure) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw RecordingFailure(attempted: "opening", path: path, errno: errno) }
        defer { close(descriptor) }
        try Self.write(bytes, to: descriptor, path: path)
    }

    /// Moves a file.
    func move(_ path: String, to other: String) throws(RecordingFailure) {
        guard rename(path, other) == 0 else {
            throw RecordingFailure(attempted: "moving to \(other)", path: path, errno: errno)
        }
    }

    /// Removes a file, if it is there.
    func remove(_ path: String) throws(RecordingFailure) {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw RecordingFailure(attempted: "removing", path: path, errno: errno)
        }
    }

    /// Writes all of it.
    static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(RecordingFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { octets in
                Glibc.write(descriptor, octets.baseAddress.map { $0 + written }, octets.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw RecordingFailure(attempted: "writing", path: path, errno: count < 0 ? errno : ENOSPC)
            }
            written += count
        }
    }

    private func makeDirectory(_ path: String) throws(RecordingFailure) {
        let mode = mode_t(self.configuration.directoryMode)
        if mkdir(path, mode) == 0 {
            _ = chmod(path, mode)
        } else if errno != EEXIST {
            throw RecordingFailure(attempted: "making the directory", path: path, errno: errno)
        }
    }
}
