import ArgumentParser
import ControlVocabulary

/// A configuration and what there is to say about it.
struct LoadedConfiguration: Equatable, Sendable {
    /// To be obeyed.
    var configuration: DaemonConfiguration
    /// To be logged once the log is open.
    var notes: [ConfigurationNote]
}

/// Joins command line, file and defaults; reads the file through a closure, so that tests need none.
struct ConfigurationLoader {
    /// Read if no `--config-file` is given and it exists.
    static let defaultFile = "/etc/crosspoint/crosspoint.yaml"

    /// The text of a file, nil if there is none; throws if it cannot be read.
    var readFile: (String) throws(ConfigurationError) -> String?
    /// The user the daemon runs as.
    var userID: UInt32
    /// `XDG_RUNTIME_DIR`.
    var runtimeDirectory: String?

    /// Reads the arguments (without the program's name) and the file they name.
    ///
    /// Throws a ``ConfigurationError``, or ArgumentParser's error for a wrong command line, `--help` and `--version`;
    /// `DaemonOptions.exit(withError:)` prints any of them as it should be and ends the process with the right status.
    func load(arguments: [String]) throws -> LoadedConfiguration {
        let commandLine = RtpengineCommandLine(arguments)
        if let refusal = commandLine.refusal { throw refusal }
        let options = try DaemonOptions.parse(commandLine.arguments)
        let file = try self.file(
            named: options.process.configFile, section: options.logDetails.configSection,
            commandLine: options.settings)
        let settings = options.settings.merged(over: file.settings)
        let socket = ControlSocketPath.standard(userID: self.userID, runtimeDirectory: self.runtimeDirectory)
        let configuration = try DaemonConfiguration(settings, defaultControlSocket: socket)
        return LoadedConfiguration(
            configuration: configuration,
            notes: commandLine.notes + file.notes + Self.notes(on: configuration))
    }

    /// What the file says, whichever of the two formats it is in; nothing if there is none.
    private func file(
        named name: String?, section: String?, commandLine: OptionSettings
    ) throws(ConfigurationError) -> (settings: OptionSettings, notes: [ConfigurationNote]) {
        if name == "none" { return (OptionSettings(), []) }
        let path = name ?? Self.defaultFile
        guard let text = try self.readFile(path) else {
            guard name == nil else {
                throw ConfigurationError(
                    "--config-file: there is no file \"\(path)\"; expected the path of a YAML file or of"
                        + " rtpengine's own, or \"none\"")
            }
            return (OptionSettings(), [])
        }
        if !path.hasSuffix(".yaml"), !path.hasSuffix(".yml"), IniFile.isLikely(text) {
            let file = try RtpengineFile(
                text, path: path, section: section ?? RtpengineFile.defaultSection, commandLine: commandLine)
            return (file.settings, file.notes)
        }
        let file = try ConfigurationFile(text, path: path)
        let unused = section.map { _ in
            ConfigurationNote.warning(
                "--config-section has no effect: \(path) is YAML, which has no sections")
        }
        return (file.settings, file.notes + (unused.map { [$0] } ?? []))
    }

    private static func notes(on configuration: DaemonConfiguration) -> [ConfigurationNote] {
        var notes: [ConfigurationNote] = []
        if !configuration.foreground {
            notes.append(
                .notice("staying in the foreground: crosspointd never puts itself into the background"))
        }
        if configuration.noFallback, !configuration.usesKernelPath {
            notes.append(
                .warning(
                    "no-fallback has no effect, since table=\(configuration.table) switches the kernel path off"
                ))
        }
        for listener in configuration.listenNG {
            guard let range = configuration.mediaRanges.first(where: { $0.contains(listener.port) }) else {
                continue
            }
            notes.append(
                .warning(
                    "listen-ng port \(listener.port) lies within the media ports"
                        + " \(range.lowerBound) to \(range.upperBound); a call that is given this port will fail"
                ))
        }
        return notes
    }
}
