public import WireFormat

/// Remembers replies by cookie, so that a retransmitted request is answered again and not executed again.
///
/// Controllers repeat a request up to five times, a second apart, with the same cookie. The key is the cookie alone,
/// whoever sends it. Two generations are swapped every 30 s: a reply is kept for 30 to 60 s.
///
/// ```
///            begin                 finish                    30–60 s
/// unknown ──────────▶ running ─────────────────▶ answered ─────────────▶ unknown
///          (perform)   │    (replies for waiters)   │
///                      └─ begin: wait                └─ begin: replay
/// ```
///
/// `Requester` is whatever the caller needs to send a reply to (socket, source address, encoding).
public struct CookieCache<Requester: Hashable & Sendable>: Sendable {
    /// What the caller has to do with a request.
    public enum Verdict: Sendable, Equatable {
        /// Execute it, then call ``CookieCache/finish(_:with:at:)`` or ``CookieCache/abandon(_:)``.
        case perform
        /// The same request is being executed: do nothing, ``CookieCache/finish(_:with:at:)`` names this requester.
        case wait
        /// Send these octets.
        case replay([UInt8])
        /// Do nothing: ``CookieCacheLimits/running`` or ``CookieCacheLimits/waiters`` is reached. The controller will
        /// try again.
        case drop
    }

    private struct Generation {
        var replies: [[UInt8]: [UInt8]] = [:]
        var octets = 0
    }

    private let limits: CookieCacheLimits
    private var running: [[UInt8]: [Requester]] = [:]
    private var current = Generation()
    private var previous = Generation()
    private var swappedAt: MonotonicTime?

    /// An empty cache.
    public init(limits: CookieCacheLimits = CookieCacheLimits()) {
        self.limits = limits
    }

    /// Replies that could be replayed.
    public var replyCount: Int { self.current.replies.count + self.previous.replies.count }
    /// Octets of these replies and their cookies.
    public var replyOctets: Int { self.current.octets + self.previous.octets }
    /// Requests under way.
    public var runningCount: Int { self.running.count }

    /// Looks up the cookie of a request that has just arrived.
    public mutating func begin(_ cookie: [UInt8], from requester: Requester, at now: MonotonicTime) -> Verdict
    {
        self.expire(at: now)
        if let reply = self.current.replies[cookie] ?? self.previous.replies[cookie] { return .replay(reply) }
        guard let waiters = self.running[cookie] else {
            guard self.running.count < self.limits.running else { return .drop }
            self.running[cookie] = []
            return .perform
        }
        if waiters.contains(requester) { return .wait }
        guard waiters.count < self.limits.waiters else { return .drop }
        self.running[cookie]?.append(requester)
        return .wait
    }

    /// Stores the reply of a request, be it a success or an error.
    ///
    /// - Returns: the requesters of duplicates that arrived in the meantime; they get the same reply.
    public mutating func finish(
        _ cookie: [UInt8], with reply: [UInt8], at now: MonotonicTime
    ) -> [Requester] {
        self.expire(at: now)
        let waiters = self.running.removeValue(forKey: cookie) ?? []
        let cost = cookie.count + reply.count
        // Each generation may have half of the room: when one is full the older one goes early.
        if self.current.replies.count >= self.limits.replies / 2
            || self.current.octets + cost > self.limits.octets / 2
        {
            self.swap(at: now)
        }
        guard cost <= self.limits.octets / 2, self.limits.replies >= 2 else { return waiters }
        if let old = self.current.replies.updateValue(reply, forKey: cookie) {
            self.current.octets -= cookie.count + old.count
        }
        self.current.octets += cost
        return waiters
    }

    /// Forgets a request that will never be answered; its next retransmission is performed.
    ///
    /// - Returns: the requesters of duplicates, which get no reply either.
    public mutating func abandon(_ cookie: [UInt8]) -> [Requester] {
        self.running.removeValue(forKey: cookie) ?? []
    }

    /// Forgets replies that are too old. Every request does that too; this is for times without any, to give memory back.
    public mutating func expire(at now: MonotonicTime) {
        guard let swappedAt = self.swappedAt else {
            self.swappedAt = now
            return
        }
        let age = now.nanoseconds(since: swappedAt)
        guard age >= self.limits.generationNanoseconds else { return }
        let missedBoth = age >= self.limits.generationNanoseconds &* 2
        self.swap(at: now)
        if missedBoth { self.previous = Generation() }
    }

    private mutating func swap(at now: MonotonicTime) {
        self.previous = self.current
        self.current = Generation()
        self.swappedAt = now
    }
}

/// How much a ``CookieCache`` keeps.
public struct CookieCacheLimits: Sendable, Hashable {
    /// Replies; each generation may have half of them.
    public var replies: Int
    /// Octets of replies and cookies; each generation may have half of them. A longer reply is not kept.
    public var octets: Int
    /// Requests under way at a time.
    public var running: Int
    /// Duplicates of one request that can wait for it.
    public var waiters: Int
    /// Time between two swaps of the generations.
    public var generationNanoseconds: UInt64

    /// Limits that hold a minute of a thousand requests a second.
    public init(
        replies: Int = 131_072, octets: Int = 128 << 20, running: Int = 4_096, waiters: Int = 16,
        generationNanoseconds: UInt64 = 30_000_000_000
    ) {
        self.replies = replies
        self.octets = octets
        self.running = running
        self.waiters = waiters
        self.generationNanoseconds = generationNanoseconds
    }
}
