import CallRecording
import Logging
import NIOConcurrencyHelpers
import RelayPlanning
import UserspaceForwarding

/// Orders on their way to the writer, and its news on their way back.
///
/// A disk that hangs makes the writer wait for as long as it pleases, so what may wait for the writer is bounded.
final class RecordingMail: Sendable {
    private struct State {
        var orders: [RecordingOrder] = []
        /// What the orders hold, about.
        var octets = 0
        var isStopping = false
        var listener: (@Sendable (RecordingNews) -> Void)?
    }

    private let state = NIOLockedValueBox(State())
    /// What the writer did, as of a moment ago.
    let totals = NIOLockedValueBox(RecordingTotals())

    var isStopping: Bool { self.state.withLockedValue { $0.isStopping } }

    /// Takes an order; false, with nothing taken, if too many wait. What ends a recording is always taken: there is one
    /// for each that began.
    func post(_ order: RecordingOrder) -> Bool {
        self.state.withLockedValue { state in
            guard order.isEnd || state.octets < RecordingLimits.waitingOctets else { return false }
            state.octets += order.octets
            state.orders.append(order)
            return true
        }
    }

    func take() -> [RecordingOrder] {
        self.state.withLockedValue { state in
            defer { (state.orders, state.octets) = ([], 0) }
            return state.orders
        }
    }

    func stop() { self.state.withLockedValue { $0.isStopping = true } }

    func listen(_ listener: @escaping @Sendable (RecordingNews) -> Void) {
        self.state.withLockedValue { $0.listener = listener }
    }

    func tell(_ news: RecordingNews) { self.state.withLockedValue { $0.listener }?(news) }
}

/// Records calls: the way to the thread that writes the files. Every method may be called on any thread; none waits for
/// a disk but `opened` and `stop`.
final class CallRecorder: Sendable {
    let configuration: RecordingConfiguration
    /// Where workers put copies of packets.
    let tap: RecordingTap
    private let mail = RecordingMail()
    private let thread: WorkerThread

    /// Prepares the directories, names what an earlier run left, and starts the writer; nil if nothing is to be recorded.
    static func opened(
        _ configuration: RecordingConfiguration?, workers: Int, logger: Logger
    ) throws -> CallRecorder? {
        guard let configuration else { return nil }
        let files = RecordingFiles(configuration: configuration)
        do throws(RecordingFailure) {
            try files.prepare()
        } catch {
            // A relay that stays away costs every call; one that does not record costs the recordings.
            logger.error("calls are not recorded, whatever controllers ask for: recording-dir: \(error)")
            return nil
        }
        if let method = configuration.ignoredMethod {
            logger.warning(
                "recording-method=\(method) is not supported: calls are recorded as with recording-method=pcap"
            )
        }
        let leftovers = files.leftovers()
        if leftovers.count > 0 {
            logger.warning(
                "\(files.path(RecordingPlace.temporary)) has the metadata of \(leftovers.count) recordings that an earlier run did not finish; their captures end where it ended: \(leftovers.names.joined(separator: ", "))"
            )
        }
        logger.info("calls are recorded below \(configuration.directory) when a controller asks for it")
        return try CallRecorder(files: files, workers: workers, logger: logger)
    }

    private init(files: RecordingFiles, workers: Int, logger: Logger) throws {
        self.configuration = files.configuration
        let tap = try RecordingTap(workers: workers)
        let mail = self.mail
        self.tap = tap
        self.thread = try WorkerThread(name: "recording") {
            RecordingWriter(tap: tap, files: files, logger: logger, mail: mail).run()
        }
    }

    deinit { self.stop() }

    /// Has the news brought to somebody; on the writer's thread.
    func listen(_ listener: @escaping @Sendable (RecordingNews) -> Void) { self.mail.listen(listener) }

    /// Gives an order; false if the writer is so far behind that it cannot be taken.
    @discardableResult
    func post(_ order: RecordingOrder) -> Bool {
        let isTaken = self.mail.post(order)
        self.tap.wake()
        return isTaken
    }

    /// What was done so far.
    var totals: RecordingTotals { self.mail.totals.withLockedValue { $0 } }

    /// Finishes all files and ends the writer; to be called when no worker runs any more.
    func stop() {
        self.mail.stop()
        self.tap.wake()
        self.thread.join()
    }
}
