import CallRecording
import Glibc
import UserspaceForwarding

/// The files of one recording while it lasts; confined to the writer's thread.
final class OpenRecording {
    /// Octets that are put together before the file is written to.
    static let bufferOctets = 1 << 15

    let start: RecordingStart
    /// The capture's whole path.
    let path: String
    private let files: RecordingFiles
    private let descriptor: Int32
    private let framing: CaptureFraming
    private var buffer: [UInt8]
    /// Octets in the file: whole records only.
    private var fileOctets = 0
    /// Octets in the metadata.
    private var metadataOctets = 0
    private(set) var packets: UInt64 = 0
    /// Octets of the capture, written or not.
    var octets: Int { self.fileOctets + self.buffer.count }

    /// Makes the files, or none.
    init(_ start: RecordingStart, files: RecordingFiles) throws(RecordingFailure) {
        self.start = start
        self.files = files
        self.framing = files.configuration.framing
        let (descriptor, path) = try files.createCapture(start.place)
        self.descriptor = descriptor
        self.path = path
        self.buffer = PacketCapture.fileHeader(self.framing)
        let metadata = files.path(start.place.temporaryMetadataPath)
        // A full disk must not fill with empty files, two for each call that could not be recorded.
        do throws(RecordingFailure) {
            close(try files.create(metadata))
        } catch {
            try? files.remove(path)
            throw error
        }
        do throws(RecordingFailure) {
            try self.note(RecordingMetadata.opening(capturePath: path))
            try self.flush()
        } catch {
            try? self.discard()
            throw error
        }
    }

    deinit { close(self.descriptor) }

    /// Adds a packet.
    func add(
        _ packet: RecordedPacket, _ payload: UnsafeRawBufferPointer, unixMicroseconds: Int64
    ) throws(RecordingFailure) {
        let datagram = CapturedDatagram(
            source: packet.source, destination: packet.local, payload: payload.bytes)
        PacketCapture.append(
            datagram, unixMicroseconds: unixMicroseconds, framing: self.framing, to: &self.buffer)
        self.packets += 1
        if self.buffer.count >= Self.bufferOctets { try self.flush() }
    }

    /// Adds an SDP to the metadata.
    func describe(_ description: RecordingMetadata.Description) throws(RecordingFailure) {
        try self.note(RecordingMetadata.block(description, beforePacket: self.packets + 1))
    }

    /// Adds to the metadata, as far as it may grow.
    func note(_ bytes: [UInt8]) throws(RecordingFailure) {
        guard self.metadataOctets <= RecordingLimits.metadataOctets else { return }
        self.metadataOctets += bytes.count
        let isTooMuch = self.metadataOctets > RecordingLimits.metadataOctets
        let text = isTooMuch ? RecordingMetadata.remark("What follows was left out: too much") : bytes
        try self.files.append(text, to: self.files.path(self.start.place.temporaryMetadataPath))
    }

    /// Writes what was put together. If that fails, the file ends with the last record that was complete before.
    func flush() throws(RecordingFailure) {
        guard !self.buffer.isEmpty else { return }
        defer { self.buffer.removeAll(keepingCapacity: true) }
        do {
            try RecordingFiles.write(self.buffer, to: self.descriptor, path: self.path)
        } catch {
            _ = ftruncate(self.descriptor, off_t(self.fileOctets))
            throw error
        }
        self.fileOctets += self.buffer.count
    }

    /// Writes the last of it, and moves the metadata to where finished ones are.
    func finish(_ end: RecordingEnd, at unixMicroseconds: Int64) throws(RecordingFailure) {
        try self.flush()
        let temporary = self.files.path(self.start.place.temporaryMetadataPath)
        if end.lostPackets > 0 {
            try self.files.append(
                RecordingMetadata.remark("\(end.lostPackets) packets are missing"), to: temporary)
        }
        let closing = RecordingMetadata.closing(
            terminated: end.terminated, start: RecordingTime(unixMicroseconds: self.start.callCreated),
            end: RecordingTime(unixMicroseconds: unixMicroseconds), metadata: end.metadata)
        try self.files.append(closing, to: temporary)
        try self.files.move(temporary, to: self.files.path(self.start.place.metadataPath))
    }

    /// Removes the files.
    func discard() throws(RecordingFailure) {
        self.buffer.removeAll()
        try self.files.remove(self.path)
        try self.files.remove(self.files.path(self.start.place.temporaryMetadataPath))
    }
}
