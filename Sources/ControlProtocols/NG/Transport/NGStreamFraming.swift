/// Cuts the octets of an NG connection over TCP into messages: `COOKIE SP bencode`, one behind the other (ng.md 1.1).
///
/// Bencode says itself where it ends, so nothing separates messages, and JSON is not possible. What has been looked at is
/// never looked at again: the time is linear in the octets, however small the pieces in which they come.
///
/// Each message is given out as if it had been a datagram, for ``NGMessage``. An error is final: where the next message
/// would begin is not known any more, so the connection has to be closed.
public struct NGStreamFraming: Sendable {
    /// Where in a message the next octet is.
    private enum State: Sendable {
        /// In the cookie.
        case cookie
        /// Before the dictionary.
        case payload
        /// Within the dictionary, before a value, a key, or the end of a list or dictionary.
        case value
        /// In the length of a string, of which this much has been read.
        case length(Int)
        /// In an integer, of which this many octets have been read.
        case integer(Int)
    }

    /// An idle connection keeps no more room than this.
    private static let keptCapacity = 16_384

    private let limits: NGStreamLimits
    private var buffer: [UInt8] = []
    /// Where the current message begins.
    private var start = 0
    /// The first octet that was not looked at yet; beyond the end of the buffer while a string is still coming.
    private var position = 0
    private var state = State.cookie
    private var depth = 0
    private var failure: NGError?

    /// Framing for one connection.
    public init(limits: NGStreamLimits = NGStreamLimits()) {
        self.limits = limits
    }

    /// Octets that wait for the rest of their message, or to be taken out.
    public var bufferedOctets: Int { self.buffer.count - self.start }

    /// Takes what came in. After it ``next()`` has to be called until it returns nil: more than
    /// ``NGStreamLimits/bufferOctets`` at a time are an error, which the next call of ``next()`` throws.
    public mutating func append(_ octets: some Sequence<UInt8>) {
        guard self.failure == nil else { return }
        self.discardTaken()
        self.buffer.append(contentsOf: octets)
        if self.bufferedOctets > self.limits.bufferOctets { self.fail(.streamMessageTooLong) }
    }

    /// Takes out the next whole message; nil if it has not come yet.
    ///
    /// - Throws: ``NGError/unparsableStream(_:)`` for what can be no message however it goes on, and
    ///   ``NGError/streamMessageTooLong`` beyond the limits; from then on at every call.
    public mutating func next() throws(NGError) -> [UInt8]? {
        if let failure = self.failure { throw failure }
        do throws(NGError) {
            guard try self.scanMessage() else { return nil }
        } catch {
            self.fail(error)
            throw error
        }
        let message = Array(self.buffer[self.start..<self.position])
        self.start = self.position
        self.state = .cookie
        self.depth = 0
        return message
    }

    private mutating func fail(_ error: NGError) {
        self.failure = error
        self.buffer = []
        self.start = 0
        self.position = 0
    }

    /// Gives back the room of messages that were taken out, but only if that is most of the buffer: what stays is moved at
    /// most once for each octet that goes.
    private mutating func discardTaken() {
        guard self.start > 0, self.start >= self.buffer.count - self.start else { return }
        if self.start == self.buffer.count {
            self.buffer.removeAll(keepingCapacity: self.buffer.capacity <= Self.keptCapacity)
        } else {
            self.buffer.removeFirst(self.start)
        }
        self.position -= self.start
        self.start = 0
    }

    /// Goes on to the end of the message, or of what is there. True at the end of the message.
    private mutating func scanMessage() throws(NGError) -> Bool {
        while self.position < self.buffer.count {
            let octet = self.buffer[self.position]
            self.position += 1
            switch self.state {
            case .cookie: try self.takeCookie(octet)
            case .payload: try self.takeStart(octet)
            case .value: try self.takeValue(octet)
            case .length(let length): try self.takeLength(octet, length)
            case .integer(let octets): try self.takeInteger(octet, octets)
            }
            guard self.position - self.start <= self.limits.messageOctets else { throw .streamMessageTooLong }
            if case .value = self.state, self.depth == 0 { return true }
        }
        return false
    }

    private mutating func takeCookie(_ octet: UInt8) throws(NGError) {
        if octet == UInt8(ascii: " ") {
            self.state = .payload
        } else if self.position - self.start > self.limits.unparsableOctets {
            throw .unparsableStream(self.syntaxError(.tooLong))
        }
    }

    private mutating func takeStart(_ octet: UInt8) throws(NGError) {
        guard octet == UInt8(ascii: "d") else {
            throw .unparsableStream(self.syntaxError(.unexpectedOctet(octet)))
        }
        self.state = .value
        self.depth = 1
    }

    private mutating func takeValue(_ octet: UInt8) throws(NGError) {
        switch octet {
        case UInt8(ascii: "d"), UInt8(ascii: "l"):
            guard self.depth < self.limits.depth else { throw .unparsableStream(self.syntaxError(.tooDeep)) }
            self.depth += 1
        case UInt8(ascii: "e"):
            self.depth -= 1
        case UInt8(ascii: "i"):
            self.state = .integer(0)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            self.state = .length(Int(octet - UInt8(ascii: "0")))
        default:
            throw .unparsableStream(self.syntaxError(.unexpectedOctet(octet)))
        }
    }

    private mutating func takeLength(_ octet: UInt8, _ length: Int) throws(NGError) {
        switch octet {
        case UInt8(ascii: ":"):
            self.position += length
            self.state = .value
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            // The limit keeps the product far from any overflow.
            let sum = length * 10 + Int(octet - UInt8(ascii: "0"))
            guard sum <= self.limits.messageOctets else { throw .streamMessageTooLong }
            self.state = .length(sum)
        default:
            throw .unparsableStream(self.syntaxError(.unexpectedOctet(octet)))
        }
    }

    private mutating func takeInteger(_ octet: UInt8, _ octets: Int) throws(NGError) {
        switch octet {
        case UInt8(ascii: "e") where octets > 0:
            self.state = .value
        case UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-") where octets == 0:
            self.state = .integer(octets + 1)
        default:
            throw .unparsableStream(self.syntaxError(.unexpectedOctet(octet)))
        }
    }

    private func syntaxError(_ reason: NGSyntaxError.Reason) -> NGSyntaxError {
        NGSyntaxError(reason: reason, offset: self.position - 1 - self.start)
    }
}

/// How much an ``NGStreamFraming`` takes.
public struct NGStreamLimits: Sendable, Hashable {
    /// Octets without the blank that ends a cookie.
    public var unparsableOctets: Int
    /// Octets of one message, cookie included.
    public var messageOctets: Int
    /// Octets that are kept at a time, of several messages together.
    public var bufferOctets: Int
    /// Lists and dictionaries within each other.
    public var depth: Int

    /// Room for what a datagram can carry, several times over.
    public init(
        unparsableOctets: Int = 1_024, messageOctets: Int = 66_560, bufferOctets: Int = 524_288,
        depth: Int = NGDecodingLimits.datagram.depth
    ) {
        self.unparsableOctets = unparsableOctets
        self.messageOctets = messageOctets
        self.bufferOctets = bufferOctets
        self.depth = depth
    }
}
