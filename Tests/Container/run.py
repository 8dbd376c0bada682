"""crosspointd as in a container: without io_uring, capabilities, root and a writable disk. See Scripts/test-container."""

from __future__ import annotations

import argparse
import functools
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "Common"), str(HERE.parent / "Hardening")]
sys.dont_write_bytecode = True

from image import libraries_are_installed  # noqa: E402
from outcome import Failure, check  # noqa: E402
from start import FALLBACK, chosen_by_itself, entering_denied, forced, hidden, table_asked_for  # noqa: E402

CONFINED = HERE / "confined.py"
BUILD = REPOSITORY / ".build" / "debug"
UNIT_TESTS = "UserspaceForwardingTests"
HARDENING = ["mutated-media", "ports-exhausted", "descriptors-exhausted", "shared-ports"]
LAB = ["s1-nat-userspace"]
# Any user can run this one; an interpreter below somebody's home may be out of reach.
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable


class Skip(Exception):
    """This machine cannot run it; the text says why."""


def confinement(folder: Path, *options: str) -> list[str]:
    """The words before a program that confine it; `folder` stays writable."""
    keep = [] if is_reachable(BUILD / "crosspointd") else ["--keep-user"]
    return [PYTHON, str(CONFINED), f"--writable={folder}", *keep, *options]


@functools.cache
def is_reachable(program: Path) -> bool:
    """Whether nobody may run a program; below /root it may not, and root without capabilities is as powerless."""
    if os.geteuid() != 0:
        return True
    return subprocess.run([PYTHON, str(CONFINED), str(program), "--version"], capture_output=True).returncode == 0


def wrapper(folder: Path, name: str, *options: str) -> Path:
    """A program that is crosspointd, confined."""
    path = folder / name
    command = shlex.join([*confinement(folder, *options), str(BUILD / "crosspointd")])
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    path.chmod(0o755)
    return path


def instrument(folder: Path) -> str:
    """The confinement itself: a test of what it forbids, since all others rest on it."""
    program = (
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "denied = [libc.syscall(number, 0, 0, 0, 0) < 0 and ctypes.get_errno() == 1 for number in (425, 426, 427)]\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "caps = [int(status[name], 16) for name in ('CapPrm', 'CapEff', 'CapInh', 'CapAmb')]\n"
        "writable = os.access('/', os.W_OK) or os.access('/tmp', os.W_OK)\n"
        "print(all(denied), not any(caps), not writable, os.geteuid())\n")
    shown = run([*confinement(folder), PYTHON, "-c", program]).split()
    if os.geteuid() == 0:
        check(shown[:3] == ["True"] * 3, f"io_uring denied, no capability, nothing writable: {shown}")
        return f"io_uring denied, no capability, nothing writable, user {shown[3]}"
    check(shown[:2] == ["True"] * 2, f"io_uring denied, no capability: {shown}")
    return "io_uring denied, no capability"


def run(command: list[str], environment: dict[str, str] | None = None, seconds: float = 150) -> str:
    """What a program prints; fails with the end of it if the program does."""
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, errors="replace", timeout=seconds, env=os.environ | (environment or {}))
    except subprocess.TimeoutExpired:
        raise Failure(f"{command[0]} takes longer than {seconds:g} s") from None
    if result.returncode != 0:
        raise Failure(" | ".join(result.stdout.splitlines()[-12:]))
    return result.stdout


def unit_tests(folder: Path) -> str:
    """The tests of the userspace path, as they are run outside."""
    bundles = list(BUILD.glob("*PackageTests.xctest"))
    check(len(bundles) == 1, f"the tests are not built: swift build --build-tests ({bundles})")
    shown = run([*confinement(folder), str(bundles[0]), "--testing-library", "swift-testing", "--filter", UNIT_TESTS],
                {"CROSSPOINT_ENGINE": "epoll"})
    last = shown.strip().splitlines()[-1]
    check("passed" in last and " 0 tests" not in last, f"no test ran: {last}")
    return last.split("Test run with ")[-1]


def hardening(folder: Path) -> str:
    """Hostile input and shortages."""
    logs = folder / "hardening"
    logs.mkdir()
    logs.chmod(0o777)
    shown = run([sys.executable, str(HERE.parent / "Hardening" / "run.py"), "--logs", str(logs), *HARDENING],
                {"HARDENING_DAEMON": str(wrapper(folder, "crosspointd-hardening"))}, seconds=200)
    for log in logs.glob("*/*.log"):
        # At the log's level there, only what is wrong is told, and the choice of epoll is.
        check(FALLBACK in log.read_text(errors="replace"), f"{log} does not say that epoll is used")
    return f"{len(shown.splitlines())} scenarios"


def laboratory(folder: Path) -> str:
    """Calls by Kamailio and SIPp."""
    if os.geteuid() != 0:
        raise Skip("the laboratory needs root for network namespaces; the daemon in it would not")
    if not shutil.which("kamailio") or not shutil.which("sipp"):
        raise Skip("kamailio or sipp is not installed")
    logs = folder / "lab"
    run([sys.executable, str(HERE.parent / "Lab" / "run.py"), "--logs", str(logs), *LAB],
        {"LAB_DAEMON": shlex.join([*confinement(folder), str(BUILD / "crosspointd")])})
    says = [log for log in logs.rglob("*.log") if "userspace path: epoll with" in log.read_text(errors="replace")]
    check(len(says) >= len(LAB), f"epoll was used in {len(says)} of {len(LAB)} scenarios")
    return ", ".join(LAB)


def daemon_test(scenario):
    """A scenario of start.py with the program it needs."""
    def play(folder: Path) -> str:
        options = getattr(scenario, "options", [])
        os.environ["HARDENING_DAEMON"] = str(wrapper(folder, f"crosspointd-{scenario.__name__}", *options))
        return scenario(folder)
    return play


SCENARIOS = {
    "confinement": instrument,
    "chosen-by-itself": daemon_test(chosen_by_itself),
    "forced": daemon_test(forced),
    "hidden": daemon_test(hidden),
    "entering-denied": daemon_test(entering_denied),
    "kernel-path": daemon_test(table_asked_for),
    "unit-tests": unit_tests,
    "hardening": hardening,
    "laboratory": laboratory,
    "image": lambda folder: libraries_are_installed(REPOSITORY, BUILD / "crosspointd"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="test-container", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(SCENARIOS)}")
    chosen = parser.parse_args().names or list(SCENARIOS)
    if unknown := set(chosen) - set(SCENARIOS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    # What is made here, nobody has to reach.
    os.umask(0)
    os.environ.pop("CROSSPOINT_ENGINE", None)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="crosspoint-container-") as temporary:
        os.chmod(temporary, 0o777)
        for name in chosen:
            started = time.monotonic()
            folder = Path(temporary) / name
            folder.mkdir()
            try:
                result, text = "ok", SCENARIOS[name](folder)
            except Skip as skip:
                result, text = "skipped", f"{skip}"
            except (Failure, OSError) as error:
                result, text = "FAILED", f"{error}"
            failures += result == "FAILED" or (result == "skipped" and bool(os.environ.get("CROSSPOINT_REQUIRE")))
            print(f"{result:8}{name:18}{time.monotonic() - started:6.1f} s  {text}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
