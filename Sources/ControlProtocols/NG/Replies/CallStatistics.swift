/// What `query` and `delete` tell about a call, in the shape rtpengine gives it and controllers read it.
public struct CallStatistics: Sendable, Equatable {
    /// Microseconds since 1970 at which the call began.
    public var createdMicroseconds: Int64
    /// Seconds since 1970 of the last offer or answer.
    public var lastSignalSeconds: Int64
    /// Synchronisation sources of all streams, each once.
    public var sources: [SourceStatistics]
    /// The parties of the call.
    public var parties: [PartyStatistics]
    /// Sums over all RTP streams.
    public var rtpTotals: PacketCounters
    /// Sums over all RTCP streams.
    public var rtcpTotals: PacketCounters

    /// Statistics of one call.
    public init(
        createdMicroseconds: Int64, lastSignalSeconds: Int64, sources: [SourceStatistics] = [],
        parties: [PartyStatistics] = [], rtpTotals: PacketCounters = PacketCounters(),
        rtcpTotals: PacketCounters = PacketCounters()
    ) {
        self.createdMicroseconds = createdMicroseconds
        self.lastSignalSeconds = lastSignalSeconds
        self.sources = sources
        self.parties = parties
        self.rtpTotals = rtpTotals
        self.rtcpTotals = rtcpTotals
    }

    /// The dictionary of a reply, without its `result`.
    public func encoded() -> NGValue { .dictionary(self.dictionary) }

    var dictionary: NGDictionary {
        var sources = NGDictionary()
        for source in self.sources { sources[String(source.ssrc)] = .dictionary(source.details) }
        var tags = NGDictionary()
        for party in self.parties { tags[party.key] = .dictionary(party.dictionary) }
        return [
            "created": .integer(self.createdMicroseconds / 1_000_000),
            "created_us": .integer(self.createdMicroseconds % 1_000_000),
            "created_ts": .integer(self.createdMicroseconds),
            "last signal": .integer(self.lastSignalSeconds),
            // There is no Redis to write to.
            "last redis update": 0,
            "SSRC": .dictionary(sources),
            "tags": .dictionary(tags),
            "totals": ["RTP": self.rtpTotals.encoded(), "RTCP": self.rtcpTotals.encoded()],
        ]
    }
}

/// Counters of one direction of a stream, or sums of several.
public struct PacketCounters: Sendable, Hashable {
    /// Packets.
    public var packets: UInt64
    /// Octets of UDP payload.
    public var bytes: UInt64
    /// Packets that could not be forwarded.
    public var errors: UInt64

    /// Counters, at zero unless said otherwise.
    public init(packets: UInt64 = 0, bytes: UInt64 = 0, errors: UInt64 = 0) {
        self.packets = packets
        self.bytes = bytes
        self.errors = errors
    }

    /// Adds another stream's counters.
    public static func += (sum: inout PacketCounters, other: PacketCounters) {
        sum.packets &+= other.packets
        sum.bytes &+= other.bytes
        sum.errors &+= other.errors
    }

    /// `{packets, bytes, errors}`.
    public func encoded() -> NGValue {
        [
            "packets": .integer(Int64(clamping: self.packets)),
            "bytes": .integer(Int64(clamping: self.bytes)),
            "errors": .integer(Int64(clamping: self.errors)),
        ]
    }
}
