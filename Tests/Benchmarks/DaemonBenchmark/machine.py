"""Namespaces and processes of a run: each carries our process id in its name, each is taken away at the end."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

PR_SET_PDEATHSIG = 1
CPU_CLOCK_OF_PROCESS = 2
libc = ctypes.CDLL(None, use_errno=True)


class Trouble(Exception):
    """The run cannot go on; the text says why."""


def run(*command: str, stdin: str | None = None, seconds: float = 120) -> str:
    """Runs a command to its end and returns what it printed."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=seconds,
                          preexec_fn=die_with_parent)
    if done.returncode != 0:
        raise Trouble(f"{' '.join(command)[:200]}: {(done.stderr or done.stdout).strip()[-800:]}")
    return done.stdout


def die_with_parent() -> None:
    """Runs in the child: should the benchmark be killed outright, its children go too."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def raise_descriptor_limit() -> None:
    """To four sockets for each of 20,000 calls and some, or to what we are allowed."""
    wanted = 100_000
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    except (ValueError, PermissionError):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def most_calls(sockets: int) -> int:
    """The most calls of so many sockets each that one relay has descriptors for."""
    return (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 500) // sockets


class Namespace:
    """A network namespace with its loopback up."""

    def __init__(self, name: str) -> None:
        self.name = f"xpbench{os.getpid()}-{name}"
        run("ip", "netns", "add", self.name)
        self.ip("link set lo up")

    def ip(self, *commands: str) -> None:
        """Commands of ip(8), one a string, at once."""
        run("ip", "-n", self.name, "-batch", "-", stdin="\n".join(commands) + "\n")

    def inside(self, *command: str) -> list[str]:
        """The command line that runs a command inside."""
        return ["ip", "netns", "exec", self.name, *command]

    def run(self, *command: str, stdin: str | None = None) -> str:
        """As `run`, inside."""
        return run(*self.inside(*command), stdin=stdin)

    def hardware_address(self, device: str) -> str:
        """The MAC address of a device inside."""
        return self.run("cat", f"/sys/class/net/{device}/address").strip()

    def remove(self) -> None:
        """Takes it away, and the cables that end in it."""
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)


class Process:
    """A program in the background, with its output in a file."""

    def __init__(self, command: list[str], log: Path) -> None:
        self.log = log
        with open(log, "ab") as output:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                          start_new_session=True, preexec_fn=die_with_parent)

    @property
    def pid(self) -> int:
        """`ip netns exec` becomes the program, so this is the program's own id."""
        return self.child.pid

    def cpu_seconds(self) -> float:
        """User and system time of all its threads, ended ones and the kernel's io workers included."""
        return time.clock_gettime((~self.pid << 3) | CPU_CLOCK_OF_PROCESS)

    def resident_bytes(self) -> int:
        """Memory in RAM that is its own, shared pages by their part (PSS)."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        raise Trouble("smaps_rollup has no Pss")

    def is_running(self) -> bool:
        return self.child.poll() is None

    def last_lines(self) -> str:
        """The end of what it wrote."""
        return self.log.read_text(errors="replace").strip()[-500:]

    def stop(self) -> None:
        """SIGTERM, and SIGKILL if that is not enough."""
        if self.is_running():
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
        self.child.wait()


class Stage:
    """What a benchmark makes; leaving the `with` block ends and removes all of it, the youngest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[Namespace | Process] = []

    def namespace(self, name: str) -> Namespace:
        made = Namespace(name)
        self.made.append(made)
        return made

    def process(self, command: list[str], name: str) -> Process:
        made = Process(command, self.folder / f"{name}.log")
        self.made.append(made)
        return made

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 trace: TracebackType | None) -> None:
        for made in reversed(self.made):
            if isinstance(made, Process):
                made.stop()
            else:
                made.remove()
        self.made.clear()
