import ControlProtocols
import Testing

/// An offer or answer as the tests look at it.
struct ReadOffer {
    let message: OfferAnswer
    let notices: [NGNotice]

    var options: OfferAnswerOptions { self.message.options }

    /// Names of notices about what nobody knows.
    var unknown: [String] {
        self.notices.compactMap { notice in
            guard case .unknown(let name) = notice else { return nil }
            return name
        }
    }

    /// Names of notices about what is known and not done.
    var unsupported: [String] {
        self.notices.compactMap { notice in
            guard case .unsupported(let name, let consequence) = notice, !consequence.isEmpty else {
                return nil
            }
            return name
        }
    }

    init(_ request: NGRequest) throws {
        switch request.command {
        case .offer(let message), .answer(let message): self.message = message
        default: throw NotAnOffer()
        }
        self.notices = request.notices
    }

    /// An offer with all that is required and what the test adds.
    init(_ additions: NGDictionary) throws {
        var dictionary: NGDictionary = [
            "command": "offer", "call-id": "c", "from-tag": "f", "sdp": "v=0\r\n",
        ]
        for entry in additions.entries { dictionary[entry.key] = entry.value }
        try self.init(NGRequest(dictionary: dictionary))
    }

    /// An offer with a list of flags.
    init(flags: String...) throws {
        try self.init(["flags": .list(flags.map { .text($0) })])
    }

    /// An offer with a flags string.
    init(flagString: String) throws {
        try self.init(["rtpp-flags": .text(flagString)])
    }

    struct NotAnOffer: Error {}
}

/// Default options, changed by a closure.
func options(_ change: (inout OfferAnswerOptions) -> Void) -> OfferAnswerOptions {
    var options = OfferAnswerOptions()
    change(&options)
    return options
}
