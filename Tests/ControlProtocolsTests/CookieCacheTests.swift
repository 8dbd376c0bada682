import ControlProtocols
import Testing
import WireFormat

@Suite("Cookie cache")
struct CookieCacheTests {
    private func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(seconds: 1_000 + seconds) }
    private let cookie = Array("1_2_3".utf8)
    private let reply = Array("1_2_3 d6:result4:ponge".utf8)

    @Test("performs a request once and replays its reply to whoever repeats it")
    func replays() {
        var cache = CookieCache<String>()
        #expect(cache.begin(self.cookie, from: "a", at: self.at(0)) == .perform)
        #expect(cache.finish(self.cookie, with: self.reply, at: self.at(0)) == [])
        #expect(cache.begin(self.cookie, from: "a", at: self.at(1)) == .replay(self.reply))
        #expect(cache.begin(self.cookie, from: "b", at: self.at(2)) == .replay(self.reply))
        #expect(cache.begin(Array("1_2_4".utf8), from: "a", at: self.at(2)) == .perform)
    }

    @Test("lets duplicates of a running request wait and names them when it is done")
    func duplicatesWait() {
        var cache = CookieCache<String>()
        #expect(cache.begin(self.cookie, from: "a", at: self.at(0)) == .perform)
        #expect(cache.begin(self.cookie, from: "b", at: self.at(1)) == .wait)
        #expect(cache.begin(self.cookie, from: "c", at: self.at(2)) == .wait)
        #expect(cache.begin(self.cookie, from: "b", at: self.at(2)) == .wait)
        #expect(cache.runningCount == 1)
        #expect(cache.finish(self.cookie, with: self.reply, at: self.at(3)) == ["b", "c"])
        #expect(cache.runningCount == 0)
        #expect(cache.begin(self.cookie, from: "b", at: self.at(3)) == .replay(self.reply))
    }

    @Test("keeps a running request however long it takes")
    func keepsRunning() {
        var cache = CookieCache<String>()
        #expect(cache.begin(self.cookie, from: "a", at: self.at(0)) == .perform)
        #expect(cache.begin(self.cookie, from: "b", at: self.at(500)) == .wait)
        #expect(cache.finish(self.cookie, with: self.reply, at: self.at(501)) == ["b"])
    }

    @Test("forgets an abandoned request, so that its retransmission is performed")
    func abandons() {
        var cache = CookieCache<String>()
        #expect(cache.begin(self.cookie, from: "a", at: self.at(0)) == .perform)
        #expect(cache.begin(self.cookie, from: "b", at: self.at(1)) == .wait)
        #expect(cache.abandon(self.cookie) == ["b"])
        #expect(cache.begin(self.cookie, from: "a", at: self.at(2)) == .perform)
    }

    @Test(
        "keeps a reply for 30 to 60 seconds, whenever in a generation it came",
        arguments: [(0.0, 29.9), (0.0, 59.9), (29.0, 31.0), (29.0, 59.9), (31.0, 89.9)])
    func keepsReplies(answered: Double, asked: Double) {
        var cache = CookieCache<String>()
        #expect(cache.begin(Array("first".utf8), from: "a", at: self.at(0)) == .perform)
        #expect(cache.begin(self.cookie, from: "a", at: self.at(answered)) == .perform)
        #expect(cache.finish(self.cookie, with: self.reply, at: self.at(answered)) == [])
        // Other requests keep the generations turning.
        for second in stride(from: answered.rounded(.up), to: asked, by: 1) {
            _ = cache.begin(Array("other".utf8), from: "a", at: self.at(second))
        }
        #expect(cache.begin(self.cookie, from: "a", at: self.at(asked)) == .replay(self.reply))
    }

    @Test("gives memory back when no request comes any more")
    func forgetsWithoutRequests() {
        var cache = CookieCache<String>()
        #expect(cache.begin(self.cookie, from: "a", at: self.at(0)) == .perform)
        #expect(cache.finish(self.cookie, with: self.reply, at: self.at(0)) == [])
        for second in 1...59 { cache.expire(at: self.at(Double(second))) }
        #expect(cache.replyCount == 1)
        cache.expire(at: self.at(60))
        #expect(cache.replyCount == 0)
        #expect(cache.replyOctets == 0)
    }

    @Test("has forgotten a reply after 60 seconds", arguments: [0.0, 15.0, 29.9])
    func forgetsReplies(answered: Double) {
        var cache = CookieCache<String>()
        #expect(cache.begin(Array("first".utf8), from: "a", at: self.at(0)) == .perform)
        _ = cache.begin(self.cookie, from: "a", at: self.at(answered))
        #expect(cache.finish(self.cookie, with: self.reply, at: self.at(answered)) == [])
        for second in stride(from: answered.rounded(.up), to: answered + 60, by: 1) {
            _ = cache.begin(Array("other".utf8), from: "a", at: self.at(second))
        }
        #expect(cache.begin(self.cookie, from: "a", at: self.at(answered + 60.1)) == .perform)
    }

    @Test("forgets everything over a long silence")
    func forgetsOverSilence() {
        var cache = CookieCache<String>()
        _ = cache.begin(self.cookie, from: "a", at: self.at(0))
        #expect(cache.finish(self.cookie, with: self.reply, at: self.at(0)) == [])
        #expect(cache.replyCount == 1)
        #expect(cache.begin(self.cookie, from: "a", at: self.at(3_600)) == .perform)
        #expect(cache.replyCount == 0 && cache.replyOctets == 0)
    }

    @Test("drops the older generation early rather than grow, in number or in size")
    func staysBounded() {
        let limits = CookieCacheLimits(replies: 100, octets: 10_000)
        var cache = CookieCache<String>(limits: limits)
        for number in 0..<1_000 {
            let cookie = Array("cookie-\(number)".utf8)
            #expect(cache.begin(cookie, from: "a", at: self.at(0)) == .perform)
            let reply = [UInt8](repeating: 0, count: number < 500 ? 1 : 400)
            #expect(cache.finish(cookie, with: reply, at: self.at(0)) == [])
            #expect(cache.replyCount <= limits.replies)
            #expect(cache.replyOctets <= limits.octets)
            #expect(cache.begin(cookie, from: "a", at: self.at(0)) == .replay(reply))
        }
        let huge = Array("huge".utf8)
        #expect(cache.begin(huge, from: "a", at: self.at(0)) == .perform)
        #expect(cache.finish(huge, with: [UInt8](repeating: 0, count: 9_999), at: self.at(0)) == [])
        #expect(cache.begin(huge, from: "a", at: self.at(0)) == .perform)
    }

    @Test("drops what exceeds the number of running and waiting requests")
    func boundsRunning() {
        var cache = CookieCache<Int>(limits: CookieCacheLimits(running: 2, waiters: 2))
        #expect(cache.begin([1], from: 0, at: self.at(0)) == .perform)
        #expect(cache.begin([2], from: 0, at: self.at(0)) == .perform)
        #expect(cache.begin([3], from: 0, at: self.at(0)) == .drop)
        #expect(cache.begin([1], from: 1, at: self.at(0)) == .wait)
        #expect(cache.begin([1], from: 2, at: self.at(0)) == .wait)
        #expect(cache.begin([1], from: 3, at: self.at(0)) == .drop)
        #expect(cache.finish([1], with: [0], at: self.at(0)) == [1, 2])
        #expect(cache.begin([3], from: 0, at: self.at(0)) == .perform)
    }
}
