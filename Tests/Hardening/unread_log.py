"""A log that nobody reads."""

from __future__ import annotations

import fcntl
import os
import threading
import time
import urllib.request
from pathlib import Path

from attacks import check_service
from daemon import ADDRESS, Daemon
from media import WatchedCall
from outcome import check

HTTP_PORT = 2281
LOST = "log messages were lost"


def unread_log(folder: Path, seconds: float, measures: bool) -> str:
    """Standard error is a pipe that nobody reads: calls go on, the daemon ends in time, and what was lost is counted."""
    reads, writes = os.pipe()
    with Daemon(folder, f"--listen-http={ADDRESS}:{HTTP_PORT}", level=7, errors=writes) as daemon:
        os.close(writes)
        watched = WatchedCall(daemon)
        memory = daemon.resident
        # Each call leaves some thousands of octets at this level; the pipe takes 64 KiB, the daemon keeps two mebibytes.
        count = 0
        while count < 4000 and (count < 200 or count % 20 or lost(daemon) < 100):
            daemon.ng.call(f"wordy-{count}", (ADDRESS, 4000), (ADDRESS, 5000))
            daemon.ng.delete(f"wordy-{count}")
            count += 1
        check(lost(daemon) >= 100, f"only {lost(daemon)} log messages were lost after {count} calls")
        check_service(daemon, 0)
        check(daemon.ng.slowest < 2, f"a reply took {daemon.ng.slowest:.1f} s")
        check(not measures or daemon.resident - memory < 64 << 20, "its memory grew")
        text = watched.finish()
        # Once it is read again, it goes on, and says what is missing.
        read = Reader(reads)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and LOST not in read.text():
            daemon.ng.request("ping")
            time.sleep(0.05)
        check(LOST in read.text(), "the log does not say that it is not whole")
        read.pause()
        for number in range(400):
            daemon.ng.call(f"more-{number}", (ADDRESS, 4000), (ADDRESS, 5000))
        took = daemon.end(seconds=10)
        check(took < 2 or not measures, f"with a log that nobody reads it took {took:.1f} s to end")
    return f"{count} calls with a full pipe, slowest reply {daemon.ng.slowest * 1000:.0f} ms; ended in {took:.1f} s; {text}"


def lost(daemon: Daemon) -> int:
    """What the metrics say."""
    with urllib.request.urlopen(f"http://{ADDRESS}:{HTTP_PORT}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("crosspoint_lost_log_messages_total "):
                return int(float(line.split()[1]))
    return 0


class Reader:
    """Reads a pipe until it is told to pause."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.pieces: list[bytes] = []
        self.isPaused = False
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_NONBLOCK)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.isPaused:
            try:
                self.pieces.append(os.read(self.descriptor, 65536))
            except BlockingIOError:
                time.sleep(0.01)

    def text(self) -> str:
        """What was read."""
        return b"".join(self.pieces).decode(errors="replace")

    def pause(self) -> None:
        """From now on nobody reads."""
        self.isPaused = True
        self.thread.join()
