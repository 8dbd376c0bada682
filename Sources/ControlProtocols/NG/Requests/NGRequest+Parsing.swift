extension NGRequest {
    /// Decodes and reads the request of a message.
    public init(
        _ message: NGMessage, limits: NGDecodingLimits = .datagram, templates: NGTemplates = NGTemplates()
    ) throws(NGError) {
        try self.init(dictionary: message.dictionary(limits: limits), templates: templates)
    }

    /// Reads a request. Unknown keys and flags end up in ``notices``; only what makes the command impossible is an
    /// error. Flags from templates are read before those of the request, which therefore go before them.
    public init(dictionary: NGDictionary, templates: NGTemplates = NGTemplates()) throws(NGError) {
        guard let name = dictionary["command"]?.text else { throw .noCommand }
        guard let kind = NGCommandKind(name: name) else {
            throw NGVocabulary.absentCommands.contains(name)
                ? .unsupportedCommand(name) : .unrecognizedCommand(NGNoticeList.printable(name))
        }
        var reader = NGRequestReader(kind: kind, templates: templates)
        if !templates.isEmpty { reader.readTemplates(templates.names(for: kind, in: dictionary)) }
        for entry in dictionary.entries { reader.readKey(entry.key, value: entry.value) }
        self.init(command: try reader.command(), notices: reader.notices.notices)
    }
}

/// Notices of one request, bounded.
struct NGNoticeList {
    private(set) var notices: [NGNotice] = []

    mutating func unknown(_ name: String) { self.append(.unknown(Self.printable(name))) }

    mutating func unsupported(_ name: String, _ consequence: NGConsequence) {
        self.append(.unsupported(Self.printable(name), consequence: consequence.rawValue))
    }

    private mutating func append(_ notice: NGNotice) {
        guard self.notices.count < NGRequestLimits.notices, !self.notices.contains(notice) else { return }
        self.notices.append(notice)
    }

    /// A name fit for a log line: short and without control characters.
    static func printable(_ name: String) -> String {
        let isPrintable =
            name.utf8.count <= NGRequestLimits.noticeOctets
            && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard !isPrintable else { return name }
        let octets = name.utf8.prefix(NGRequestLimits.noticeOctets).map {
            $0 >= 0x20 && $0 != 0x7F ? $0 : UInt8(ascii: "?")
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
