"""crosspointd, and rtpengine beside it, on addresses of loopback that nobody else uses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from bencode import bdecode as decode, bencode as encode

REPOSITORY = Path(__file__).resolve().parents[2]
NG, TCP, HTTP, CLI = 2223, 2224, 2280, 9900


class Failure(Exception):
    """Something is not as it has to be."""


def check(condition: bool, otherwise: str) -> None:
    """Fails with words unless the condition holds."""
    if not condition:
        raise Failure(otherwise)


def program() -> str:
    """`CLIENTS_DAEMON`, or the debug build."""
    path = Path(os.environ.get("CLIENTS_DAEMON") or REPOSITORY / ".build" / "debug" / "crosspointd")
    check(path.exists(), f"there is no {path}: swift build makes it, or CLIENTS_DAEMON names another")
    return str(path.resolve())


def audio(address: str, port: int) -> str:
    """An SDP with one audio section."""
    return (f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n")


class Relay:
    """One run of a relay that speaks NG and has a command line interface."""

    number = 1

    def __init__(self, folder: Path, command: list[str], *options: str) -> None:
        self.address = f"127.67.{os.getpid() >> 8 & 0xFF}.{self.number}"
        self.log = folder / f"{Path(command[0]).name}.log"
        command = [*command, "-i", self.address, "-n", f"{self.address}:{NG}", "-c", f"{self.address}:{CLI}",
                   "--table=-1", "-m", "30000", "-M", "30099", "-f", "-E", "-L", "6", "--config-file=none",
                   "--delete-delay=0", f"--listen-http={self.address}:{HTTP}", *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.ng = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ng.settimeout(1)
        self.cookies = 0

    def __enter__(self) -> "Relay":
        deadline = time.monotonic() + 20
        while True:
            try:
                if self.request(command="ping")["result"] == "pong":
                    return self
            except OSError:
                check(self.process.poll() is None, f"it does not start: {self.log.read_text()[-500:]}")
                check(time.monotonic() < deadline, "no ping is answered")
                time.sleep(0.05)

    def __exit__(self, kind: type | None, *_: object) -> None:
        self.ng.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure("it does not end") from None
        check(kind is not None or status == 0, f"it ended with status {status}: {self.log.read_text()[-500:]}")

    def request(self, **keys: Any) -> dict[str, Any]:
        """One NG request over UDP; `from_tag` becomes `from-tag`."""
        self.cookies += 1
        cookie = b"%d_%d" % (os.getpid(), self.cookies)
        body = {key.replace("_", "-"): value for key, value in keys.items()}
        self.ng.sendto(cookie + b" " + encode(body), (self.address, NG))
        while True:
            data = self.ng.recv(65535)
            if data.startswith(cookie + b" "):
                return decode(data[len(cookie) + 1:])

    def call(self, call_id: str) -> None:
        """Sets up a call."""
        for extra in ({"command": "offer"}, {"command": "answer", "to_tag": "tt"}):
            reply = self.request(call_id=call_id, from_tag="ft", sdp=audio("127.0.0.1", 4000), **extra)
            check(reply["result"] == "ok", f"{extra['command']}: {reply}")

    def cli(self, line: str) -> str:
        """What the command line interface answers."""
        with socket.create_connection((self.address, CLI), 5) as client:
            client.sendall(line.encode() + b"\n")
            parts = []
            while part := client.recv(65536):
                parts.append(part)
        return b"".join(parts).decode()


class Crosspoint(Relay):
    """crosspointd with everything that listens over TCP."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, [program()], "--control-socket=none", "-N", f"127.67.{os.getpid() >> 8 & 0xFF}.1:{TCP}")

    @property
    def url(self) -> str:
        """Where it serves HTTP."""
        return f"http://{self.address}:{HTTP}"


class Rtpengine(Relay):
    """Debian's rtpengine."""

    number = 2

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ["rtpengine"])
