"""The daemon under test: ours, or rtpengine as the measure of it (`LAB_DAEMON=rtpengine`)."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

from engine import engine_options
from network import EDGE_PRIVATE, EDGE_PRIVATE6, EDGE_PUBLIC, EDGE_PUBLIC6, Network
from ng import NGClient
from outcome import Failure, Skip, check, wait_until
from processes import Process

FIRST_PORT, LAST_PORT = 30000, 30999
RELAY_PORTS = range(FIRST_PORT, LAST_PORT + 1)
REPOSITORY = Path(__file__).resolve().parents[2]


def daemon_command() -> list[str]:
    """`LAB_DAEMON`, or the newest crosspointd that `swift build` has made here."""
    given = os.environ.get("LAB_DAEMON")
    if given:
        program, *options = shlex.split(given)
        # It runs in another folder than this one.
        return [str(Path(program).resolve()) if "/" in program else program, *options]
    built = [path for path in (bin_path("release"), bin_path("debug")) if path and path.exists()]
    if not built:
        raise Skip("crosspointd is not built (swift build), and LAB_DAEMON names no other daemon")
    return [str(max(built, key=lambda path: path.stat().st_mtime))]


def bin_path(configuration: str) -> Path | None:
    """Where `swift build` puts crosspointd."""
    usual = REPOSITORY / ".build" / configuration / "crosspointd"
    if usual.exists() or shutil.which("swift") is None:
        return usual
    shown = subprocess.run(["swift", "build", "-c", configuration, "--show-bin-path"], cwd=REPOSITORY,
                           capture_output=True, text=True)
    return Path(shown.stdout.strip()) / "crosspointd" if shown.returncode == 0 else None


class Daemon:
    """One run of the daemon in the edge."""

    def __init__(self, network: Network, command: list[str], log: Path) -> None:
        self.network = network
        self.command = command
        self.log = log
        self.process: Process | None = None
        self.ng = NGClient(network)

    @property
    def is_ours(self) -> bool:
        """False for rtpengine, which has no kernel path of our kind."""
        return "rtpengine" not in Path(self.command[0]).name

    def options(self, table: int, public: str = EDGE_PUBLIC) -> list[str]:
        """The options an operator would give; `public` is the advertised address."""
        return ["-i", f"pub/{EDGE_PUBLIC}!{public}", "-i", f"pub/{EDGE_PUBLIC6}", "-i", f"priv/{EDGE_PRIVATE}",
                "-i", f"priv/{EDGE_PRIVATE6}", "-n", "127.0.0.1:2223", "-m", str(FIRST_PORT), "-M", str(LAST_PORT),
                f"--table={table}", "-f", "-E", "-L", "7", "--config-file=none", "--delete-delay=0"]

    def launch(self, table: int, *extra: str, wrapper: list[str] | None = None, public: str = EDGE_PUBLIC) -> None:
        """Starts it without waiting."""
        engine = engine_options() if self.is_ours else []
        command = [*(wrapper or []), *self.command, *self.options(table, public), *engine, *extra]
        self.process = Process(self.network, "edge", command, self.log)

    def start(self, table: int, *extra: str, wrapper: list[str] | None = None, public: str = EDGE_PUBLIC) -> None:
        """Starts it and waits for its first pong."""
        self.launch(table, *extra, wrapper=wrapper, public=public)
        wait_until(lambda: self.ng.answers() or not self.running.is_running, "the daemon does not answer a ping", 10)
        check(self.running.is_running, f"the daemon ended at start: {self.running.last_line()}")

    @property
    def running(self) -> Process:
        if self.process is None:
            raise Failure("the daemon was not started")
        return self.process

    def says(self, pattern: str, seconds: float = 3.0) -> None:
        """Some log line matches, upper or lower case."""
        wait_until(lambda: re.search(pattern, self.running.log_text(), re.IGNORECASE),
                   f"no log line matches {pattern!r}", seconds)

    def has_no_relay_ports(self) -> bool:
        """Whether no relay port is open in the edge."""
        return not self.network.bound_udp_ports("edge").intersection(RELAY_PORTS)

    def stop(self) -> int:
        """SIGTERM and the exit status."""
        if self.process is None:
            return 0
        status = self.process.stop()
        self.process = None
        return status
