/// Puts lines together to a session description.
///
/// Lenient where phones are careless and a relay does not care: the order of session lines, a missing `s=` or `t=`, blank
/// lines, unknown type letters. Strict about `v= o= c= m=`, and about what could hide something from a later parser.
struct SDPParser {
    private var reader: SDPLineReader
    private var hasVersion = false
    private var origin: Origin?
    private var sessionName: String?
    private var connection: Connection?
    private var otherLines: [Line] = []
    private var attributes: [Attribute] = []
    private var media: [MediaDescription] = []

    init(_ octets: [UInt8]) {
        self.reader = SDPLineReader(octets)
    }

    mutating func parse() throws(SDPError) -> SessionDescription {
        while let line = try self.reader.next() { try self.take(line) }
        guard self.hasVersion else { throw SDPError(line: 0, reason: "there is no v=0 line") }
        guard let origin = self.origin else { throw SDPError(line: 0, reason: "there is no o= line") }
        return SessionDescription(
            origin: origin, sessionName: self.sessionName ?? "-", connection: self.connection,
            otherLines: self.otherLines, attributes: self.attributes, media: self.media,
            lineEnd: self.reader.lineEnd ?? "\r\n")
    }

    private mutating func take(_ line: SDPLine) throws(SDPError) {
        guard self.hasVersion || line.type == UInt8(ascii: "v") else {
            throw SDPError(line: line.number, reason: "the first line is not v=0")
        }
        do {
            switch line.type {
            case UInt8(ascii: "v"): try self.takeVersion(line.value)
            case UInt8(ascii: "o"): try self.takeOrigin(line.value)
            case UInt8(ascii: "s"): try self.takeSessionName(line.value)
            case UInt8(ascii: "c"): try self.takeConnection(line.value)
            case UInt8(ascii: "a"): try self.takeAttribute(line.value)
            case UInt8(ascii: "m"): try self.takeMedia(line.value)
            default: self.takeOther(line)
            }
        } catch {
            throw SDPError(line: line.number, reason: error.reason)
        }
    }

    private mutating func takeVersion(_ value: String) throws(FieldError) {
        guard !self.hasVersion else { throw FieldError(reason: "a second v= line") }
        guard value.trimmed == "0" else { throw FieldError(reason: "the version is not 0") }
        self.hasVersion = true
    }

    private mutating func takeOrigin(_ value: String) throws(FieldError) {
        guard self.origin == nil else { throw FieldError(reason: "a second o= line") }
        guard self.media.isEmpty else { throw FieldError(reason: "o= follows an m= line") }
        self.origin = try Origin(value: value)
    }

    private mutating func takeSessionName(_ value: String) throws(FieldError) {
        guard self.sessionName == nil else { throw FieldError(reason: "a second s= line") }
        guard self.media.isEmpty else { throw FieldError(reason: "s= follows an m= line") }
        self.sessionName = value
    }

    private mutating func takeConnection(_ value: String) throws(FieldError) {
        let connection: Connection
        do {
            connection = try Connection(fields: value.fields)
        } catch {
            throw FieldError(reason: "c=: \(error.reason)")
        }
        if !self.media.isEmpty {
            self.media[self.media.count - 1].connections.append(connection)
        } else if self.connection == nil {
            self.connection = connection
        } else {
            throw FieldError(reason: "a second c= line at session level")
        }
    }

    private mutating func takeAttribute(_ value: String) throws(FieldError) {
        let count = self.media.last?.attributes.count ?? self.attributes.count
        guard count < SDPLimits.attributesPerSection else {
            throw FieldError(reason: "more than \(SDPLimits.attributesPerSection) attributes in one section")
        }
        if self.media.isEmpty {
            self.attributes.append(Attribute(line: value))
        } else {
            self.media[self.media.count - 1].attributes.append(Attribute(line: value))
        }
    }

    private mutating func takeMedia(_ value: String) throws(FieldError) {
        guard self.media.count < SDPLimits.mediaSections else {
            throw FieldError(reason: "more than \(SDPLimits.mediaSections) media sections")
        }
        self.media.append(try MediaDescription(value: value))
    }

    /// Keeps a line as it is; those that only make sense for the session go there, wherever they stand.
    private mutating func takeOther(_ line: SDPLine) {
        let kept = Line(type: Character(Unicode.Scalar(line.type)), value: line.value)
        switch line.type {
        case UInt8(ascii: "u"), UInt8(ascii: "e"), UInt8(ascii: "p"), UInt8(ascii: "t"), UInt8(ascii: "r"),
            UInt8(ascii: "z"):
            self.otherLines.append(kept)
        default:
            if self.media.isEmpty {
                self.otherLines.append(kept)
            } else {
                self.media[self.media.count - 1].otherLines.append(kept)
            }
        }
    }
}

extension SessionDescription {
    /// Reads a session description (RFC 8866).
    ///
    /// The result may be incomplete, see ``checkCompleteness()``. Octets that are not UTF-8 survive to the output.
    /// - Throws: an ``SDPError`` with the first line that is wrong and why.
    public init(parsing octets: [UInt8]) throws(SDPError) {
        guard octets.count <= SDPLimits.octets else {
            throw SDPError(line: 0, reason: "longer than \(SDPLimits.octets) octets")
        }
        var parser = SDPParser(octets)
        self = try parser.parse()
    }

    /// Reads a session description from text.
    /// - Throws: an ``SDPError`` with the first line that is wrong and why.
    public init(parsing text: String) throws(SDPError) {
        try self.init(parsing: Array(text.utf8))
    }
}
