import ControlProtocols

extension NGCommand {
    /// The command as the protocol spells it.
    var name: String {
        switch self {
        case .ping: "ping"
        case .offer: "offer"
        case .answer: "answer"
        case .delete: "delete"
        case .query: "query"
        case .list: "list"
        case .statistics: "statistics"
        case .startRecording: "start recording"
        case .pauseRecording: "pause recording"
        case .stopRecording: "stop recording"
        case .block(let request):
            "\(request.isBlocking ? "block" : "unblock") \(request.kind == .dtmf ? "DTMF" : "media")"
        case .publish: "publish"
        case .subscribeRequest: "subscribe request"
        case .subscribeAnswer: "subscribe answer"
        case .unsubscribe: "unsubscribe"
        case .connect: "connect"
        case .cli: "cli"
        }
    }

    /// The call it is about; nil if about none, or one that is still to be named.
    var callID: String? {
        switch self {
        case .offer(let message), .answer(let message), .subscribeAnswer(let message): message.selector.callID
        case .delete(let request): request.selector.callID
        case .query(let selector): selector.callID
        case .startRecording(let request), .pauseRecording(let request), .stopRecording(let request):
            request.selector.callID
        case .block(let request): request.parties.selector.callID
        case .publish(let request): request.callID
        case .subscribeRequest(let request): request.parties.selector.callID
        case .unsubscribe(let selection): selection.selector.callID
        case .connect(let request): request.selector.callID
        case .ping, .list, .statistics, .cli: nil
        }
    }
}
