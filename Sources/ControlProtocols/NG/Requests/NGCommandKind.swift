/// The commands by their names.
enum NGCommandKind: String {
    case ping, offer, answer, delete, query, list, statistics, publish, unsubscribe, connect, cli
    case startRecording = "start recording"
    case stopRecording = "stop recording"
    case pauseRecording = "pause recording"
    case blockDTMF = "block DTMF"
    case unblockDTMF = "unblock DTMF"
    case blockMedia = "block media"
    case unblockMedia = "unblock media"
    case subscribeRequest = "subscribe request"
    case subscribeAnswer = "subscribe answer"

    /// The command of that name; nil if there is none here.
    init?(name: String) {
        self.init(rawValue: name == "CLI" ? "cli" : name)
    }

    /// True if options of offer and answer count; in other commands controllers send them along unasked.
    var hasOptions: Bool {
        switch self {
        case .offer, .answer, .publish, .subscribeRequest, .subscribeAnswer: true
        case .ping, .delete, .query, .list, .statistics, .unsubscribe, .connect, .cli, .startRecording,
            .stopRecording, .pauseRecording, .blockDTMF, .unblockDTMF, .blockMedia, .unblockMedia:
            false
        }
    }

    /// True if the SDP that goes out is offered, so that codecs could be added to it.
    var makesOffer: Bool { self == .offer || self == .publish || self == .subscribeRequest }

    /// True if DTMF is what the command is about.
    var isAboutDTMF: Bool { self == .blockDTMF || self == .unblockDTMF }

    /// True if flags mean something to the command, so that templates count.
    var takesFlags: Bool {
        switch self {
        case .ping, .list, .statistics, .cli: false
        default: true
        }
    }
}
