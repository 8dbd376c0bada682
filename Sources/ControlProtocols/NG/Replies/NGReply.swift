/// The dictionary of a reply, built from what there is to say.
public struct NGReply: Sendable, Equatable {
    /// Keys and values as they go out.
    public private(set) var dictionary: NGDictionary

    /// A reply of the caller's own making.
    public init(_ dictionary: NGDictionary) {
        self.dictionary = dictionary
    }

    /// `ping`.
    public static var pong: NGReply { NGReply(["result": "pong"]) }

    /// A plain success.
    public static var ok: NGReply { NGReply(["result": "ok"]) }

    /// `offer` and `answer`: the SDP for the other side.
    public static func ok(sdp: [UInt8]) -> NGReply {
        NGReply(["sdp": .string(sdp), "result": "ok"])
    }

    /// `query` and `delete`.
    public static func ok(statistics: CallStatistics) -> NGReply {
        var dictionary = statistics.dictionary
        dictionary["result"] = "ok"
        return NGReply(dictionary)
    }

    /// `list`: call-ids.
    public static func ok(calls: [String]) -> NGReply {
        NGReply(["calls": .list(calls.map { .text($0) }), "result": "ok"])
    }

    /// A request that could not be performed; see ``NGReason`` for the texts that controllers know.
    public static func error(_ reason: String) -> NGReply {
        NGReply(["result": "error", "error-reason": .text(reason)])
    }

    /// A request that could not be read.
    public static func error(_ error: NGError) -> NGReply { .error(error.reason) }

    /// A new call that a limit forbids. Only controllers that said so (`supports: ["load limit"]`) know the result
    /// `load limit`; the others get an error.
    public static func loadLimit(_ reason: String, isSupported: Bool) -> NGReply {
        guard isSupported else { return .error(reason) }
        return NGReply(["result": "load limit", "message": .text(reason)])
    }

    /// The same reply with a `warning`.
    public func warning(_ text: String) -> NGReply {
        var reply = self
        reply.dictionary["warning"] = .text(text)
        return reply
    }

    /// The same outcome in a few octets, for a reply longer than ``NGMessage/maximumReplyOctets``: statistics give way
    /// to their totals, since the call was deleted all the same; without an SDP or a list there is only an error.
    public var shortened: NGReply {
        guard self.dictionary["result"] == "ok", self.dictionary["tags"] != nil else {
            return .error(NGReason.replyTooLong)
        }
        var reply = NGReply.ok.warning(NGReason.replyTooLong)
        for key in ["created", "created_us", "created_ts", "last signal", "totals"] {
            reply.dictionary[key] = self.dictionary[key]
        }
        return reply
    }

    /// The datagram that answers a message.
    public func datagram(cookie: [UInt8], encoding: NGEncoding) -> [UInt8] {
        NGMessage.datagram(cookie: cookie, dictionary: self.dictionary, encoding: encoding)
    }
}
