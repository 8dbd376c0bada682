"""What a unit file of systemd allows."""

from __future__ import annotations

import subprocess
from pathlib import Path


def settings(unit: Path) -> dict[str, list[str]]:
    """Every `KEY=VALUE` of the unit, values in order."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith(("#", ";")):
            key, value = line.split("=", 1)
            found.setdefault(key.strip(), []).append(value.strip())
    return found


def groups() -> dict[str, list[str]]:
    """The groups of system calls that this systemd knows."""
    output = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True, text=True,
                            check=True).stdout
    found: dict[str, list[str]] = {}
    name = ""
    for line in output.splitlines():
        if line.startswith("@"):
            name = line.split()[0]
            found[name] = []
        elif name and line.startswith(" ") and not line.strip().startswith("#"):
            found[name].append(line.strip())
    return found


def expand(words: list[str], known: dict[str, list[str]]) -> set[str]:
    """Names of system calls, groups resolved."""
    calls: set[str] = set()
    for word in words:
        calls |= expand(known[word], known) if word.startswith("@") else {word}
    return calls


def allowed_calls(unit: Path) -> set[str]:
    """The system calls that `SystemCallFilter=` lets through (systemd.exec(5))."""
    known = groups()
    allowed = expand(["@default"], known)
    for value in settings(unit).get("SystemCallFilter", []):
        calls = expand(value.removeprefix("~").split(), known)
        allowed = allowed - calls if value.startswith("~") else allowed | calls
    return allowed | expand(["@default"], known)
