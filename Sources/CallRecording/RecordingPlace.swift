/// Where the files of one recording are, below the operator's `recording-dir`.
public struct RecordingPlace: Sendable, Hashable {
    /// The subdirectories of `recording-dir` that hold the capture; they may have to be made.
    public var directory: [String]
    /// The capture's name without `.pcap`.
    public var fileName: String
    /// The name that all files of this recording share by default: `CALLID-TAG`.
    public var base: String
    /// What makes the name unique if the chosen one is taken.
    public var tag: String

    /// The capture below `recording-dir`; `suffix` comes before `.pcap`.
    public func capturePath(suffix: String = "") -> String {
        (self.directory + ["\(self.fileName)\(suffix).pcap"]).joined(separator: "/")
    }

    /// The metadata below `recording-dir` while the recording lasts.
    public var temporaryMetadataPath: String { "\(Self.temporary)/\(Self.metadataPrefix)\(self.base).tmp" }

    /// The metadata below `recording-dir` afterwards.
    public var metadataPath: String { "\(Self.metadata)/\(Self.metadataPrefix)\(self.base).txt" }

    /// The directories that every `recording-dir` has, rtpengine's.
    public static let directories = [Self.captures, Self.metadata, Self.temporary]
    /// Captures whose place nobody chose.
    static let captures = "pcaps"
    /// Finished metadata.
    static let metadata = "metadata"
    /// Metadata of recordings that last.
    public static let temporary = "tmp"
    private static let metadataPrefix = "rtpengine-meta-"
}

/// What a controller may say about the place of a recording, and what it is made of.
///
/// A controller can choose names and subdirectories, but nothing outside `recording-dir`: whoever can send NG commands
/// shall not be able to write anywhere as this daemon. What is not allowed is not obeyed, and said.
public struct RecordingWishes: Sendable {
    /// `recording-file`.
    public var file: String?
    /// `recording-dir`.
    public var directory: String?
    /// `recording-pattern`.
    public var pattern: String?
    /// The call.
    public var callID: String
    /// The label of a party, for `%l`.
    public var label: String = ""
    /// The random part of the names.
    public var tag: String
    /// When the recording begins.
    public var time: RecordingTime

    /// Wishes of nothing in particular.
    public init(callID: String, tag: String, time: RecordingTime) {
        self.callID = callID
        self.tag = tag
        self.time = time
    }

    /// The place, and what was not obeyed and why.
    ///
    /// - Parameter root: the operator's `recording-dir`, absolute, without a slash at its end.
    public func place(below root: String) -> (place: RecordingPlace, complaints: [String]) {
        var complaints: [String] = []
        let base = RecordingName.base(callID: self.callID, tag: self.tag)
        var place = RecordingPlace(
            directory: [RecordingPlace.captures], fileName: base, base: base, tag: self.tag)
        if let directory = Self.present(self.directory) {
            if let parts = Self.parts(of: directory, below: root), Self.isFree(parts) {
                place.directory = parts
            } else {
                complaints.append(Self.refusal("recording-dir", directory, root: root))
            }
        }
        if let pattern = Self.present(self.pattern), Self.present(self.file) == nil {
            let words = RecordingPattern(
                callID: self.callID, tag: self.tag, label: self.label, time: self.time)
            if pattern.utf8.count <= RecordingLimits.pathOctets, let text = words.expand(pattern),
                !text.hasPrefix("/"), place.take(Self.parts(of: text, below: root))
            {
                return (place, complaints)
            }
            complaints.append(Self.refusal("recording-pattern", pattern, root: root))
        }
        if let file = Self.present(self.file) {
            // An absolute path says all; a relative one is below the directory.
            if file.hasPrefix("/") {
                var absolute = place
                absolute.directory = []
                if absolute.take(Self.parts(of: file, below: root)) { return (absolute, complaints) }
            } else if place.take(Self.parts(of: file, below: root)) {
                return (place, complaints)
            }
            complaints.append(Self.refusal("recording-file", file, root: root))
        }
        return (place, complaints)
    }

    private static func present(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    /// The parts of a path, relative to the root; nil if it leads anywhere else or cannot be a path.
    ///
    /// Octets are compared, as the file system does: to a String, a slash with an accent behind it is no slash.
    private static func parts(of path: String, below root: String) -> [String]? {
        let slash = UInt8(ascii: "/")
        var rest = Array(path.utf8)[...]
        guard rest.count <= RecordingLimits.pathOctets else { return nil }
        if rest.first == slash {
            guard rest.elementsEqual(root.utf8) || rest.starts(with: Array(root.utf8) + [slash]) else {
                return nil
            }
            rest = rest.dropFirst(root.utf8.count)
        }
        let parts = rest.split(separator: slash).map { String(decoding: $0, as: UTF8.self) }
        guard parts.allSatisfy(Self.isName), parts.count <= RecordingLimits.directoryDepth + 1 else {
            return nil
        }
        return parts
    }

    private static func isName(_ part: String) -> Bool {
        part != "." && part != ".." && part.utf8.count <= RecordingLimits.nameOctets
            && part.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// True if captures may be there: not among the metadata.
    fileprivate static func isFree(_ directory: [String]) -> Bool {
        directory.count <= RecordingLimits.directoryDepth
            && directory.first != RecordingPlace.metadata && directory.first != RecordingPlace.temporary
    }

    private static func refusal(_ option: String, _ value: String, root: String) -> String {
        let shown = String(
            decoding: value.utf8.prefix(80).map { $0 < 0x20 || $0 == 0x7F ? 0x3F : $0 }, as: UTF8.self)
        return
            "\(option) \"\(shown)\" is not obeyed: recordings stay below \(root), outside of tmp and metadata"
    }
}

extension RecordingPlace {
    /// Takes a file's path below the directory; false, with nothing taken, if there is none or it is not allowed.
    fileprivate mutating func take(_ parts: [String]?) -> Bool {
        guard let parts, let last = parts.last else { return false }
        let name = last.hasSuffix(".pcap") ? String(last.dropLast(5)) : last
        let directory = self.directory + parts.dropLast()
        guard !name.isEmpty, RecordingWishes.isFree(directory) else { return false }
        self.fileName = name
        self.directory = directory
        return true
    }
}
