import CallControl
import ControlProtocols

/// Publishers, subscribers, and parties of different calls.
extension Relay {
    /// `publish`.
    func publish(_ request: PublishRequest, from peer: String, at now: SignallingTime) -> NGReply {
        .error(NGError.unsupportedCommand("publish"))
    }

    /// `subscribe request`.
    func subscribe(_ request: SubscribeRequest, from peer: String, at now: SignallingTime) -> NGReply {
        .error(NGError.unsupportedCommand("subscribe request"))
    }

    /// `subscribe answer`.
    func subscribeAnswer(_ request: OfferAnswer, from peer: String, at now: SignallingTime) -> NGReply {
        .error(NGError.unsupportedCommand("subscribe answer"))
    }

    /// `unsubscribe`.
    func unsubscribe(_ selection: PartySelection, at now: SignallingTime) -> NGReply {
        .error(NGError.unsupportedCommand("unsubscribe"))
    }

    /// `connect`.
    func connect(_ request: ConnectRequest, at now: SignallingTime) -> NGReply {
        .error(NGError.unsupportedCommand("connect"))
    }
}
