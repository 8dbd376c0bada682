import ArgumentParser
import CallRecording

/// Options about recording calls, as the command line has them.
struct RecordingOptionGroup: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Record calls below this directory when a controller asks for it. Default: nothing is recorded.",
            valueName: "DIRECTORY"))
    var recordingDir: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("pcap (default); rtpengine's other methods are taken for it.", valueName: "METHOD")
    )
    var recordingMethod: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "What packets in the files begin with: raw (default) the IP header, eth an empty Ethernet header.",
            valueName: "FORMAT"))
    var recordingFormat: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Octal mode of directories that are made. Default: 0750.", valueName: "MODE"))
    var recordingDirMode: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Octal mode of the files. Default: 0640.", valueName: "MODE"))
    var recordingFileMode: String?

    func add(to settings: inout OptionSettings) {
        let values: [(OptionName, String?)] = [
            (.recordingDir, self.recordingDir), (.recordingMethod, self.recordingMethod),
            (.recordingFormat, self.recordingFormat), (.recordingDirMode, self.recordingDirMode),
            (.recordingFileMode, self.recordingFileMode),
        ]
        for case (let name, let text?) in values {
            settings.add(OptionSetting(text: text, origin: "--\(name.rawValue)"), to: name)
        }
    }
}

extension DaemonConfiguration {
    /// Reads what command line and file say about recording calls; all of it is checked, also without a directory.
    mutating func readRecording(_ settings: OptionSettings) throws(ConfigurationError) {
        let directory = try settings.value(of: .recordingDir).map(Self.recordingDirectory)
        var recording = RecordingConfiguration(directory: directory ?? "")
        if let setting = settings.value(of: .recordingFormat) {
            guard let framing = CaptureFraming(rawValue: setting.text) else {
                throw ConfigurationError(setting, expected: "raw or eth")
            }
            recording.framing = framing
        }
        if let setting = settings.value(of: .recordingMethod) {
            guard ["pcap", "proc", "all"].contains(setting.text) else {
                throw ConfigurationError(setting, expected: "pcap")
            }
            recording.ignoredMethod = setting.text == "pcap" ? nil : setting.text
        }
        recording.directoryMode =
            try settings.value(of: .recordingDirMode).map { (setting) throws(ConfigurationError) in
                try Self.mode(setting, with: 0o300, "0750, with which its owner can write to it")
            } ?? recording.directoryMode
        recording.fileMode =
            try settings.value(of: .recordingFileMode).map { (setting) throws(ConfigurationError) in
                try Self.mode(setting, with: 0o200, "0640, with which its owner can write to it")
            } ?? recording.fileMode
        self.recording = directory == nil ? nil : recording
    }

    private static func recordingDirectory(_ setting: OptionSetting) throws(ConfigurationError) -> String {
        let parts = setting.text.split(separator: "/")
        guard setting.text.hasPrefix("/"), !parts.isEmpty, setting.text.utf8.allSatisfy({ $0 >= 0x20 }),
            !parts.contains("."), !parts.contains("..")
        else {
            throw ConfigurationError(
                setting, expected: "the absolute path of a directory, e.g. /var/spool/crosspoint")
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func mode(
        _ setting: OptionSetting, with bits: UInt32, _ example: String
    ) throws(ConfigurationError) -> UInt32 {
        guard setting.text.utf8.count <= 5, let mode = UInt32(setting.text, radix: 8), mode <= 0o7777,
            mode & bits == bits
        else { throw ConfigurationError(setting, expected: "an octal mode such as \(example)") }
        return mode
    }
}
