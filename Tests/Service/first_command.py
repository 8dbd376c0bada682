"""Scripts/run as a newcomer uses it: it builds, starts, answers a ping and an offer, and ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "Common"))
sys.dont_write_bytecode = True

from bencode import bencode  # noqa: E402

REPOSITORY = HERE.parents[1]
ADDRESS = f"127.67.{os.getpid() >> 8 & 0xFF}.{os.getpid() & 0xFF or 1}"
PORT = 2223
# A release build on a slow machine that does other things as well.
PATIENCE_SECONDS = 1200
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


def ask(number: int, command: dict[str, str]) -> bytes:
    """One request; nothing if nobody answers within a second."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        try:
            client.connect((ADDRESS, PORT))
            client.send(b"run_%d " % number + bencode(command))
            return client.recv(65535)
        except (TimeoutError, ConnectionRefusedError):
            return b""


def fail(text: str, log: Path) -> int:
    print(f"test-run: {text}\n{log.read_text(errors='replace')[-4000:]}")
    return 1


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="crosspoint-run-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            daemon = subprocess.Popen(
                [REPOSITORY / "Scripts" / "run", "-i", ADDRESS, "-n", f"{ADDRESS}:{PORT}", "--table=-1",
                 f"--control-socket={folder}/control.sock"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            return watch(daemon, log)
        finally:
            if daemon.poll() is None:
                daemon.kill()
                daemon.wait()


def watch(daemon: subprocess.Popen[bytes], log: Path) -> int:
    """From the start to the end of the daemon; 0 if all is well."""
    begun = time.monotonic()
    number = 0
    while b"4:pong" not in ask(number, {"command": "ping"}):
        number += 1
        if daemon.poll() is not None:
            return fail(f"Scripts/run ended with status {daemon.returncode}", log)
        if time.monotonic() - begun > PATIENCE_SECONDS:
            return fail(f"no answer after {PATIENCE_SECONDS} s", log)
        time.sleep(0.5)
    reply = ask(number + 1, {"command": "offer", "call-id": "first", "from-tag": "f", "sdp": SDP})
    if b"2:ok" not in reply or ADDRESS.encode() not in reply:
        return fail(f"the reply to an offer: {reply!r}", log)
    daemon.send_signal(signal.SIGTERM)
    try:
        status = daemon.wait(10)
    except subprocess.TimeoutExpired:
        return fail("it does not end", log)
    if status != 0:
        return fail(f"it ended with status {status}", log)
    print(f"test-run: built and answering after {time.monotonic() - begun:.0f} s, ended when told to")
    return 0


if __name__ == "__main__":
    sys.exit(main())
