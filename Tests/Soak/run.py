"""Long runs that look for what only time shows: see Scripts/soak."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.append(str(REPOSITORY / "Tests" / "Benchmarks" / "DaemonBenchmark"))
sys.dont_write_bytecode = True

from leaks import leaks  # noqa: E402
from machine import Trouble, raise_descriptor_limit  # noqa: E402

SANITIZERS = ("address", "thread")
# What a sanitizer's build goes through; the first two count datagrams and are repeated until there are enough.
MUTATED = ("mutated-control", "mutated-media")
ONCE = ("damaged-streams", "large-and-repeated", "control-socket", "ports-exhausted", "descriptors-exhausted",
        "signals-under-load", "unread-log")


def build(sanitizer: str) -> str:
    """A debug build with a sanitizer, beside the usual one."""
    scratch = REPOSITORY / ".build" / f"sanitize-{sanitizer}"
    command = ["swift", "build", "--package-path", str(REPOSITORY), "--scratch-path", str(scratch),
               f"--sanitize={sanitizer}", "--product", "crosspointd"]
    if subprocess.run(command, stdout=2).returncode != 0:
        raise Trouble(f"there is no build with the {sanitizer} sanitizer")
    return str(scratch / "debug" / "crosspointd")


def sanitized(sanitizer: str, datagrams: int) -> str:
    """Mutated datagrams at control and media ports until there were enough, and the rest of the hostile input once."""
    environment = os.environ | {
        "HARDENING_DAEMON": build(sanitizer),
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:log_path=stderr",
        "TSAN_OPTIONS": f"halt_on_error=1:suppressions={REPOSITORY}/Tests/Hardening/thread-sanitizer.supp",
    }
    harden(environment, *ONCE)
    sent = 0
    while sent < datagrams:
        sent += sum(map(int, re.findall(r"(\d+) (?:datagrams|requests)", harden(environment, "soak", *MUTATED))))
        print(f"       {sanitizer}: {sent} of {datagrams} datagrams", flush=True)
    return f"{sent} mutated datagrams and the other hostile input, nothing reported"


def harden(environment: dict[str, str], *what: str) -> str:
    """One run of Scripts/test-hardening; what it printed."""
    command = [str(REPOSITORY / "Scripts" / "test-hardening"), "--sanitizer", *what]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise Trouble(f"test-hardening {' '.join(what)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> int:
    parts = [*(f"{name}-sanitizer" for name in SANITIZERS), "leaks"]
    parser = argparse.ArgumentParser(prog="soak", description="long runs against crosspointd; needs root")
    parser.add_argument("part", nargs="*", help=f"some of: {', '.join(parts)}; all of them if none is named")
    parser.add_argument("--datagrams", type=int, default=10_000_000, help="mutated datagrams for each sanitizer")
    parser.add_argument("--calls", type=int, default=100_000, help="calls of the leak check")
    options = parser.parse_args()
    if unknown := set(options.part) - set(parts):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    if os.geteuid() != 0:
        parser.error("needs root, for network namespaces")
    raise_descriptor_limit()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="crosspoint-soak-") as folder:
        for part in options.part or parts:
            began = time.monotonic()
            try:
                name, _, is_sanitizer = part.partition("-")
                text = sanitized(name, options.datagrams) if is_sanitizer else leaks(Path(folder), options.calls)
                result = "ok"
            except (Trouble, OSError) as error:
                result, text, failures = "FAILED", f"{error}", failures + 1
            print(f"{result:7}{part:20}{time.monotonic() - began:7.0f} s  {text}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
