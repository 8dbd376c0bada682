"""How the daemon starts where io_uring is forbidden, and what it says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from attacks import check_service
from daemon import ADDRESS, Daemon
from media import media_socket
from outcome import Failure, check, wait_until

FALLBACK = "epoll instead of io_uring"


def uses_io_uring(daemon: Daemon) -> bool:
    """Whether the process has an io_uring, whatever it says of itself."""
    folder = f"/proc/{daemon.process.pid}/fd"
    return any("io_uring" in kind(f"{folder}/{name}") for name in os.listdir(folder))


def kind(descriptor: str) -> str:
    """What a descriptor is; nothing if it has gone since it was listed, as that of an answered client does."""
    try:
        return os.readlink(descriptor)
    except FileNotFoundError:
        return ""


def check_epoll(daemon: Daemon, number: int = 1) -> None:
    """It relays by epoll, shows so, and an io_uring is nowhere."""
    check(daemon.ask("stats")["stats"]["userspace"]["engine"] == "epoll", "stats name another engine")
    if os.access(f"/proc/{daemon.process.pid}/fd", os.R_OK):
        check(not uses_io_uring(daemon), "the daemon has an io_uring all the same")
    check_service(daemon, number)
    one, other = media_socket(), media_socket()
    daemon.ng.call("shown", one.getsockname(), other.getsockname())
    flows: list[dict[str, Any]] = daemon.ask("flows")["flows"]
    check(bool(flows) and all(flow["engine"] == "epoll" for flow in flows), f"flows name another engine: {flows}")
    daemon.ng.delete("shown")
    one.close()
    other.close()


def lines_with(daemon: Daemon, text: str) -> list[str]:
    """Lines of the log that have a text."""
    return [line for line in daemon.lines() if text in line]


def chosen_by_itself(folder: Path) -> str:
    """Without an option it relays by epoll, and one line of the log says why and what to do."""
    pid_file = folder / "pid"
    with Daemon(folder, f"--pidfile={pid_file}", level=6) as daemon:
        check_epoll(daemon)
        told = lines_with(daemon, FALLBACK)
        check(len(told) == 1 and "seccomp" in told[0] and "Docs/containers.md" in told[0], f"the log says {told}")
        wait_until(pid_file.exists, "there is no pid file", 5)
        check(pid_file.read_text().strip() == str(daemon.process.pid), "the pid file has another number")
    return "epoll, and the log says why"


def forced(folder: Path) -> str:
    """--userspace-engine=io_uring ends at start; =epoll runs and complains of nothing."""
    daemon = Daemon(folder, "--userspace-engine=io_uring", name="io_uring", level=6)
    try:
        status = daemon.process.wait(10)
    except subprocess.TimeoutExpired:
        daemon.process.kill()
        raise Failure("it started with --userspace-engine=io_uring") from None
    daemon.ng.close()
    told = lines_with(daemon, "does not start: --userspace-engine=io_uring")
    check(status == 1 and len(told) == 1 and "seccomp" in told[0], f"status {status}: {daemon.last_lines()}")
    with Daemon(folder, "--userspace-engine=epoll", name="epoll", level=6) as daemon:
        check_epoll(daemon)
        check(not lines_with(daemon, FALLBACK), "it warns of what was asked for")
    return "io_uring is refused at start, epoll is obeyed"


def hidden(folder: Path) -> str:
    """The same where the calls seem not to exist."""
    with Daemon(folder, level=6) as daemon:
        check_epoll(daemon)
        told = lines_with(daemon, FALLBACK)
        check(len(told) == 1 and "no io_uring" in told[0], f"the log says {told}")
    return "epoll, and the log says why"


def entering_denied(folder: Path) -> str:
    """Only io_uring_enter is forbidden: a ring can be made, and would never move a packet."""
    with Daemon(folder, level=6) as daemon:
        check_epoll(daemon)
        told = lines_with(daemon, "submitting to an io_uring")
        check(len(told) == 1, f"the log says {told}")
    return "found out before any call"


def table_asked_for(folder: Path) -> str:
    """The kernel path is asked for and cannot work: said in the log, calls run in userspace."""
    with Daemon(folder, "--table=0", level=6) as daemon:
        check_epoll(daemon)
        told = lines_with(daemon, "all media stays in userspace")
        check(len(told) == 1 and f"{ADDRESS}" not in told[0], f"the log says {told}")
    return "missing privileges are said, calls run"


hidden.options = ["--errno=ENOSYS"]
entering_denied.options = ["--deny=enter"]
