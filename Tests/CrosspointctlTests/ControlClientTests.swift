import ArgumentParser
import Glibc
import Testing

@testable import crosspointctl

@Suite struct ControlClientTests {
    @Test func aMissingDaemonIsNamedAsSuch() {
        let error = #expect(throws: ControlClientError.self) {
            try ControlClient(paths: ["/nowhere/a.sock", "/nowhere/b.sock"]).ask("{}")
        }
        #expect(
            error?.description.contains("crosspointd is not running: there is no socket /nowhere/b.sock")
                == true)
        #expect(error.map { Crosspointctl.exitCode(for: $0) } == .failure)
    }

    @Test(arguments: [
        (ECONNREFUSED, "nobody listens"), (EACCES, "no permission"), (EINVAL, "Invalid argument"),
    ])
    func everyObstacleIsExplained(code: Int32, text: String) {
        let error = ControlClient.error(connecting: "/run/x.sock", code: code)
        #expect(error.description.contains(text))
        #expect(error.description.contains("/run/x.sock"))
    }

    @Test func aPathThatIsTooLongIsRefused() {
        #expect(throws: ControlClientError.self) {
            try ControlClient(paths: ["/" + String(repeating: "x", count: 200)]).ask("{}")
        }
    }

    @Test(arguments: [
        ["calls", "--json"], ["flows", "--socket", "/x"], ["flows", "abc@host", "--json"], ["stats"],
        ["terminate", "abc@host"],
    ])
    func everyCommandIsUnderstood(arguments: [String]) throws {
        #expect(throws: Never.self) { try Crosspointctl.parseAsRoot(arguments) }
    }

    @Test(arguments: [["terminate"], ["frobnicate"], ["calls", "x"]])
    func aWrongCommandLineIsRefused(arguments: [String]) throws {
        let error = try #require(throws: (any Error).self) { try Crosspointctl.parseAsRoot(arguments) }
        #expect(Crosspointctl.exitCode(for: error) == .validationFailure)
    }
}
