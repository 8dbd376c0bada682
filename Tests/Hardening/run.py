"""Throws hostile input at crosspointd on loopback: see Scripts/test-hardening."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "Common"))
sys.dont_write_bytecode = True

from attacks import control_socket, large_and_repeated, mutated_control, mutated_media  # noqa: E402
from bursts import burst  # noqa: E402
from exhaustion import cycles_leave_nothing, descriptors_exhausted, ports_exhausted, shared_ports, signals_under_load  # noqa: E402
from flood import garbage_flood  # noqa: E402
from outcome import Failure  # noqa: E402
from streams import damaged_streams, deaf_streams  # noqa: E402
from unread_log import unread_log  # noqa: E402

# Seconds that a scenario goes on for in a short run; those with 0 end by themselves.
SCENARIOS = {
    mutated_control: 8, mutated_media: 6, garbage_flood: 4, control_socket: 0, large_and_repeated: 0, ports_exhausted: 0,
    descriptors_exhausted: 0, signals_under_load: 0, cycles_leave_nothing: 0, shared_ports: 0,
    damaged_streams: 6, deaf_streams: 0, unread_log: 0, burst: 0,
}


def main() -> int:
    names = {scenario.__name__.replace("_", "-"): scenario for scenario in SCENARIOS}
    parser = argparse.ArgumentParser(prog="test-hardening", description="hostile input against crosspointd on loopback")
    parser.add_argument("what", nargs="*", help=f"soak (longer), or some of: {', '.join(names)}")
    parser.add_argument("--seconds", type=float, default=120, help="of each longer scenario in a soak")
    parser.add_argument("--sanitizer", action="store_true", help="the build has a sanitizer: memory is not compared")
    parser.add_argument("--logs", type=Path, help="keep the daemon's logs in this folder")
    options = parser.parse_intermixed_args()
    chosen = [name for name in options.what if name != "soak"] or list(names)
    if unknown := set(chosen) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    failures = 0
    with tempfile.TemporaryDirectory(prefix="crosspoint-hardening-") as temporary:
        for name in chosen:
            folder = (options.logs or Path(temporary)) / name
            folder.mkdir(parents=True, exist_ok=True)
            seconds = SCENARIOS[names[name]]
            if "soak" in options.what and (seconds or name == "cycles-leave-nothing"):
                seconds = options.seconds
            failures += not passes(name, names[name], folder, seconds, not options.sanitizer)
    return 1 if failures else 0


def passes(name: str, scenario, folder: Path, seconds: float, measures: bool) -> bool:
    """Runs one scenario and prints a line about it."""
    started = time.monotonic()
    try:
        result, text = "ok", scenario(folder, seconds, measures)
    except (Failure, OSError) as error:
        result, text = "FAILED", f"{error}"
    print(f"{result:7}{name:24}{time.monotonic() - started:6.1f} s  {text}", flush=True)
    return result == "ok"


if __name__ == "__main__":
    sys.exit(main())
