"""Processes in namespaces: each has a log file, each is ended by us, and only by its own id."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from pathlib import Path

from network import Network
from outcome import Failure

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Runs in the child: should the laboratory be killed outright, its children go too."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """One started program with its output in a file."""

    def __init__(self, network: Network, host: str, command: list[str], log: Path) -> None:
        self.command = command
        self.log = log
        with open(log, "ab") as output:
            self.child = subprocess.Popen(
                ["ip", "netns", "exec", network.name(host), *command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=die_with_parent, cwd=log.parent)

    @property
    def pid(self) -> int:
        """`ip netns exec` becomes the program, so this is the program's own id."""
        return self.child.pid

    @property
    def is_running(self) -> bool:
        return self.child.poll() is None

    def signal(self, number: int) -> None:
        """Signals the program alone, not its children."""
        if self.is_running:
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> int:
        """The exit status; fails if the program still runs after `seconds`."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.command[0]} still runs after {seconds:g} s: {self.last_line()}") from None

    def stop(self, seconds: float = 3.0) -> int:
        """SIGTERM, then SIGKILL for the whole process group; returns the exit status."""
        self.signal(signal.SIGTERM)
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        self.kill()
        return self.child.wait()

    def kill(self) -> None:
        """SIGKILL for the program and the children of its session."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.child.wait()

    def log_text(self) -> str:
        """Everything the program has written so far."""
        return self.log.read_text(errors="replace")

    def last_line(self) -> str:
        """The last thing the program said, for failure texts."""
        lines = [line for line in self.log_text().splitlines() if line.strip()]
        return lines[-1][-300:] if lines else "it wrote nothing"
