import FoundationEssentials

/// Requests and replies as single lines of JSON, without the line end.
public enum ControlCodec {
    /// Encodes a request or a reply; keys are sorted so that the same answer is the same text.
    public static func encode(_ message: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(message), as: UTF8.self)
    }

    /// Encodes a reply; one that cannot be encoded (a number that is not finite) becomes an error reply.
    public static func encode(reply: ControlReply) -> String {
        do {
            return try self.encode(reply)
        } catch {
            return #"{"error":"the daemon could not encode its reply","result":"error"}"#
        }
    }

    /// Reads a request; the error says in words what is wrong with it.
    public static func decodeRequest(_ line: String) throws(ControlCodecError) -> ControlRequest {
        do {
            return try JSONDecoder().decode(ControlRequest.self, from: Data(line.utf8))
        } catch DecodingError.dataCorrupted(let context)
            where context.codingPath.last?.stringValue == "command"
        {
            let known = ControlRequestCommand.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlCodecError(description: "unknown command; known are \(known)")
        } catch {
            throw ControlCodecError(
                description: #"not a request: one JSON object a line is expected, e.g. {"command":"calls"}"#)
        }
    }

    /// Reads a reply.
    public static func decodeReply(_ line: String) throws(ControlCodecError) -> ControlReply {
        do {
            return try JSONDecoder().decode(ControlReply.self, from: Data(line.utf8))
        } catch {
            throw ControlCodecError(description: "the daemon's reply is not understood: \(error)")
        }
    }
}

/// Why a line is not a request or a reply.
public struct ControlCodecError: Error, Equatable, CustomStringConvertible {
    /// The reason in words.
    public let description: String
}
