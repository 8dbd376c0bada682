import Foundation
import Glibc
import Testing
import WireFormat

@testable import RelayDaemon

/// A blocking UDP socket on loopback, so that a test is a client like any other.
final class TestDatagramClient {
    private let descriptor: Int32

    init(boundTo address: String) throws {
        let address = try #require(TransportAddress(address))
        self.descriptor = socket(address.family == .ipv4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(self.descriptor >= 0)
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let descriptor = self.descriptor
        try #require(address.withSocketAddress { bind(descriptor, $0, $1) } == 0)
    }

    deinit { close(self.descriptor) }

    /// After this, only datagrams from exactly this address are received (connect(2)).
    func connect(to address: String) throws {
        let address = try #require(TransportAddress(address))
        let descriptor = self.descriptor
        try #require(address.withSocketAddress { Glibc.connect(descriptor, $0, $1) } == 0)
    }

    func send(_ bytes: [UInt8]) throws {
        try #require(Glibc.send(self.descriptor, bytes, bytes.count, 0) == bytes.count)
    }

    func receive() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(self.descriptor, &buffer, buffer.count, 0)
        try #require(count >= 0, "no reply: \(String(cString: strerror(errno)))")
        return Array(buffer[..<count])
    }
}

/// A blocking stream socket, unix or TCP.
final class TestStreamClient {
    private let descriptor: Int32

    init(path: String) throws {
        self.descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(self.descriptor >= 0)
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = self.descriptor
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0, "connect: \(String(cString: strerror(errno)))")
    }

    /// Connects over TCP; a small `receiveBuffer` makes a client that soon takes no more.
    init(tcp address: TransportAddress, receiveBuffer: Int32? = nil) throws {
        self.descriptor = socket(
            address.family == .ipv4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        try #require(self.descriptor >= 0)
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let descriptor = self.descriptor
        let result = address.withSocketAddress { Glibc.connect(descriptor, $0, $1) }
        try #require(result == 0, "connect: \(String(cString: strerror(errno)))")
    }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// Everything up to the end of the stream.
    func receiveAll() throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            try #require(count >= 0 || errno == ECONNRESET, "no end: \(String(cString: strerror(errno)))")
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// At least so many octets.
    func receive(octets: Int) throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count < octets {
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            try #require(count > 0, "no reply: \(String(cString: strerror(errno)))")
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    deinit { close(self.descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        try #require(Glibc.send(self.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }

    /// Sends an octet every so often until the other side has had enough; false if it never has.
    func trickle(_ text: String, every milliseconds: UInt32) -> Bool {
        for octet in text.utf8 {
            if Glibc.send(self.descriptor, [octet], 1, Int32(MSG_NOSIGNAL)) != 1 { return true }
            usleep(milliseconds * 1000)
        }
        return false
    }

    /// Everything up to the given number of lines, or to the end of the stream.
    func receive(lines: Int) throws -> [String] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        var missing = lines
        while missing > 0 {
            let count = recv(self.descriptor, &buffer, buffer.count, 0)
            try #require(count >= 0 || errno == ECONNRESET, "no reply: \(String(cString: strerror(errno)))")
            if count <= 0 { break }
            bytes += buffer[..<count]
            missing -= buffer[..<count].count { $0 == 10 }
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// A new directory that only this test uses, removed with all it holds.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/crosspoint-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }
}
