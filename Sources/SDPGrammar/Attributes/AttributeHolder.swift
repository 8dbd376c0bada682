/// Something with `a=` lines: the session or one media section.
public protocol AttributeHolder {
    /// The `a=` lines in order.
    var attributes: [Attribute] { get }
}

extension SessionDescription: AttributeHolder {}
extension MediaDescription: AttributeHolder {}

extension AttributeHolder {
    /// True if there is an attribute of that name, with or without a value.
    public func hasAttribute(named name: String) -> Bool {
        self.attributes.contains { $0.isNamed(name) }
    }

    /// The values of all attributes of that name, in order; property attributes have none.
    public func values(ofAttribute name: String) -> [String] {
        self.attributes.compactMap { $0.isNamed(name) ? $0.value : nil }
    }

    /// The value of the first attribute of that name without surrounding blanks.
    func firstValue(ofAttribute name: String) -> Substring? {
        self.attributes.first { $0.isNamed(name) && $0.value != nil }?.value?.trimmed
    }
}

extension Attribute {
    /// Compares names; blanks that some phones leave behind a property attribute do not count.
    public func isNamed(_ name: String) -> Bool {
        self.name == name || (self.name.utf8.last == 0x20 && self.name.trimmed == name)
    }
}
