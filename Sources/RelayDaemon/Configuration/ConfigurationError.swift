/// A configuration that cannot be used: names the option, the value and what would be right.
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The whole sentence.
    let description: String

    /// A sentence of its own.
    init(_ description: String) {
        self.description = description
    }

    /// A value that an option cannot take.
    init(_ setting: OptionSetting, expected: String) {
        self.init("\(setting.origin): \"\(setting.text)\" is not valid; expected \(expected)")
    }
}

/// Something the operator should know about a configuration that is used nevertheless.
enum ConfigurationNote: Equatable, Sendable {
    /// An option is not obeyed, or something will not be as the operator may think.
    case warning(String)
    /// A default that was chosen and is worth a line in the log.
    case notice(String)
}
