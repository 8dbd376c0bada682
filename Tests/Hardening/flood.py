"""A gigabit of garbage to one relay port while other calls go on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from attacks import check_service, clear
from daemon import ADDRESS, Daemon
from media import WatchedCall, media_socket
from outcome import check

MEGABITS = 1000
WATCHED = 4


def garbage_flood(folder: Path, seconds: float, measures: bool) -> str:
    """Noise from strangers at the port of one call: calls beside it, on every worker, lose nothing."""
    flood = compile_flood(folder)
    with Daemon(folder) as daemon:
        phones = media_socket(), media_socket()
        victim, _ = daemon.ng.call("victim", phones[0].getsockname(), phones[1].getsockname())
        watched = [WatchedCall(daemon, f"beside-{number}") for number in range(WATCHED)]
        command = ["nice", "-n", "5"] if os.geteuid() == 0 else []
        done = subprocess.run([*command, flood, ADDRESS, str(victim), str(MEGABITS), str(seconds or 4)],
                              capture_output=True, text=True)
        check(done.returncode == 0, f"the flood did not run: {done.stderr.strip()}")
        datagrams, octets = map(int, done.stdout.split())
        texts = [call.finish() for call in watched]
        check_service(daemon, 0)
        clear(daemon)
        daemon.settle()
        daemon.check_no_flood(50)
        for phone in phones:
            phone.close()
        megabits = octets * 8 / 1e6 / (seconds or 4)
        # The sender shares the processors with the relay; a tenth of the rate would be no flood.
        check(megabits > MEGABITS / 10, f"only {megabits:.0f} Mbit/s could be sent")
        return f"{datagrams} datagrams, {megabits:.0f} Mbit/s; {texts[0]} in each of {WATCHED}"


def compile_flood(folder: Path) -> str:
    """The sender, compiled for this run."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    check(compiler is not None, "a C compiler is needed for the sender")
    program = folder / "flood"
    source = Path(__file__).with_name("flood.c")
    done = subprocess.run([str(compiler), "-std=gnu11", "-O2", "-Wall", "-o", str(program), str(source)],
                          capture_output=True, text=True)
    check(done.returncode == 0, f"the sender does not compile: {done.stderr}")
    return str(program)
