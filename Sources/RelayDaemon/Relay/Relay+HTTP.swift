import ControlProtocols
import NIOCore

/// What comes over HTTP.
extension Relay {
    /// Performs one request.
    func receive(http action: HTTPAction, from peer: String, answer: @escaping (HTTPAnswer) -> Void) {
        switch action {
        case .ping: answer(HTTPAnswer(text: "pong\n"))
        case .metrics:
            let text = self.daemonStatistics().metrics
            answer(HTTPAnswer(contentType: HTTPAnswer.metricsType, body: Array(text.utf8)))
        case .cli(let line):
            self.perform(commandLine: line, from: peer) { answer(HTTPAnswer(text: $0)) }
        case .ng(let body): self.receive(ng: body, from: peer, answer: answer)
        case .plainNG(let body): self.receive(plainNG: body, from: peer, answer: answer)
        }
    }

    /// A body that nobody can read gets status 400 with NG's words (rtpengine: 600); everything else is an answer of NG,
    /// errors included.
    private func receive(ng body: [UInt8], from peer: String, answer: @escaping (HTTPAnswer) -> Void) {
        do {
            _ = try NGMessage(datagram: body).dictionary()
        } catch let error as NGMessage.DropReason {
            return self.refuse(error.text, from: peer, answer)
        } catch let error as NGError {
            return self.refuse(error.reason, from: peer, answer)
        } catch {
            return self.refuse("\(error)", from: peer, answer)
        }
        self.receive(request: body, from: peer) { reply in
            answer(HTTPAnswer(contentType: HTTPAnswer.ngType, body: reply))
        }
    }

    private func receive(plainNG body: [UInt8], from peer: String, answer: @escaping (HTTPAnswer) -> Void) {
        let message = NGMessage(plain: body)
        do {
            _ = try message.dictionary()
        } catch {
            return self.refuse(error.reason, from: peer, answer)
        }
        self.collectClosedPorts()
        self.holdWorkers()
        self.perform(message, from: peer, at: self.clock.now) { reply in
            let type = message.encoding == .json ? HTTPAnswer.jsonType : HTTPAnswer.ngType
            answer(
                HTTPAnswer(contentType: type, body: message.encoding.encode(reply.dictionary)))
        }
    }

    private func refuse(_ reason: String, from peer: String, _ answer: (HTTPAnswer) -> Void) {
        self.requests.malformed += 1
        self.logLimited("http body", "a control message over HTTP from \(peer) was refused: \(reason)")
        answer(HTTPAnswer(status: 400, text: "\(reason)\n"))
    }
}
