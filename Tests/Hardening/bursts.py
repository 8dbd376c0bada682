"""More datagrams at once than a worker has receive buffers for."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from attacks import check_service, clear
from daemon import ADDRESS, Daemon, find
from media import WatchedCall, media_socket, rtp
from outcome import check

# Together three times as many datagrams as a worker has receive buffers.
CALLS = 200
# Fewer than the socket of one port keeps for a daemon that does not read.
PACKETS = 60


def burst(folder: Path, seconds: float, measures: bool) -> str:
    """The daemon is stopped while media arrives, so that all of it is there at once: every datagram is relayed."""
    with Daemon(folder, "--num-threads=1") as daemon:
        calls = []
        for number in range(CALLS):
            one, other = media_socket(), media_socket()
            relay, _ = daemon.ng.call(f"burst-{number}", one.getsockname(), other.getsockname())
            one.sendto(rtp(0), (ADDRESS, relay))
            other.settimeout(5)
            check(len(other.recv(2048)) == 172, "the first packet is another")
            calls.append((one, other, (ADDRESS, relay)))
        watched = WatchedCall(daemon)
        rounds = 3
        for _ in range(rounds):
            daemon.process.send_signal(signal.SIGSTOP)
            for one, _, relay in calls:
                for number in range(PACKETS):
                    one.sendto(rtp(number + 1), relay)
            daemon.process.send_signal(signal.SIGCONT)
            heard = sum(received(other) for _, other, _ in calls)
            check(heard == CALLS * PACKETS, f"of {CALLS * PACKETS} datagrams in a burst {heard} were relayed")
        # The ring hands out work in portions, so that there may be none; the unit tests have fewer buffers than datagrams.
        shortages = find(daemon.ask("stats"), "userspace")["bufferShortages"]
        text = watched.finish()
        check_service(daemon, 0)
        clear(daemon)
        daemon.settle()
        for one, other, _ in calls:
            one.close()
            other.close()
        daemon.check_no_flood(50)
    return f"{rounds} times {CALLS * PACKETS} datagrams at once, short of buffers {shortages} times, none lost; {text}"


def received(phone) -> int:
    """How many packets of a burst come in time."""
    count = 0
    deadline = time.monotonic() + 5
    while count < PACKETS and time.monotonic() < deadline:
        try:
            phone.recv(2048)
            count += 1
        except TimeoutError:
            break
    return count
