import CallRecording
import Foundation
import RelayPlanning
import Testing

@testable import RelayDaemon

/// Disks that are full, gone or hang.
@Suite("Recordings that cannot be written")
struct RecordingFailureTests {
    private static func start(_ call: String) -> RecordingStart {
        let time = RecordingTime(year: 2026, month: 11, day: 21)
        let (place, _) = RecordingWishes(callID: call, tag: "1", time: time).place(below: "/r")
        return RecordingStart(call: call, place: place, callCreated: 0)
    }

    /// A directory of one's own.
    private static func files() throws -> RecordingFiles {
        let directory = FileManager.default.temporaryDirectory.appending(path: "recording-\(UUID())")
        let files = RecordingFiles(configuration: RecordingConfiguration(directory: directory.path()))
        try files.prepare()
        return files
    }

    private static func names(_ files: RecordingFiles, in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: files.path(directory))
    }

    @Test("A recording that cannot begin leaves no file")
    func nothingLeft() throws {
        let files = try Self.files()
        defer { try? FileManager.default.removeItem(atPath: files.configuration.directory) }
        try FileManager.default.removeItem(atPath: files.path("tmp"))
        #expect(throws: RecordingFailure.self) { try OpenRecording(Self.start("a"), files: files) }
        #expect(try Self.names(files, in: "pcaps").isEmpty)

        // Another one's metadata stays.
        try files.prepare()
        let first = try OpenRecording(Self.start("a"), files: files)
        #expect(throws: RecordingFailure.self) { try OpenRecording(Self.start("a"), files: files) }
        #expect(try Self.names(files, in: "pcaps") == ["a-1.pcap"])
        #expect(try Self.names(files, in: "tmp").count == 1)
        try first.discard()
    }

    @Test("What waits for a disk that hangs is bounded; recordings that began can still end")
    func bounded() {
        let mail = RecordingMail()
        let description = RecordingMetadata.Description(
            mode: "offer", sdp: Array(repeating: 0x20, count: 60_000), unixMicroseconds: 0)
        let id = RecordingID(rawValue: 1)
        let taken = (0..<2000).filter { _ in mail.post(.describe(id, description)) }.count
        #expect(taken > 100 && taken * 60_000 <= RecordingLimits.waitingOctets + 60_000)
        #expect(!mail.post(.begin(id, Self.start("a"))))
        #expect(mail.post(.finish(id, RecordingEnd())))
        #expect(mail.take().count == taken + 1)
        #expect(mail.post(.begin(id, Self.start("a"))))
    }
}
