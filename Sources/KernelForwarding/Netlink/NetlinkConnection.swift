import CNetfilter
import Glibc

/// One message the kernel refused.
struct NetlinkRefusal {
    /// The message's sequence number.
    let sequence: UInt32
    /// Positive.
    let errno: Int32
    /// The kernel's own words.
    let text: String?

    init(_ message: crosspoint_message) {
        self.sequence = message.sequence
        self.errno = message.error
        self.text = message.text.map { String(cString: $0) }
    }

    func error(attempting attempted: String) -> NetlinkError {
        NetlinkError(errno: self.errno, attempting: attempted, kernelText: self.text)
    }
}

/// A netfilter netlink socket with its receive buffer; used by one thread at a time.
///
/// The kernel works requests off inside `send`, so when `send` returns every answer is queued already and nothing
/// here ever waits.
struct NetlinkConnection: ~Copyable {
    /// Bounds of the socket's buffers; a full answer to the largest batch fits with room to spare.
    static let receiveBufferOctets: Int32 = 4 << 20
    static let sendBufferOctets: Int32 = 2 << 20
    /// The largest piece of an answer: the kernel fills at most this much of a dump at once.
    static let pieceOctets = 256 << 10
    /// How often a request is repeated that failed for a passing reason.
    static let retries = 8
    /// The pieces of one dump; a dump that never ends is cut off here.
    static let dumpPiecesLimit = 1 << 20

    let descriptor: Int32
    /// The socket's netlink port, by which the kernel names the author of a change.
    let portIdentifier: UInt32
    private let piece: UnsafeMutableBufferPointer<UInt8>

    init() throws(NetlinkError) {
        var port: UInt32 = 0
        let result = crosspoint_netlink_open(Self.receiveBufferOctets, Self.sendBufferOctets, &port)
        guard result >= 0 else {
            throw NetlinkError(errno: -result, attempting: "open a netfilter netlink socket")
        }
        self.descriptor = result
        self.portIdentifier = port
        self.piece = .allocate(capacity: Self.pieceOctets)
    }

    deinit {
        self.piece.deallocate()
        close(self.descriptor)
    }

    /// Sends the messages and collects what the kernel refused; `read` sees every other answer.
    ///
    /// One message must have been marked by ``NetlinkMessages/acknowledgeLast()``: if its answer does not come, answers
    /// were lost.
    func exchange(
        _ messages: borrowing NetlinkMessages, attempting attempted: @autoclosure () -> String,
        read: (crosspoint_message) -> Void = { _ in }
    ) throws(NetlinkError) -> [NetlinkRefusal] {
        for _ in 0..<Self.retries {
            try self.send(messages, attempting: attempted())
            var refusals: [NetlinkRefusal] = []
            var isAnswered = false
            // The acknowledgement is the last the kernel queues; without one, read until nothing is left.
            var hasMore = true
            while hasMore, !isAnswered {
                hasMore = try self.receivePiece(attempting: attempted()) { message in
                    guard message.kind == CROSSPOINT_KIND_RESULT else { return read(message) }
                    // Answers to earlier requests are of no interest any more.
                    guard messages.index(of: message.sequence) != nil else { return }
                    if message.sequence == messages.acknowledged { isAnswered = true }
                    if message.error != 0 { refusals.append(NetlinkRefusal(message)) }
                }
            }
            guard isAnswered || !refusals.isEmpty else {
                throw NetlinkError(errno: ENOBUFS, attempting: attempted())
            }
            let passing = [EAGAIN, EBUSY, EINTR]
            if refusals.isEmpty || !refusals.allSatisfy({ passing.contains($0.errno) }) { return refusals }
            usleep(500)
        }
        throw NetlinkError(errno: EBUSY, attempting: attempted())
    }

    /// Asks for a dump and shows each message of it to `read`; returns true if the dump was disturbed by a change.
    func dump(
        _ request: borrowing NetlinkMessages, attempting attempted: @autoclosure () -> String,
        read: (crosspoint_message) -> Void
    ) throws(NetlinkError) -> Bool {
        try self.send(request, attempting: attempted())
        var isDisturbed = false
        var failure: Int32?
        var isDone = false
        for _ in 0..<Self.dumpPiecesLimit {
            let hadMore = try self.receivePiece(attempting: attempted()) { message in
                guard request.index(of: message.sequence) != nil else { return }
                if message.is_disturbed { isDisturbed = true }
                switch message.kind {
                case CROSSPOINT_KIND_DONE, CROSSPOINT_KIND_RESULT:
                    isDone = true
                    if message.error != 0 { failure = message.error }
                default: read(message)
                }
            }
            if isDone || !hadMore { break }
        }
        if let failure { throw NetlinkError(errno: failure, attempting: attempted()) }
        guard isDone else { throw NetlinkError(errno: ENOBUFS, attempting: attempted()) }
        return isDisturbed
    }

    /// Reads whatever is queued, without waiting. Throws `answersLost` when the queue overflowed.
    func receiveAll(
        attempting attempted: @autoclosure () -> String, read: (crosspoint_message) -> Void
    ) throws(NetlinkError) {
        for _ in 0..<Self.dumpPiecesLimit where try !self.receivePiece(attempting: attempted(), read: read) {
            return
        }
    }

    private func send(
        _ messages: borrowing NetlinkMessages, attempting attempted: @autoclosure () -> String
    ) throws(NetlinkError) {
        guard !messages.isBroken, !messages.isEmpty else {
            throw NetlinkError(errno: EMSGSIZE, attempting: attempted())
        }
        var result: Int32 = 0
        for _ in 0..<Self.retries {
            let bytes = messages.bytes
            result = crosspoint_netlink_send(self.descriptor, bytes.baseAddress, bytes.count)
            // None of these reached the kernel's tables, so sending again is safe.
            guard result == -EINTR || result == -EAGAIN || result == -ENOBUFS else { break }
            usleep(200)
        }
        if result != 0 { throw NetlinkError(errno: -result, attempting: attempted()) }
    }

    /// False when nothing was queued.
    private func receivePiece(
        attempting attempted: @autoclosure () -> String, read: (crosspoint_message) -> Void
    ) throws(NetlinkError) -> Bool {
        let received = crosspoint_netlink_receive(self.descriptor, self.piece.baseAddress, self.piece.count)
        guard received >= 0 else { throw NetlinkError(errno: Int32(-received), attempting: attempted()) }
        guard received > 0 else { return false }
        var cursor = 0
        var message = crosspoint_message()
        while crosspoint_next_message(self.piece.baseAddress, received, &cursor, &message) {
            read(message)
        }
        return true
    }
}
