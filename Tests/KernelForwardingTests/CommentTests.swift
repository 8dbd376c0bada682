import Testing

@testable import KernelForwarding

@Suite struct CommentTests {
    @Test(
        "Comments keep what nft can print and lose the rest",
        arguments: [
            ("abc@host/0/a", "abc@host/0/a"), ("a\"b\\c\nd\u{7F}", "a?b?c?d?"), ("", ""), ("\u{0}x", "?x"),
        ])
    func printable(text: String, expected: String) {
        #expect(Comment.listable(text) == expected)
    }

    @Test func `A long comment is cut between characters`() {
        let cut = Comment.listable(String(repeating: "ä", count: 100))
        #expect(cut == String(repeating: "ä", count: 63))
    }
}
