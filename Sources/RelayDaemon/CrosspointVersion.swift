/// The version of this source.
enum CrosspointVersion {
    /// As `--version` and the log show it.
    static let text = "0.1.0"
}
