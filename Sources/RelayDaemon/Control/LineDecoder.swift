import NIOCore

/// A request line that does not end within the limit.
struct LineTooLongError: Error, Equatable {
    /// The limit in octets.
    let limit: Int
}

/// Cuts a stream into lines, without their ends (LF or CR LF).
struct LineDecoder: ByteToMessageDecoder {
    typealias InboundOut = String

    /// The longest line that is accepted, in octets.
    let longestLineBytes: Int
    /// How much of the buffer is known to hold no line end, so that no octet is looked at twice.
    private var scanned = 0

    /// True if the end of the stream also ends a line.
    let endsWithStream: Bool

    init(longestLineBytes: Int, endsWithStream: Bool = false) {
        self.longestLineBytes = longestLineBytes
        self.endsWithStream = endsWithStream
    }

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let line = try self.nextLine(&buffer) else { return .needMoreData }
        context.fireChannelRead(self.wrapInboundOut(line))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        let state = try self.decode(context: context, buffer: &buffer)
        guard state == .needMoreData, self.endsWithStream, seenEOF, buffer.readableBytes > 0 else {
            // A line without its end was cut off: it is not a request.
            return state
        }
        context.fireChannelRead(self.wrapInboundOut(buffer.readString(length: buffer.readableBytes) ?? ""))
        return .continue
    }

    /// Takes the next whole line out of the buffer.
    mutating func nextLine(_ buffer: inout ByteBuffer) throws(LineTooLongError) -> String? {
        let unread = buffer.readableBytesView
        guard let end = unread.dropFirst(self.scanned).firstIndex(of: UInt8(ascii: "\n")) else {
            self.scanned = unread.count
            if unread.count > self.longestLineBytes { throw LineTooLongError(limit: self.longestLineBytes) }
            return nil
        }
        self.scanned = 0
        let length = end - unread.startIndex
        guard length <= self.longestLineBytes, let line = buffer.readString(length: length) else {
            throw LineTooLongError(limit: self.longestLineBytes)
        }
        buffer.moveReaderIndex(forwardBy: 1)
        return line.utf8.last == UInt8(ascii: "\r") ? String(line.dropLast()) : line
    }
}
