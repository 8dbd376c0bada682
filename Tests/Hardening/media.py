"""A call whose media is watched while others misbehave."""

from __future__ import annotations

import multiprocessing
import os
import socket
import struct
import time
from typing import Any

from daemon import ADDRESS, Daemon
from outcome import check

PACE = 0.01
# A watched call goes on for at least so long.
LEAST_SECONDS = 0.5


def media_socket() -> socket.socket:
    """A phone's socket."""
    phone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    phone.bind((ADDRESS, 0))
    return phone


def rtp(number: int) -> bytes:
    """A numbered packet of 172 octets."""
    return struct.pack("!BBHIIQ", 0x80, 0, number & 0xFFFF, number * 160 & 0xFFFFFFFF, 7, number) + b"\xd5" * 152


class WatchedCall:
    """One call with 100 numbered packets a second in one direction, sent and counted by a process of its own."""

    def __init__(self, daemon: Daemon, call_id: str = "watched") -> None:
        self.daemon = daemon
        self.call_id = call_id
        self.caller, self.callee = media_socket(), media_socket()
        facing_caller, _ = daemon.ng.call(call_id, self.caller.getsockname(), self.callee.getsockname())
        context = multiprocessing.get_context("fork")
        self.stop = context.Event()
        self.result: Any = context.SimpleQueue()
        self.process = context.Process(target=self._run, args=((ADDRESS, facing_caller),), daemon=True)
        self.process.start()
        self.began = time.monotonic()

    def _run(self, relay: tuple[str, int]) -> None:
        if os.geteuid() == 0:
            os.nice(-5)
        self.callee.setblocking(False)
        seen: dict[int, int] = {}
        sent = 0
        due = time.monotonic()
        ending = 0.0
        while not ending or time.monotonic() < ending:
            if not ending and time.monotonic() >= due:
                self.caller.sendto(rtp(sent), relay)
                sent += 1
                due += PACE
            self._collect(seen)
            if self.stop.is_set() and not ending:
                ending = time.monotonic() + 0.5
            time.sleep(0.002)
        self.result.put((sent, len(seen), sum(count - 1 for count in seen.values())))

    def _collect(self, seen: dict[int, int]) -> None:
        try:
            while True:
                data = self.callee.recv(65535)
                if len(data) == 172:
                    number = struct.unpack_from("!Q", data, 12)[0]
                    seen[number] = seen.get(number, 0) + 1
        except BlockingIOError:
            return

    def finish(self) -> str:
        """Ends the call; fails if a packet was lost or came twice. Returns what was seen, in words."""
        # What is watched over is sometimes over in no time; a call without packets would show nothing.
        time.sleep(max(0.0, self.began + LEAST_SECONDS - time.monotonic()))
        self.stop.set()
        sent, received, doubled = self.result.get()
        self.process.join()
        self.daemon.ng.delete(self.call_id)
        self.caller.close()
        self.callee.close()
        check(sent > 10, f"only {sent} packets were sent")
        check(received == sent and not doubled,
              f"of {sent} packets of a call that nobody attacked, {received} arrived, {doubled} of them twice")
        return f"{sent} packets of another call, none lost"
