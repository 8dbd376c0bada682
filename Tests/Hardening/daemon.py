"""The daemon under test, on an address of loopback that nobody else uses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from engine import engine_options
from ng import NGClient
from outcome import Failure, check, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
# Every run has an address of its own, so that runs on one machine do not meet.
ADDRESS = f"127.66.{os.getpid() >> 8 & 0xFF}.{os.getpid() & 0xFF or 1}"
NG_PORT = 2223
ALARMS = ("Fatal error", "AddressSanitizer", "ThreadSanitizer", "LeakSanitizer", "Precondition", "Crash")


def program() -> str:
    """`HARDENING_DAEMON`, or the debug build."""
    given = os.environ.get("HARDENING_DAEMON")
    path = Path(given) if given else REPOSITORY / ".build" / "debug" / "crosspointd"
    check(path.exists(), f"there is no {path}: swift build makes it, or HARDENING_DAEMON names another")
    return str(path.resolve())


class Daemon:
    """One run of crosspointd in userspace."""

    def __init__(self, folder: Path, *options: str, name: str = "daemon", port: int = NG_PORT, level: int = 5,
                 open_files: int | None = None, first: int = 30000, last: int = 39999,
                 config: Path | str = "none", errors: int | None = None) -> None:
        self.log = folder / f"{name}.log"
        self.control = folder / f"{name}.sock"
        command = [program(), "-i", ADDRESS, "-n", f"{ADDRESS}:{port}", "--table=-1", "-m", str(first), "-M", str(last),
                   "-f", "-E", "-L", str(level), f"--config-file={config}", "--delete-delay=0",
                   f"--control-socket={self.control}", *engine_options(), *options]
        if open_files:
            command = ["sh", "-c", f'ulimit -n {open_files}; exec "$@"', "sh", *command]
        environment = {"SWIFT_BACKTRACE": "enable=no"} | os.environ
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log if errors is None else errors, env=environment)
        self.ng = NGClient((ADDRESS, port))

    def start(self) -> "Daemon":
        """Waits for the first pong."""
        wait_until(lambda: self.ng.answers(0.2) or self.process.poll() is not None, "no ping is answered", 20)
        # The control socket is the last of the ways in to open.
        wait_until(lambda: self.control.exists() or self.process.poll() is not None, "there is no control socket", 5)
        self.check_alive()
        return self

    def __enter__(self) -> "Daemon":
        return self.start()

    def __exit__(self, kind: type | None, *_: object) -> None:
        try:
            if kind is None:
                self.end()
        finally:
            self.ng.close()
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 10) -> float:
        """Ends it by a signal; fails unless it leaves in time with status 0. Returns how long that took."""
        started = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"it did not end within {seconds:g} s of {number.name}") from None
        check(status == 0, f"it ended with status {status}: {self.last_lines()}")
        self.check_log()
        return time.monotonic() - started

    def check_alive(self) -> None:
        """Fails if the process has ended."""
        check(self.process.poll() is None, f"it ended by itself ({self.process.poll()}): {self.last_lines()}")

    # What it uses

    @property
    def resident(self) -> int:
        """Octets of memory in use."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise Failure(f"it has ended: {self.last_lines()}")

    @property
    def descriptors(self) -> int:
        """Open descriptors."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    # Its control socket

    def connect(self) -> socket.socket:
        """A client of the control socket."""
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.settimeout(10)
        client.connect(str(self.control))
        return client

    def ask(self, command: str) -> dict[str, Any]:
        """Asks as crosspointctl does."""
        with self.connect() as client:
            client.sendall(json.dumps({"command": command}).encode() + b"\n")
            with client.makefile() as lines:
                return json.loads(lines.readline())

    def open_ports(self) -> int:
        """Relay ports that are open by its own account."""
        return find(self.ask("stats"), "ports")["open"]

    # Its log

    def lines(self) -> list[str]:
        """The log."""
        return self.log.read_text(errors="replace").splitlines()

    def last_lines(self) -> str:
        """The end of the log."""
        return " | ".join(self.lines()[-12:])

    def check_log(self) -> None:
        """Fails if a crash or a sanitizer's report is in the log."""
        for line in self.lines():
            check(not any(alarm in line for alarm in ALARMS), f"in its log: {line}")

    def check_no_flood(self, most: int) -> None:
        """Fails if the log has more than `most` lines, naming the commonest."""
        lines = self.lines()
        check(len(lines) <= most, f"{len(lines)} lines in the log, {most} expected at most, such as: {lines[len(lines) // 2]}")

    def settle(self, ports: int = 0, seconds: float = 10) -> None:
        """Waits until so many relay ports are open: closing takes the workers a moment."""
        wait_until(lambda: self.open_ports() <= ports, f"relay ports are still open, {ports} expected", seconds)


def find(value: Any, key: str) -> Any:
    """The first dictionary under a key, however deep."""
    if isinstance(value, dict):
        if key in value and isinstance(value[key], dict):
            return value[key]
        for item in value.values():
            if (found := find(item, key)) is not None:
                return found
    return None
