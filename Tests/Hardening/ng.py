"""The NG control protocol from a controller's side: bencode and JSON over UDP."""

from __future__ import annotations

import itertools
import json
import select
import socket
import time
from typing import Any

from bencode import bencode
from outcome import Failure, check


def sdp(address: str, *ports: int, extra: str = "") -> str:
    """A plain audio description with one section for each port."""
    sections = "".join(f"m=audio {port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n{extra}a=sendrecv\r\n"
                       for port in ports)
    return f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n{sections}"


def relay_ports(description: str) -> list[int]:
    """The ports of the m= lines of a description."""
    return [int(line.split()[1]) for line in description.splitlines() if line.startswith("m=")]


class NGClient:
    """One controller; requests go out in JSON, since its replies are easy to read."""

    _numbers = itertools.count(1)

    def __init__(self, server: tuple[str, int]) -> None:
        self.server = server
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.setblocking(False)
        self.slowest = 0.0
        self.reply_octets = 0

    def close(self) -> None:
        """Closes the socket."""
        self.socket.close()

    def cookie(self) -> bytes:
        """A cookie that was not used yet."""
        return b"hard_%d" % next(self._numbers)

    def throw(self, payload: bytes, cookie: bytes | None = None) -> None:
        """Sends a payload without waiting; what does not fit a datagram is left out."""
        try:
            self.socket.sendto((cookie or self.cookie()) + b" " + payload, self.server)
        except (BlockingIOError, OSError):
            pass

    def drain(self) -> int:
        """Reads and counts what has come back."""
        count = 0
        while True:
            try:
                self.reply_octets += len(self.socket.recv(65535)) + 200
                count += 1
            except (BlockingIOError, ConnectionRefusedError):
                return count

    def request(self, command: str, seconds: float = 5.0, tries: int = 1, **keys: Any) -> dict[str, Any]:
        """Sends one command (`from_tag` becomes `from-tag`) and returns the reply, whatever its result."""
        body = {key.replace("_", "-"): value for key, value in keys.items()} | {"command": command}
        cookie = self.cookie()
        started = time.monotonic()
        for _ in range(tries):
            self.socket.sendto(cookie + b" " + json.dumps(body).encode(), self.server)
            reply = self._reply(cookie, seconds)
            if reply is not None:
                self.slowest = max(self.slowest, time.monotonic() - started)
                return reply
        raise Failure(f"no reply to NG {command} within {seconds * tries:g} s")

    def _reply(self, cookie: bytes, seconds: float) -> dict[str, Any] | None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], left)[0]:
                return None
            try:
                data = self.socket.recv(65535)
            except ConnectionRefusedError:
                raise Failure("nobody listens for NG: the daemon has ended") from None
            self.reply_octets += len(data) + 200
            if data.startswith(cookie + b" "):
                return json.loads(data[len(cookie) + 1:])
        return None

    def ok(self, command: str, **keys: Any) -> dict[str, Any]:
        """As `request`, and fails unless the result is `ok`."""
        reply = self.request(command, **keys)
        check(reply.get("result") == "ok", f"NG {command}: {reply}")
        return reply

    def answers(self, seconds: float = 0.5) -> bool:
        """Whether a ping is answered in time."""
        try:
            return self.request("ping", seconds=seconds).get("result") == "pong"
        except Failure:
            return False

    def call(self, call_id: str, one: tuple[str, int], other: tuple[str, int]) -> tuple[int, int]:
        """Sets a call up between two addresses; returns the relay ports that face the first and the second."""
        keys = {"call_id": call_id, "from_tag": "f"}
        offer = self.ok("offer", sdp=sdp(*one), **keys)
        answer = self.ok("answer", sdp=sdp(*other), to_tag="t", **keys)
        return relay_ports(answer["sdp"])[0], relay_ports(offer["sdp"])[0]

    def delete(self, call_id: str) -> dict[str, Any]:
        """Ends a call at once."""
        return self.ok("delete", call_id=call_id, from_tag="f", delete_delay=0)
