#!/usr/bin/env python3
"""Plays the scenarios of the laboratory and prints one line for each.

Usage: run.py [--list] [--logs FOLDER] [NAME...]     NAME: the beginning of a scenario's name, such as s1 or s3-hold

Environment:
  LAB_DAEMON            the daemon's command; default: the crosspointd that swift build made here
  CROSSPOINT_REQUIRE    if it contains `lab` or `kernel`, a scenario this machine cannot run is a failure
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.append(str(Path(__file__).resolve().parent.parent / "Common"))
sys.dont_write_bytecode = True

from lab import Lab  # noqa: E402
from outcome import Failure, Skip  # noqa: E402
from registry import SCENARIOS, Scenario  # noqa: E402
import scenarios  # noqa: E402,F401


class Report:
    """Counts and prints the result lines."""

    def __init__(self) -> None:
        wanted = re.split(r"[\s,]+", os.environ.get("CROSSPOINT_REQUIRE", ""))
        self.required = bool({"lab", "kernel"}.intersection(wanted))
        self.passed = self.failed = self.skipped = 0

    def ok(self, name: str, seconds: float, note: str | None) -> None:
        self.passed += 1
        print(f"ok {name} ({seconds:.1f} s){': ' + note if note else ''}", flush=True)

    def fail(self, name: str, reason: str) -> None:
        self.failed += 1
        print(f"FAILED {name}: {' '.join(reason.split())}", flush=True)

    def skip(self, name: str, reason: str, excusable: bool = False) -> None:
        """`excusable`: not this machine's fault, so never a failure."""
        self.skipped += 1
        print(f"skipped {name}: {reason}", flush=True)
        if self.required and not excusable:
            self.failed += 1

    def finish(self) -> int:
        if self.skipped:
            print(f"{self.skipped} skipped")
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or (self.required and not self.passed) else 0


def chosen(names: list[str]) -> list[Scenario]:
    """The scenarios whose name, or whose part before a dash, begins as asked."""
    if not names:
        return SCENARIOS
    unknown = [name for name in names if not any(matches(one.name, name) for one in SCENARIOS)]
    if unknown:
        sys.exit(f"no scenario is called {', '.join(unknown)}; see --list")
    return [one for one in SCENARIOS if any(matches(one.name, name) for name in names)]


def matches(name: str, asked: str) -> bool:
    """`s1` chooses s1-... and not s10-...; a longer beginning chooses what begins so."""
    asked = asked.lower()
    return name.split("-")[0] == asked or (name.startswith(asked) and "-" in asked)


def play(lab: Lab, scenario: Scenario, report: Report) -> None:
    """Plays one scenario; whatever it leaves is taken away."""
    if scenario.only_ours and "rtpengine" in Path(lab.command[0]).name:
        report.skip(scenario.name, scenario.only_ours, excusable=True)
        return
    started = time.monotonic()
    failed = True
    try:
        lab.begin(scenario.name)
        note = scenario.play(lab)
        failed = False
        report.ok(scenario.name, time.monotonic() - started, note)
    except Failure as failure:
        report.fail(scenario.name, str(failure))
    except Skip as skip:
        report.skip(scenario.name, str(skip))
    except Exception as error:  # a mistake in the scenario itself; the others still count
        traceback.print_exc()
        report.fail(scenario.name, f"{type(error).__name__}: {error}")
    finally:
        lab.end(failed)


def interrupt(*_: object) -> None:
    """A signal handler."""
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true", help="print the names and what each shows")
    parser.add_argument("--logs", type=Path, help="keep all logs, SIP messages and SIPp files in this folder")
    options = parser.parse_args()
    if options.list:
        for one in SCENARIOS:
            print(f"{one.name}: {' '.join((one.play.__doc__ or '').split())}")
        return 0

    # All of them unwind as Ctrl-C does, so that `finally` cleans up; a shell's background jobs ignore SIGINT.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    report = Report()
    picked = chosen(options.names)
    try:
        lab = Lab(options.logs)
    except Skip as skip:
        for one in picked:
            report.skip(one.name, str(skip))
        return report.finish()
    try:
        lab.up()
        for one in picked:
            play(lab, one, report)
    except KeyboardInterrupt:
        report.fail("run", "interrupted")
    except Failure as failure:
        report.fail("network", str(failure))
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        lab.down()
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
