"""What goes wrong around the relay, in network namespaces: see Scripts/test-faults."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[1:1] = [str(TESTS / "Benchmarks" / "DaemonBenchmark"), str(TESTS / "Hardening"), str(TESTS / "Common")]
sys.dont_write_bytecode = True

from endings import clock_jumps, disk_full, killed_with_calls, paused, terminated_with_calls  # noqa: E402
from machine import Stage, Trouble, raise_descriptor_limit  # noqa: E402
from netlink import conntrack_full, interrupted_dumps, netlink_faults  # noqa: E402
from outcome import Failure  # noqa: E402
from world import World  # noqa: E402

SCENARIOS = [netlink_faults, interrupted_dumps, conntrack_full, clock_jumps, paused, terminated_with_calls,
             killed_with_calls, disk_full]


def main() -> int:
    names = {scenario.__name__.replace("_", "-"): scenario for scenario in SCENARIOS}
    parser = argparse.ArgumentParser(prog="test-faults", description="what goes wrong around crosspointd; needs root")
    parser.add_argument("what", nargs="*", help=f"some of: {', '.join(names)}; all of them if none is named")
    parser.add_argument("--logs", type=Path, help="keep the daemon's logs in this folder")
    options = parser.parse_args()
    if unknown := set(options.what) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if os.geteuid() != 0:
        parser.error("needs root, for network namespaces")
    raise_descriptor_limit()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="crosspoint-faults-") as temporary:
        for name in options.what or names:
            folder = (options.logs or Path(temporary)) / name
            folder.mkdir(parents=True, exist_ok=True)
            failures += not passes(name, names[name], folder)
    return 1 if failures else 0


def passes(name: str, scenario, folder: Path) -> bool:
    """Runs one scenario in namespaces of its own and prints a line about it."""
    began = time.monotonic()
    try:
        with Stage(folder) as stage:
            result, text = "ok", scenario(World(folder, stage))
    except (Failure, Trouble, OSError) as error:
        result, text = "FAILED", f"{error}"
    print(f"{result:7}{name:24}{time.monotonic() - began:6.1f} s  {text}", flush=True)
    return result == "ok"


if __name__ == "__main__":
    sys.exit(main())
