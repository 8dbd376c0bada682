"""The relays that are measured: ours and rtpengine, started alike; and the tools that load them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from machine import Namespace, Process, Stage, Trouble, run

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
NG_PORT = 2223
FIRST_PORT, LAST_PORT = 2300, 65000
# No call ends by itself while it is measured.
FOR_EVER = 36000


class Tools:
    """The load programs, compiled for this run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        compiler = shutil.which("cc") or shutil.which("clang")
        if compiler is None:
            raise Trouble("a C compiler is needed for the load programs")
        for name in ("ng_load", "rtp_load", "inject"):
            run(compiler, "-std=gnu11", "-O2", "-Wall", "-Wextra", "-o", str(folder / name),
                str(HERE / "tools" / f"{name}.c"))

    def path(self, name: str) -> str:
        return str(self.folder / name)


def crosspointd() -> str:
    """`BENCH_DAEMON`, or what a release build of this tree makes."""
    given = os.environ.get("BENCH_DAEMON")
    if given:
        return str(Path(given).resolve())
    build = ["swift", "build", "-c", "release", "--product", "crosspointd", "--package-path", str(REPOSITORY)]
    if subprocess.run(build, stdout=2).returncode != 0:
        raise Trouble("crosspointd does not build")
    return str(Path(run(*build, "--show-bin-path").strip()) / "crosspointd")


class Relay:
    """One running relay."""

    def __init__(self, name: str, process: Process, namespace: Namespace, address: str, tools: Tools) -> None:
        self.name = name
        self.process = process
        self.namespace = namespace
        self.address = address
        self.tools = tools

    def load(self, mode: str, *arguments: object) -> str:
        """Runs the controller against it."""
        return self.namespace.run(self.tools.path("ng_load"), mode, self.address, str(NG_PORT), *map(str, arguments))

    def set_up(self, first: int, count: int, caller: tuple[str, int], callee: tuple[str, int],
               *interfaces: str) -> list[tuple[int, int]]:
        """Sets calls up; returns the relay's port facing caller and callee of each."""
        printed = self.load("up", first, count, *caller, *callee, *interfaces)
        return [(int(one), int(other)) for one, other in (line.split() for line in printed.splitlines())]

    def churn(self, sockets: int, calls: int) -> dict[str, Any]:
        """Offer, answer and delete of so many calls; adds the relay's CPU a call."""
        before = self.process.cpu_seconds()
        result = json.loads(self.load("churn", sockets, calls))
        # What a delete leaves to do belongs to the calls.
        time.sleep(0.3)
        result["cpu_us"] = (self.process.cpu_seconds() - before) / calls * 1e6
        result["calls_per_second"] = calls / result["seconds"]
        return result


def start(stage: Stage, tools: Tools, namespace: Namespace, name: str, command: list[str], address: str) -> Relay:
    """Starts a relay and waits until it takes calls."""
    relay = Relay(name, stage.process(namespace.inside(*command), name), namespace, address, tools)
    for _ in range(100):
        time.sleep(0.1)
        if not relay.process.is_running():
            raise Trouble(f"{name} ended at start: {relay.process.last_lines()}")
        try:
            relay.load("churn", 1, 1)
            return relay
        except Trouble:
            continue
    raise Trouble(f"{name} does not answer: {relay.process.last_lines()}")


def common_options(interfaces: list[str], address: str) -> list[str]:
    """What both are told, in the words that both know."""
    shown = [option for interface in interfaces for option in ("-i", interface)]
    return [*shown, "-n", f"{address}:{NG_PORT}", "-m", str(FIRST_PORT), "-M", str(LAST_PORT), "-f", "-E", "-L", "6",
            f"--timeout={FOR_EVER}", f"--silent-timeout={FOR_EVER}", "--delete-delay=0", "--config-file=none"]


def start_ours(stage: Stage, tools: Tools, namespace: Namespace, interfaces: list[str], address: str,
               table: int, engine: str = "auto", name: str = "crosspointd") -> Relay:
    """crosspointd, with one engine of its userspace path or the one it chooses."""
    command = [crosspointd(), *common_options(interfaces, address), f"--table={table}", "--control-socket=none",
               f"--userspace-engine={engine}"]
    return start(stage, tools, namespace, name, command, address)


def start_peer(stage: Stage, tools: Tools, namespace: Namespace, interfaces: list[str], address: str) -> Relay | None:
    """rtpengine in userspace; None if it is not installed."""
    program = shutil.which("rtpengine")
    if program is None:
        return None
    command = [program, *common_options(interfaces, address), "--table=-1"]
    return start(stage, tools, namespace, "rtpengine", command, address)
