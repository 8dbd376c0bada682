/// Rows of cells as aligned plain text.
struct TextTable {
    /// A column's head and on which side its cells are aligned.
    struct Column {
        var title: String
        var isNumber = false
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row; a missing cell is empty, one too many is left out.
    mutating func add(_ cells: [String]) {
        let visible = cells.prefix(self.columns.count).map(Self.visible)
        self.rows.append(visible + Array(repeating: "", count: self.columns.count - visible.count))
    }

    /// The head and the rows, two spaces between columns, no spaces at the end of a line.
    var text: String {
        let table = [self.columns.map(\.title)] + self.rows
        let widths = self.columns.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        return table.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return self.columns[column].isNumber ? padding + row[column] : row[column] + padding
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    /// The text with control characters written out: a call-id comes from outside and must not steer a terminal.
    static func visible(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            if isControl {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
