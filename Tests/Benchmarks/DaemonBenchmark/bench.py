#!/usr/bin/env python3
"""Measures the whole daemon, side by side with what it is compared to, and prints a table.

What the figures mean: Docs/benchmarks.md. Needs root, for network namespaces.

Environment:
  BENCH_DAEMON    the crosspointd to measure; default: a release build of this tree
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True

import control  # noqa: E402
import kernel  # noqa: E402
import scale  # noqa: E402
import userspace  # noqa: E402
from machine import Stage, Trouble, raise_descriptor_limit  # noqa: E402
from relays import Tools  # noqa: E402

BENCHMARKS = ["kernel", "userspace", "control", "scale"]


def measure(name: str, stage: Stage, tools: Tools, quick: bool) -> tuple[dict[str, Any], list[str]]:
    """One benchmark: its figures and its table."""
    rounds = 3 if quick else 5
    if name == "userspace":
        result = userspace.measure(stage, tools, rounds, seconds=1.5 if quick else 4)
        return result, userspace.table(result)
    if name == "control":
        result = control.measure(stage, tools, rounds, calls=1000 if quick else 3000)
        return result, control.table(result)
    if name == "kernel":
        result = kernel.measure(stage, tools, rounds, packets=300_000 if quick else 1_000_000)
        return result, kernel.table(result)
    result = scale.measure(stage, tools, calls=2_000 if quick else 20_000)
    return result, scale.table(result)


def interrupt(*_: object) -> None:
    """A signal handler: unwinds as Ctrl-C does, so that everything is taken away."""
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.add_argument("--quick", action="store_true", help="shorter and fewer rounds: is it still in the same place?")
    options = parser.parse_args()
    for name in options.names:
        if name not in BENCHMARKS:
            parser.error(f"no benchmark is called {name}")
    if os.geteuid() != 0:
        print("bench: needs root for network namespaces", file=sys.stderr)
        return 2
    # Relays and load go before whatever else the machine does meanwhile.
    os.nice(-10)
    raise_descriptor_limit()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    results: dict[str, Any] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="xpbench") as folder:
            tools = Tools(Path(folder))
            for name in options.names or BENCHMARKS:
                with Stage(Path(folder)) as stage:
                    results[name], lines = measure(name, stage, tools, options.quick)
                if not options.json:
                    print("\n".join(lines) + "\n", flush=True)
    except Trouble as trouble:
        print(f"bench: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
