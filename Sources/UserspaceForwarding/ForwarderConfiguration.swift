public import RTPPackets

/// How workers receive and send.
public enum EngineChoice: String, Sendable, Hashable, CaseIterable {
    /// io_uring where it is allowed, else epoll.
    case automatic = "auto"
    case ioUring = "io_uring"
    case epoll
}

/// How the userspace forwarder is sized; everything is allocated or reserved when it starts.
public struct ForwarderConfiguration: Sendable, Hashable {
    /// Worker threads, each with a ring of its own; at least 1, at most ``maximumWorkers``.
    public var workers: Int
    /// Relay ports over all workers: identifiers are below this number. Lowered to what the limit of open files allows.
    public var maximumPorts: Int
    /// Receive buffers of each worker; rounded up to a power of two, at most 32768.
    public var buffersPerWorker: Int
    /// The largest UDP payload that is relayed, in octets; longer datagrams are dropped as `tooLarge`.
    public var maximumPayloadBytes: Int
    /// How long a busy worker lets datagrams gather before it handles them, in microseconds; 0 switches it off.
    ///
    /// A worker on which little happens never waits. Gathering saves wake-ups and delays a packet by this much at most.
    public var gatheringMicroseconds: Int
    /// Whether worker n runs on CPU n only (modulo the number of CPUs).
    public var pinsThreads: Bool
    /// Which quality the scores computed from RTCP speak of.
    public var qualityScoring: QualityScoring
    /// Which way into the kernel the workers take.
    public var engine: EngineChoice

    /// The most worker threads.
    public static let maximumWorkers = 256
    /// Descriptors kept free for everything but relay ports.
    public static let reservedDescriptors = 256

    /// Sizes that suit a few thousand calls.
    public init(
        workers: Int = 1, maximumPorts: Int = 65536, buffersPerWorker: Int = 4096,
        maximumPayloadBytes: Int = 2000, gatheringMicroseconds: Int = 1000, pinsThreads: Bool = false,
        qualityScoring: QualityScoring = .conversational, engine: EngineChoice = .automatic
    ) {
        self.workers = workers
        self.maximumPorts = maximumPorts
        self.buffersPerWorker = buffersPerWorker
        self.maximumPayloadBytes = maximumPayloadBytes
        self.gatheringMicroseconds = gatheringMicroseconds
        self.pinsThreads = pinsThreads
        self.qualityScoring = qualityScoring
        self.engine = engine
    }
}
