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
    /// True while the call is recorded, false while a recording rests; nil if there is none.
    public var isRecorded: Bool?

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

    var dictionary: NGDictionary { .written { self.write(to: &$0) } }

    /// Writes the members of the reply's dictionary.
    func write(to writer: inout NGWriter) {
        writer.integer(self.createdMicroseconds / 1_000_000, for: "created")
        writer.integer(self.createdMicroseconds % 1_000_000, for: "created_us")
        writer.integer(self.createdMicroseconds, for: "created_ts")
        writer.integer(self.lastSignalSeconds, for: "last signal")
        // There is no Redis to write to.
        writer.integer(0, for: "last redis update")
        writer.key("SSRC")
        writer.beginDictionary()
        for source in self.sources {
            writer.key(String(source.ssrc))
            source.write(to: &writer, withSSRC: false)
        }
        writer.endDictionary()
        writer.key("tags")
        writer.beginDictionary()
        for party in self.parties {
            writer.key(party.key)
            party.write(to: &writer, isRecorded: self.isRecorded)
        }
        writer.endDictionary()
        writer.key("totals")
        writer.beginDictionary()
        writer.key("RTP")
        self.rtpTotals.write(to: &writer)
        writer.key("RTCP")
        self.rtcpTotals.write(to: &writer)
        writer.endDictionary()
        guard let isRecorded = self.isRecorded else { return }
        writer.key("recording")
        writer.beginDictionary()
        writer.integer(isRecorded ? 1 : 0, for: "call recording")
        writer.integer(0, for: "forwarding")
        writer.endDictionary()
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
    public func encoded() -> NGValue { .written { self.write(to: &$0) } }

    func write(to writer: inout NGWriter) {
        writer.beginDictionary()
        writer.integer(self.packets, for: "packets")
        writer.integer(self.bytes, for: "bytes")
        writer.integer(self.errors, for: "errors")
        writer.endDictionary()
    }
}

extension NGValue {
    /// What a closure writes, as a value.
    static func written(_ write: (inout NGWriter) -> Void) -> NGValue {
        var writer = NGWriter(.bencode)
        write(&writer)
        // What we wrote ourselves is bencode.
        return (try? Bencode.decode(writer.finished()[...], limits: .unlimited)) ?? .list([])
    }
}

extension NGDictionary {
    /// The members that a closure writes.
    static func written(_ write: (inout NGWriter) -> Void) -> NGDictionary {
        let value = NGValue.written { writer in
            writer.beginDictionary()
            write(&writer)
            writer.endDictionary()
        }
        return value.dictionary ?? NGDictionary()
    }
}
