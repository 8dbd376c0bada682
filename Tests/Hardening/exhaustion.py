"""What happens when ports, descriptors or patience run out, and whether everything comes back."""

from __future__ import annotations

import resource
import signal
import time
from pathlib import Path

from attacks import MEBI, check_service, clear
from daemon import ADDRESS, Daemon
from media import WatchedCall
from ng import NGClient, sdp
from outcome import check, wait_until

OUT_OF_PORTS = "Ran out of ports"


def ports_exhausted(folder: Path, seconds: float, measures: bool) -> str:
    """Fewer ports than calls: the exact error, nothing half done, and service after deletes."""
    with Daemon(folder, first=30000, last=30019) as daemon:
        for _ in range(3):
            set_up = fill(daemon, 30)
            check(set_up == 5, f"{set_up} calls fit ten pairs of ports, 5 expected")
            clear(daemon)
            daemon.settle()
        copies = fill_with_copies(daemon)
        set_up = fill(daemon, 30)
        check(set_up == 5, f"after subscriptions {set_up} calls fit ten pairs of ports, 5 expected")
        clear(daemon)
        daemon.settle()
        daemon.check_no_flood(150)
        return f"10 pairs: 5 calls, then the error, then 5 calls again; {copies} subscribers of a call, then the error"


def fill_with_copies(daemon: Daemon) -> int:
    """Subscribes to a call until no port is left: the call goes on, and all ports come back. Returns how many fit."""
    watched = WatchedCall(daemon)
    fitted = 0
    for number in range(12):
        reply = daemon.ng.request("subscribe request", call_id="watched", from_tag="f", to_tag=f"s{number}")
        if reply["result"] == "ok":
            fitted += 1
        else:
            check(reply.get("error-reason") == OUT_OF_PORTS, f"another error than expected: {reply}")
    check(fitted == 8, f"{fitted} subscribers fit eight pairs of ports")
    for number in range(fitted):
        daemon.ng.ok("unsubscribe", call_id="watched", to_tag=f"s{number}")
    daemon.settle(4)
    watched.finish()
    daemon.settle()
    return fitted


def fill(daemon: Daemon, attempts: int) -> int:
    """Offers calls, some until none fits; returns how many did, and fails on any other error."""
    count = 0
    for number in range(attempts):
        reply = daemon.ng.request("offer", call_id=f"fill-{number}", from_tag="f", sdp=sdp(ADDRESS, 4000))
        if reply["result"] == "ok":
            count += 1
        else:
            check(reply.get("error-reason") == OUT_OF_PORTS, f"another error than expected: {reply}")
    return count


def descriptors_exhausted(folder: Path, seconds: float, measures: bool) -> str:
    """A small limit of open files: it says so at start or in the refusal, and recovers."""
    counts = []
    with Daemon(folder, open_files=400) as daemon:
        for _ in range(3):
            counts.append(fill(daemon, 120))
            check(0 < counts[-1] < 120, f"{counts[-1]} calls with 400 descriptors")
            clear(daemon)
            daemon.settle()
            check_service(daemon, len(counts))
        check(min(counts) == max(counts), f"calls that fit in three rounds: {counts}")
        check(any("limit of open files" in line for line in daemon.lines()), "the log does not name the limit")
        daemon.check_no_flood(200)
    return f"{counts[0]} calls fit, three times"


def signals_under_load(folder: Path, seconds: float, measures: bool) -> str:
    """SIGTERM and SIGINT with 1,000 calls up."""
    times = []
    # Four relay ports each.
    calls = min(1000, (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 600) // 4)
    for number, name in ((signal.SIGTERM, "term"), (signal.SIGINT, "int")):
        with Daemon(folder, name=name) as daemon:
            for call in range(calls):
                daemon.ng.call(f"c{call}", (ADDRESS, 4000), (ADDRESS, 5000))
            times.append(daemon.end(number, 10 if measures else 60))
    return f"{calls} calls: ended in {times[0]:.1f} s and {times[1]:.1f} s"


def cycles_leave_nothing(folder: Path, seconds: float, measures: bool) -> str:
    """Thousands of calls that come and go: ports, descriptors and memory as before."""
    with Daemon(folder) as daemon:
        cycle(daemon, 300)
        files, memory, daemon.ng.reply_octets = daemon.descriptors, daemon.resident, 0
        count = 0
        deadline = time.monotonic() + seconds
        while count < 1500 or time.monotonic() < deadline:
            cycle(daemon, 100)
            count += 100
        daemon.settle()
        wait_until(lambda: daemon.descriptors <= files, f"more than the {files} descriptors before {count} calls", 5)
        # Replies are kept for repeats; everything else has to be as it was.
        kept = min(2 * daemon.ng.reply_octets, 256 * MEBI)
        grown = daemon.resident - memory
        check(not measures or grown < kept + 16 * MEBI, f"memory grew by {grown // 1024} KiB over {count} calls")
        check_service(daemon, 0)
        daemon.check_no_flood(20)
        return f"{count} calls, memory grew by {grown // 1024} KiB, {kept // 1024} KiB of them replies kept for repeats"


def cycle(daemon: Daemon, count: int) -> None:
    """Calls set up and ended."""
    for number in range(count):
        daemon.ng.call(f"cycle-{number}", (ADDRESS, 4000), (ADDRESS, 5000))
        daemon.ng.delete(f"cycle-{number}")


def shared_ports(folder: Path, seconds: float, measures: bool) -> str:
    """Two daemons over the same ports of the same address: calls find other ports, or get the error."""
    with Daemon(folder, first=30000, last=30059) as one, \
            Daemon(folder, name="second", port=2224, first=30000, last=30059) as other:
        counts = [0, 0]
        for number in range(40):
            for index, daemon in enumerate((one, other)):
                reply = daemon.ng.request("offer", call_id=f"s{number}", from_tag="f", sdp=sdp(ADDRESS, 4000))
                counts[index] += reply["result"] == "ok"
                check(reply["result"] == "ok" or reply.get("error-reason") == OUT_OF_PORTS, f"another error: {reply}")
        check(sum(counts) == 15, f"{counts} calls share 30 pairs of ports, 15 expected")
        for daemon in (one, other):
            clear(daemon)
            daemon.settle()
            check_service(daemon, 0)
        return f"{counts[0]} and {counts[1]} calls shared 30 pairs"
