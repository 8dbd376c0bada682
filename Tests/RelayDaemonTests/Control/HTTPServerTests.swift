import NIOCore
import Testing
import WireFormat

@testable import RelayDaemon

private func withServer(
    limits: StreamLimits = StreamLimits(), handler: @escaping HTTPServer.Handler = show,
    _ body: (TransportAddress) throws -> Void
) throws {
    try withStreamServer(
        { HTTPServer.start($0, on: $1, limits: limits, logger: quietLogger, handler: handler) }, body)
}

private let show: HTTPServer.Handler = { action, _, reply in
    reply(HTTPAnswer(text: "\(action)"))
    reply(HTTPAnswer(text: "twice"))
}

@Suite struct HTTPServerTests {
    @Test func aConnectionServesRequestAfterRequestAndPipelinedOnesInOrder() throws {
        try withServer { address in
            let client = try TestStreamClient(tcp: address)
            try client.send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            try client.send("GET /cli/list+totals HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let text = try client.receiveAll()
            let answers = text.split(separator: "HTTP/1.1 200 OK")
            #expect(
                answers.map { $0.split(separator: "\r\n").last } == [
                    "ping", "metrics", "cli(\"list totals\")",
                ])
        }
    }

    @Test func aBodyMayComeInChunksAndSlowly() throws {
        try withServer { address in
            let client = try TestStreamClient(tcp: address)
            try client.send(
                "POST /ng HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-rtpengine-ng\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n2\r\n1 \r\n")
            usleepMilliseconds(20)
            try client.send("2\r\nde\r\n0\r\n\r\n")
            #expect(try client.receiveAll().hasSuffix("ng([49, 32, 100, 101])"))
        }
    }

    @Test(arguments: [
        ("Content-Length: 70000\r\n\r\n", "413"), ("Transfer-Encoding: chunked\r\n\r\n11000\r\n", "413"),
        ("Content-Length: 5\r\nExpect: 100-continue\r\n\r\nabcde", "200"),
    ])
    func aBodyIsBounded(rest: String, status: String) throws {
        try withServer { address in
            let client = try TestStreamClient(tcp: address)
            let head =
                "POST /ng-plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
            try client.send(head + rest)
            if rest.contains("11000") { try? client.send(String(repeating: "x", count: 0x11000)) }
            #expect(try client.receiveAll().contains("HTTP/1.1 \(status)"))
        }
    }

    @Test func headersAreBounded() throws {
        try withServer { address in
            let client = try TestStreamClient(tcp: address)
            try client.send("GET /ping HTTP/1.1\r\n")
            let field = "X: " + String(repeating: "x", count: 1000) + "\r\n"
            for _ in 0..<40 { try? client.send(field) }
            #expect(try client.receiveAll().hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test(arguments: [
        // A header, a body, and the body of a second request, before which there was no hurry.
        ["", "GET /ping HTTP/1.1\r\nX: "],
        ["POST /cli HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", ""],
        ["POST /cli HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n", ""],
        [
            "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n", "",
            "POST /cli HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
        ],
    ])
    func aRequestThatDoesNotEndIsNotWaitedForHoweverOftenAnOctetComes(texts: [String]) throws {
        var limits = shortLimits()
        limits.idle = nil
        try withServer(limits: limits) { address in
            let client = try TestStreamClient(tcp: address)
            try client.send(texts[0])
            if texts.count > 2 {
                #expect(try client.receive(octets: 12).hasPrefix("HTTP/1.1 200"))
                try client.send(texts[2])
            }
            #expect(client.trickle(texts[1] + String(repeating: "x", count: 120), every: 20))
        }
    }

    @Test func aClientThatDoesNotReadItsAnswerIsClosed() throws {
        let long = HTTPAnswer(contentType: "x/y", body: [UInt8](repeating: 120, count: 16 << 20))
        try withServer(limits: shortLimits(), handler: { _, _, reply in reply(long) }) { address in
            let client = try TestStreamClient(tcp: address, receiveBuffer: 4096)
            try client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            usleepMilliseconds(500)
            #expect(try client.receiveAll().utf8.count < long.body.count)
        }
    }

    @Test func pipelinedRequestsWaitForAClientThatDoesNotRead() throws {
        let long = HTTPAnswer(contentType: "x/y", body: [UInt8](repeating: 120, count: 4 << 20))
        let asked = CallCounter()
        let handler: HTTPServer.Handler = { _, _, reply in
            asked.add()
            reply(long)
        }
        try withServer(limits: shortLimits(), handler: handler) { address in
            let client = try TestStreamClient(tcp: address, receiveBuffer: 4096)
            try client.send(String(repeating: "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n", count: 200))
            usleepMilliseconds(100)
            #expect(asked.value == 1)
            _ = try client.receiveAll()
            #expect(asked.value < 200)
        }
    }

    @Test func anIdleConnectionIsClosed() throws {
        try withServer(limits: shortLimits()) { address in
            let client = try TestStreamClient(tcp: address)
            try client.send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.receiveAll().hasSuffix("ping"))
        }
    }

    @Test func whatIsNoHTTPIsRefused() throws {
        try withServer { address in
            let client = try TestStreamClient(tcp: address)
            try client.send("cookie d7:command4:pinge\r\n\r\n")
            #expect(try client.receiveAll().hasPrefix("HTTP/1.1 400"))
        }
    }
}

@Suite struct HTTPRouteTests {
    private func route(
        _ method: String, _ target: String, type: String? = nil, webSocket: Bool = false
    ) -> HTTPRoute {
        HTTPRoute(
            HTTPRoute.Head(method: method, target: target, contentType: type, wantsWebSocket: webSocket))
    }

    private func status(_ route: HTTPRoute) -> Int {
        if case .refuse(let answer) = route { answer.status } else { 200 }
    }

    @Test func everythingThereIsHasItsWay() {
        #expect(self.route("GET", "/ping") == .ping)
        #expect(self.route("HEAD", "/metrics?x=y") == .metrics)
        #expect(self.route("GET", "/cli/list+sessions+a%40b%2B1") == .cliLine("list sessions a@b+1"))
        #expect(self.route("POST", "/cli", type: "text/plain") == .cliBody)
        #expect(self.route("POST", "/ng", type: "application/x-rtpengine-ng") == .ng)
        #expect(self.route("POST", "/ng-plain", type: "application/json") == .plainNG)
    }

    @Test func everythingElseIsRefusedForWhatIsWrongWithIt() {
        #expect(self.status(self.route("GET", "/")) == 404)
        #expect(self.status(self.route("GET", "/ng/x")) == 404)
        #expect(self.status(self.route("POST", "/ping")) == 405)
        #expect(self.status(self.route("HEAD", "/cli/terminate+all")) == 405)
        #expect(self.status(self.route("GET", "/ng")) == 405)
        #expect(self.status(self.route("POST", "/ng")) == 415)
        #expect(self.status(self.route("POST", "/ng", type: "application/json")) == 415)
        #expect(self.status(self.route("GET", "/cli/%2")) == 400)
        #expect(self.status(self.route("GET", "/cli/%ff")) == 400)
        #expect(self.status(self.route("GET", "/ping", webSocket: true)) == 501)
    }
}
