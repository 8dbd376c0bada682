"""What a SIPp phone is told to do: steps that become a SIPp scenario file.

Each step is a piece of SIPp XML. `go` is the laboratory's own: the phone stands still there until the scenario
function says so (see `Call.go`), which keeps signalling and media in step without sleeping.
"""

from __future__ import annotations

import sdp

DOCUMENT = """<?xml version="1.0" encoding="ISO-8859-1" ?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="{name}">
{steps}
</scenario>
"""
VIA = "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]"


def document(name: str, steps: list[str]) -> str:
    """The scenario file."""
    return DOCUMENT.format(name=name, steps="\n".join(steps))


def expect(status: int, optional: bool = False, routes: bool = False) -> str:
    """Waits for a response; `routes` takes the route set and the remote target from it."""
    extra = ' optional="true"' if optional else ""
    extra += ' rrs="true"' if routes else ""
    return f'<recv response="{status}"{extra}/>'


def expect_request(method: str, routes: bool = False) -> str:
    """Waits for a request."""
    return f'<recv request="{method}" crlf="true"{" rrs=%strue%s" % (chr(34), chr(34)) if routes else ""}/>'


def go() -> str:
    """Stands still until the scenario function says go."""
    return '<recv request="GO"/>'


def pause(milliseconds: int) -> str:
    """Waits a moment."""
    return f'<pause milliseconds="{milliseconds}"/>'


def _send(lines: list[str], body: str | None, retransmit: bool) -> str:
    lines = list(lines)
    if body is not None:
        lines.append("Content-Type: application/sdp")
    lines.append("Content-Length: [len]" if body is not None else "Content-Length: 0")
    text = "\n".join(lines) + "\n\n" + (body.replace("\r\n", "\n") if body is not None else "")
    return f'<send{" retrans=%s500%s" % (chr(34), chr(34)) if retransmit else ""}><![CDATA[\n{text}\n]]></send>'


def response(status: int, reason: str, tag: str, body: str | None = None, to_has_tag: bool = False,
             acknowledged: bool = True) -> str:
    """Answers the request just received; in a dialogue its To has our tag already.

    A final answer is repeated until something comes, unless it is to a request that no ACK follows.
    """
    lines = [f"SIP/2.0 {status} {reason}", "[last_Via:]", "[last_From:]",
             "[last_To:]" if to_has_tag else f"[last_To:];tag={tag}",
             "[last_Call-ID:]", "[last_CSeq:]", "[last_Record-Route:]",
             "Contact: <sip:[service]@[local_ip]:[local_port]>"]
    return _send(lines, body, retransmit=status >= 200 and acknowledged)


