/// The dictionary of a reply, built from what there is to say.
public struct NGReply: Sendable, Equatable {
    /// What is said of a call, which is written when the reply goes out; `members` come behind it.
    private var statistics: CallStatistics?
    private var members: NGDictionary

    /// A reply of the caller's own making.
    public init(_ dictionary: NGDictionary) {
        self.members = dictionary
    }

    /// Keys and values as they go out.
    public var dictionary: NGDictionary {
        guard let statistics = self.statistics else { return self.members }
        return .written { writer in
            statistics.write(to: &writer)
            writer.members(of: self.members)
        }
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
        var reply = NGReply.ok
        reply.statistics = statistics
        return reply
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
        reply.members["warning"] = .text(text)
        return reply
    }

    /// The same reply with one more key.
    func adding(_ key: String, _ value: NGValue) -> NGReply {
        var reply = self
        reply.members[key] = value
        return reply
    }

    /// The same outcome in a few octets, for a reply longer than ``NGMessage/maximumReplyOctets``: statistics give way
    /// to their totals, since the call was deleted all the same; without an SDP or a list there is only an error.
    public var shortened: NGReply {
        guard var statistics = self.statistics else { return .error(NGReason.replyTooLong) }
        statistics.sources = []
        statistics.parties = []
        var dictionary = statistics.dictionary
        dictionary["SSRC"] = nil
        dictionary["tags"] = nil
        for entry in NGReply.ok.warning(NGReason.replyTooLong).members.entries {
            dictionary[entry.key] = entry.value
        }
        return NGReply(dictionary)
    }

    /// The datagram that answers a message; the dictionary alone if the cookie is empty (``NGMessage/isPlain``).
    public func datagram(cookie: [UInt8], encoding: NGEncoding) -> [UInt8] {
        guard let statistics = self.statistics else {
            return NGMessage.datagram(cookie: cookie, dictionary: self.members, encoding: encoding)
        }
        var writer = NGWriter(encoding, room: cookie.count + Self.typicalStatisticsOctets)
        if !cookie.isEmpty { writer.put(cookie + [UInt8(ascii: " ")]) }
        writer.beginDictionary()
        statistics.write(to: &writer)
        writer.members(of: self.members)
        writer.endDictionary()
        return writer.finished()
    }

    /// Room for the statistics of two parties with a stream each.
    private static let typicalStatisticsOctets = 4_096
}
