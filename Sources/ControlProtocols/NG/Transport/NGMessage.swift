/// How the dictionary of a message is written.
public enum NGEncoding: Sendable, Hashable, CaseIterable {
    case bencode
    case json

    /// The octets of a dictionary.
    public func encode(_ dictionary: NGDictionary) -> [UInt8] {
        switch self {
        case .bencode: Bencode.encode(.dictionary(dictionary))
        case .json: JSON.encode(.dictionary(dictionary))
        }
    }
}

/// One datagram of the NG protocol: a cookie, a blank, and a payload that is usually a dictionary.
///
/// ```
/// 0_5302_2 d7:command4:pinge
/// 0_5302_2 {"command":"ping"}
/// ```
///
/// The split is all that happens at first: a repeated cookie is answered from the ``CookieCache`` without decoding.
public struct NGMessage: Sendable {
    /// Why a datagram gets no reply at all: there is no cookie to reply with.
    public enum DropReason: Error, Sendable, Hashable, CaseIterable {
        /// No blank, so where the cookie ends is not known.
        case noBlank
        /// The blank is the first octet.
        case emptyCookie
        /// The cookie has more than ``NGMessage/maximumCookieOctets`` octets.
        case cookieTooLong

        /// For logs.
        public var text: String {
            switch self {
            case .noBlank: "no blank between cookie and payload"
            case .emptyCookie: "empty cookie"
            case .cookieTooLong: "cookie longer than \(NGMessage.maximumCookieOctets) octets"
            }
        }
    }

    /// Longest cookie that is accepted.
    public static let maximumCookieOctets = 256

    /// Longest reply: what UDP carries over IPv4 (RFC 768, RFC 791: 65,535 octets less two headers).
    public static let maximumReplyOctets = 65_507

    /// Names the request; a retransmission has the same one. Empty in a body without a cookie (`/ng-plain`), which must not
    /// be looked up in a ``CookieCache``.
    public let cookie: [UInt8]
    /// What follows the first blank, not decoded yet.
    public let payload: ArraySlice<UInt8>

    /// Splits a datagram at its first blank.
    public init(datagram: [UInt8]) throws(DropReason) {
        guard let blank = datagram.prefix(Self.maximumCookieOctets + 1).firstIndex(of: UInt8(ascii: " "))
        else {
            throw datagram.count > Self.maximumCookieOctets ? .cookieTooLong : .noBlank
        }
        guard blank > 0 else { throw .emptyCookie }
        self.cookie = Array(datagram[..<blank])
        self.payload = datagram[(blank + 1)...]
    }

    /// Takes the body of a request to `/ng-plain`, or of a message under `ng-plain.rtpengine.com`: a dictionary in
    /// bencode or JSON without a cookie (ng.md 1.1).
    public init(plain body: [UInt8]) {
        self.cookie = []
        self.payload = body[...]
    }

    /// True without a cookie.
    public var isPlain: Bool { self.cookie.isEmpty }

    /// The encoding of the request, which is the encoding of the reply too; bencode if the payload is neither.
    public var encoding: NGEncoding { self.payload.first == UInt8(ascii: "{") ? .json : .bencode }

    /// Decodes the payload, with rtpengine's leniency for bencode (see ``Bencode/decodePrefix(of:limits:)``).
    public func dictionary(limits: NGDecodingLimits = .datagram) throws(NGError) -> NGDictionary {
        switch self.payload.first {
        case nil: throw .noPayload
        case UInt8(ascii: "d"): return try self.bencodeDictionary(limits: limits)
        case UInt8(ascii: "{"): return try self.jsonDictionary(limits: limits)
        default: throw .invalidFormat
        }
    }

    /// The datagram of a reply or a request; the dictionary alone if the cookie is empty (``isPlain``).
    public static func datagram(
        cookie: [UInt8], dictionary: NGDictionary, encoding: NGEncoding
    ) -> [UInt8] {
        cookie.isEmpty
            ? encoding.encode(dictionary) : cookie + [UInt8(ascii: " ")] + encoding.encode(dictionary)
    }

    private func bencodeDictionary(limits: NGDecodingLimits) throws(NGError) -> NGDictionary {
        do throws(NGSyntaxError) {
            let (value, _) = try Bencode.decodePrefix(of: self.payload, limits: limits)
            guard let dictionary = value.dictionary else {
                throw NGSyntaxError(reason: .truncated, offset: 0)
            }
            return dictionary
        } catch {
            throw .undecodableBencode(error)
        }
    }

    private func jsonDictionary(limits: NGDecodingLimits) throws(NGError) -> NGDictionary {
        do throws(NGSyntaxError) {
            guard let dictionary = try JSON.decode(self.payload, limits: limits).dictionary else {
                throw NGSyntaxError(reason: .truncated, offset: 0)
            }
            return dictionary
        } catch {
            throw .unparsableJSON(error)
        }
    }
}