class Dialogue:
    """One end's view of one call: who it is, whom it talks to, where its media is."""

    def __init__(self, user: str, tag: str, peer: str, address: str, port: int, peer_tag: str | None = None) -> None:
        self.user, self.tag, self.peer, self.peer_tag = user, tag, peer, peer_tag
        self.address, self.port = address, port
        self.cseq = 0
        self.version = 0
        # CANCEL and the ACK of a failure carry the branch of the INVITE they belong to (RFC 3261, 9.1 and 17.1.1.3).
        self._first_via = f"Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bK-{tag}"

    def media(self, direction: str = "sendrecv", connection: str | None = None, changed: bool = True) -> str:
        """Our SDP; the version rises unless nothing changed."""
        if changed or self.version == 0:
            self.version += 1
        return sdp.describe(self.address, self.port, direction, self.version, connection)

    # The first INVITE

    def invite(self, body: str | None) -> str:
        """The INVITE that begins the call; None leaves the offer to the other side."""
        self.cseq += 1
        return _send(
            [f"INVITE sip:{self.peer}@edge.test SIP/2.0", self._first_via, "Max-Forwards: 70",
             f"From: <sip:{self.user}@edge.test>;tag={self.tag}", f"To: <sip:{self.peer}@edge.test>",
             "Call-ID: [call_id]", f"CSeq: {self.cseq} INVITE",
             f"Contact: <sip:{self.user}@[local_ip]:[local_port]>"], body, retransmit=True)

    def cancel(self) -> str:
        """Withdraws the INVITE; its Via branch is the INVITE's."""
        return _send(
            [f"CANCEL sip:{self.peer}@edge.test SIP/2.0", self._first_via, "Max-Forwards: 70",
             f"From: <sip:{self.user}@edge.test>;tag={self.tag}", f"To: <sip:{self.peer}@edge.test>",
             "Call-ID: [call_id]", f"CSeq: {self.cseq} CANCEL"], None, retransmit=True)

    def ack_failure(self) -> str:
        """Acknowledges a final response that is not 2xx, hop by hop."""
        return _send(
            [f"ACK sip:{self.peer}@edge.test SIP/2.0", self._first_via, "Max-Forwards: 70",
             f"From: <sip:{self.user}@edge.test>;tag={self.tag}", "[last_To:]", "Call-ID: [call_id]",
             f"CSeq: {self.cseq} ACK"], None, retransmit=False)

    # Within the dialogue

    def _inside(self, method: str, body: str | None, retransmit: bool) -> str:
        to = f"To: <sip:{self.peer}@edge.test>;tag={self.peer_tag}" if self.peer_tag else "[last_To:]"
        return _send(
            [f"{method} [next_url] SIP/2.0", VIA, "[routes]", "Max-Forwards: 70",
             f"From: <sip:{self.user}@edge.test>;tag={self.tag}", to, "Call-ID: [call_id]",
             f"CSeq: {self.cseq} {method}", f"Contact: <sip:{self.user}@[local_ip]:[local_port]>"],
            body, retransmit)

    def ack(self, body: str | None = None) -> str:
        """Acknowledges a 200; with the answer if the offer came late."""
        return self._inside("ACK", body, retransmit=False)

    def request(self, method: str, body: str | None = None) -> str:
        """BYE, UPDATE, or another INVITE."""
        self.cseq += 1
        return self._inside(method, body, retransmit=True)

    def respond(self, status: int, reason: str, body: str | None = None, again: bool = False,
                acknowledged: bool = True) -> str:
        """Answers; `again` for requests within the dialogue, `acknowledged` false for all but INVITE."""
        return response(status, reason, self.tag, body, again, acknowledged)

    def be_cancelled(self) -> list[str]:
        """The other side's CANCEL: accepted, and the INVITE is answered 487."""
        gone = _send(["SIP/2.0 487 Request Terminated", "[last_Via:]", "[last_From:]", f"[last_To:];tag={self.tag}",
                      "[last_Call-ID:]", "CSeq: 1 INVITE"], None, retransmit=True)
        return [expect_request("CANCEL"), self.respond(200, "OK", acknowledged=False), gone, expect_request("ACK")]

    # What nearly every script has in it

    def call(self, body: str | None) -> list[str]:
        """INVITE, whatever rings, 200; the ACK is the caller's to add."""
        return [self.invite(body), expect(100, optional=True), expect(180, optional=True),
                expect(183, optional=True), expect(200, routes=True)]

    def offer_again(self, body: str | None) -> list[str]:
        """A re-INVITE that is accepted and acknowledged."""
        return [self.request("INVITE", body), expect(100, optional=True), expect(200), self.ack()]

    def accept(self, body: str) -> list[str]:
        """Rings, answers, waits for the ACK."""
        return [expect_request("INVITE", routes=True), self.respond(180, "Ringing"),
                self.respond(200, "OK", body), expect_request("ACK")]

    def accept_again(self, body: str) -> list[str]:
        """Accepts a re-INVITE."""
        return [expect_request("INVITE"), self.respond(200, "OK", body, again=True), expect_request("ACK")]

    def hang_up(self) -> list[str]:
        """BYE and its answer."""
        return [self.request("BYE"), expect(200)]

    def be_hung_up(self) -> list[str]:
        """The other side's BYE; a moment passes for a retransmission."""
        return [expect_request("BYE"), self.respond(200, "OK", again=True, acknowledged=False), pause(100)]


def register(user: str) -> list[str]:
    """Registers the phone's own contact for ten minutes."""
    lines = ["REGISTER sip:edge.test SIP/2.0", VIA, "Max-Forwards: 70",
             f"From: <sip:{user}@edge.test>;tag=[pid]r[call_number]", f"To: <sip:{user}@edge.test>",
             "Call-ID: [call_id]", "CSeq: 1 REGISTER", f"Contact: <sip:{user}@[local_ip]:[local_port]>",
             "Expires: 600"]
    return [_send(lines, None, retransmit=True), expect(200)]
