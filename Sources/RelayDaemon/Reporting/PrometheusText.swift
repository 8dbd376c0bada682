/// Prometheus' text format, version 0.0.4: families with help and type, then their samples.
///
/// ```
/// # HELP rtpengine_sessions Owned sessions
/// # TYPE rtpengine_sessions gauge
/// rtpengine_sessions{type="own"} 2
/// ```
struct PrometheusText {
    /// What a family's values do.
    enum Kind: String {
        /// They only grow, until the daemon is started anew.
        case counter
        /// They go up and down.
        case gauge
    }

    private(set) var text = ""
    private var family = ""

    /// Begins a family; each name once, all its samples right behind it.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        self.family = name
        self.text += "# HELP \(name) \(Self.escape(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Adds a whole number.
    mutating func sample(_ value: UInt64, _ labels: [(String, String)] = []) {
        self.add(String(value), labels)
    }

    /// Adds a whole number.
    mutating func sample(_ value: Int, _ labels: [(String, String)] = []) { self.add(String(value), labels) }

    /// Adds a number with a fraction.
    mutating func sample(_ value: Double, _ labels: [(String, String)] = []) {
        self.add(DecimalText.fixed(value, digits: 6), labels)
    }

    /// A family with one sample and no labels.
    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: UInt64) {
        self.family(name, kind, help)
        self.sample(value)
    }

    /// A family with one sample and no labels.
    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        self.family(name, kind, help)
        self.sample(value)
    }

    private mutating func add(_ value: String, _ labels: [(String, String)]) {
        self.text += self.family
        if !labels.isEmpty {
            let list = labels.map { "\($0.0)=\"\(Self.escape($0.1, quotes: true))\"" }
            self.text += "{\(list.joined(separator: ","))}"
        }
        self.text += " \(value)\n"
    }

    /// Backslashes, line ends and, in labels, quotation marks.
    static func escape(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

/// Numbers as `printf("%.6f")` writes them in the C locale, whatever the locale is.
enum DecimalText {
    /// A number with so many digits behind the point; what is no number becomes zero.
    static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return self.fixed(0, digits: digits) }
        let digits = min(max(0, digits), 9)
        var scale: UInt64 = 1
        for _ in 0..<digits { scale *= 10 }
        let magnitude = value.magnitude
        // Beyond this a fraction has no digits left.
        guard magnitude * Double(scale) < 9e18 else {
            let whole = magnitude < 1.8e19 ? UInt64(magnitude) : UInt64.max
            return (value < 0 ? "-" : "") + "\(whole)"
                + (digits > 0 ? "." + String(repeating: "0", count: digits) : "")
        }
        let scaled = UInt64((magnitude * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % scale)
        return "\(sign)\(scaled / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }
}
