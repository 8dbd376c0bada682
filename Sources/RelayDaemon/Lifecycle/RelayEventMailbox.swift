import NIOCore
import RelayPlanning

/// Hands the workers' news to the relay on its event loop. There is none before the relay exists, which opens the ports.
final class RelayEventMailbox: Sendable {
    private let loop: any EventLoop
    private let relay: NIOLoopBoundBox<NIOLoopBound<Relay>?>

    init(loop: any EventLoop) {
        self.loop = loop
        self.relay = NIOLoopBoundBox.makeEmptyBox(valueType: NIOLoopBound<Relay>.self, eventLoop: loop)
    }

    func connect(_ relay: NIOLoopBound<Relay>) {
        self.loop.execute { self.relay.value = relay }
    }

    func deliver(_ events: [RelayEvent]) {
        self.loop.execute { self.relay.value?.value.receive(events) }
    }
}
