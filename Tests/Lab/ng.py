"""A client of the NG control protocol: bencode over UDP, one datagram `COOKIE SPACE DICTIONARY` each way."""

from __future__ import annotations

import itertools
import os
import select
import socket
import time
from typing import Any

from bencode import bdecode, bencode
from network import Network
from outcome import Failure, check


class NGClient:
    """Speaks to the daemon under test from inside the edge."""

    _numbers = itertools.count(1)

    def __init__(self, network: Network, port: int = 2223) -> None:
        self.network = network
        self.server = ("127.0.0.1", port)
        with network.inside("edge"):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.slowest = 0.0

    def close(self) -> None:
        """Closes the socket."""
        self.socket.close()

    def request(self, command: str, seconds: float = 3.0, **keys: Any) -> dict[str, Any]:
        """Sends one command (`from_tag` becomes `from-tag`) and returns the reply, whatever its result."""
        body = {key.replace("_", "-"): value for key, value in keys.items() if value is not None}
        cookie = f"lab{os.getpid()}_{next(self._numbers)}".encode()
        started = time.monotonic()
        self.socket.sendto(cookie + b" " + bencode(body | {"command": command}), self.server)
        while True:
            left = started + seconds - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                raise Failure(f"no reply to NG {command} within {seconds:g} s")
            try:
                data = self.socket.recv(65535)
            except ConnectionRefusedError:
                raise Failure(f"nobody listens for NG {command}") from None
            if data.startswith(cookie + b" "):
                self.slowest = max(self.slowest, time.monotonic() - started)
                return bdecode(data[len(cookie) + 1:])

    def repeated(self, command: str, times: int, **keys: Any) -> list[bytes]:
        """Sends one datagram several times at once, as a controller does that had no reply; returns all replies."""
        body = {key.replace("_", "-"): value for key, value in keys.items()}
        cookie = f"lab{os.getpid()}_{next(self._numbers)}".encode()
        for _ in range(times):
            self.socket.sendto(cookie + b" " + bencode(body | {"command": command}), self.server)
        replies = []
        while len(replies) < times and select.select([self.socket], [], [], 1)[0]:
            replies.append(self.socket.recv(65535))
        return replies

    def command(self, command: str, **keys: Any) -> dict[str, Any]:
        """As `request`, and fails unless the result is `ok`."""
        reply = self.request(command, **keys)
        check(reply.get("result") == "ok", f"NG {command}: {reply.get('result')} {reply.get('error-reason', '')}")
        return reply

    def answers(self) -> bool:
        """Whether somebody answers a ping by now."""
        try:
            return self.request("ping", seconds=0.3).get("result") == "pong"
        except Failure:
            return False

    def calls(self) -> list[str]:
        """The call-ids the daemon knows."""
        return list(self.command("list", limit=1000).get("calls", []))
