"""Phones: SIPp speaks SIP, an `Endpoint` at the media port of its SDP speaks numbered RTP.

The endpoint obeys the SDP that SIPp sends and receives: it talks as soon as both sides have described themselves,
moves when a new SDP names another address, and is silent while the other side does not want to hear it.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import sdp
import sipp
from network import Network
from outcome import Failure, check, wait_until
from processes import Process
from rtp import Endpoint

MESSAGE = re.compile(r"^-{20,} .*\n(?:UDP|TCP) message (sent|received)[^\n]*\n\n", re.MULTILINE)


@dataclass(frozen=True)
class Message:
    """One SIP message as SIPp logged it."""

    is_received: bool
    text: str

    @property
    def first_line(self) -> str:
        return self.text.split("\n", 1)[0].strip()

    @property
    def media(self) -> sdp.Media | None:
        """The first media section of the body."""
        head, _, body = self.text.replace("\r\n", "\n").partition("\n\n")
        return sdp.first_media(body) if "application/sdp" in head else None

    def header(self, name: str) -> str:
        """The value of a header; empty without it."""
        found = re.search(rf"^{name}:\s*(.*?)\s*$", self.text, re.MULTILINE | re.IGNORECASE)
        return found.group(1) if found else ""


@dataclass(frozen=True)
class Phone:
    """A place to call from: a host, its address, its SIP port, its user, the proxy it uses."""

    host: str
    address: str
    user: str
    proxy: str
    port: int = 5062


class Call:
    """One SIPp run, that is one call seen from one phone."""

    def __init__(self, network: Network, phone: Phone, steps: list[str], call_id: str | None, folder: Path,
                 media: Endpoint | None = None, rate: int = 50) -> None:
        self.network, self.phone, self.media, self.rate = network, phone, media, rate
        name = f"{phone.host}-{time.monotonic_ns() // 1000000}"
        self._file = folder / f"{name}.messages"
        scenario = folder / f"{name}.xml"
        scenario.write_text(sipp.document(name, steps))
        command = ["sipp", phone.proxy, "-sf", str(scenario), "-s", phone.user, "-i", phone.address,
                   "-p", str(phone.port), "-m", "1", "-nostdin", "-timeout", "60", "-timeout_error",
                   "-trace_msg", "-message_file", str(self._file), "-trace_err", "-error_file",
                   str(folder / f"{name}.errors")]
        if call_id is not None:
            command += ["-cid_str", call_id]
        self._errors = folder / f"{name}.errors"
        self.process = Process(network, phone.host, command, folder / f"{name}.log")
        self.messages: list[Message] = []
        self._gos = 0
        self._local: sdp.Media | None = None
        self._remote: sdp.Media | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._follower = threading.Thread(target=self._follow, daemon=True)
        self._follower.start()

    def close(self) -> None:
        """Ends SIPp if it still runs."""
        self._over.set()
        self._follower.join(2)
        self.process.kill()

    # What happened

    def _follow(self) -> None:
        while not self._over.wait(0.01):
            self._read()

    def _read(self) -> None:
        """Takes in what SIPp has logged since, and lets the media endpoint obey it."""
        with self._lock:
            if not self._file.exists():
                return
            text = self._file.read_bytes().decode(errors="replace")
            parts = MESSAGE.split(text)
            found = [Message(kind == "received", body) for kind, body in zip(parts[1::2], parts[2::2])]
            for message in found[len(self.messages):]:
                # A message still being written lacks its end; it is read again next time.
                if not message.text.endswith("\n"):
                    break
                self.messages.append(message)
                self._obey(message)

    def _obey(self, message: Message) -> None:
        media = message.media
        if media is None or self.media is None:
            return
        if not message.is_received:
            self._local = media
        else:
            self._remote = media
            if media.wants_media:
                self.media.target, self.media.rtcp_target = media.target, media.rtcp_target
            self.media.muted = not media.wants_media
        if self._local is not None and self._remote is not None and self.rate:
            self.media.start(self.rate)

    @property
    def remote_media(self) -> sdp.Media:
        """The last SDP received."""
        check(self._remote is not None, f"{self.phone.host} has received no SDP")
        assert self._remote is not None
        return self._remote

    def count(self, begin: str, received: bool = True) -> int:
        """How many messages whose first line begins so came (or were sent)."""
        return sum(1 for message in list(self.messages)
                   if message.is_received == received and message.first_line.startswith(begin))

    def wait_for(self, begin: str, times: int = 1, received: bool = True, seconds: float = 8.0) -> None:
        """Waits until that many messages have come (or were sent) whose first line begins so."""
        def seen() -> bool:
            if self.count(begin, received) >= times:
                return True
            if not self.process.is_running:
                self._read()
                if self.count(begin, received) < times:
                    raise Failure(f"SIPp of {self.phone.host} ended before '{begin}': {self.trouble()}")
            return False
        verb = "received" if received else "sent"
        wait_until(seen, f"{self.phone.host} has not {verb} '{begin}' {times} times", seconds)

    def trouble(self) -> str:
        """SIPp's own words about what went wrong."""
        text = self._errors.read_text(errors="replace").strip() if self._errors.exists() else ""
        return " ".join(text.split())[:400] or self.process.last_line()

    # Going on

    def go(self) -> None:
        """Lets the phone take the step after its next `sipp.go()`.

        The signal is a SIP request inside the call, put together from the last real message, so that SIPp's
        `[last_...]` headers stay what they were.
        """
        self._read()
        last = next((m for m in reversed(self.messages) if m.is_received and not m.first_line.startswith("GO ")), None)
        check(last is not None, f"{self.phone.host} is in no call yet")
        assert last is not None
        self._gos += 1
        head = last.text.replace("\r\n", "\n").partition("\n\n")[0].split("\n")[1:]
        head = [line for line in head if not line.lower().startswith("content-")]
        lines = ["GO sip:lab SIP/2.0", *head, f"Go: {self._gos}", "Content-Length: 0", "", ""]
        data = "\r\n".join(lines).encode()
        family = socket.AF_INET6 if ":" in self.phone.address else socket.AF_INET
        with self.network.inside(self.phone.host):
            sender = socket.socket(family, socket.SOCK_DGRAM)
        with sender:
            sender.sendto(data, (self.phone.address, self.phone.port))

    def finish(self, seconds: float = 8.0) -> None:
        """Waits for SIPp to end well."""
        status = self.process.wait(seconds)
        self._over.set()
        self._follower.join(2)
        check(status == 0, f"SIPp of {self.phone.host} ended with {status}: {self.trouble()}")
