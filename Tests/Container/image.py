"""What of the container image can be checked without building it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from outcome import check

CONTAINERFILE = Path("Packaging") / "container" / "Containerfile"
# Debian's base image has these; Swift's own libraries are linked into the programs there.
IN_BASE = {"libc6", "libgcc-s1", "libstdc++6"}


def libraries_are_installed(repository: Path, program: Path) -> str:
    """Every library that crosspointd loads belongs to a package that the image installs, and what it copies exists."""
    text = (repository / CONTAINERFILE).read_text().replace("\\\n", " ")
    runtime = text.split("\nFROM ")[-1]
    installed = set(re.findall(r"(?<=\s)lib[a-z0-9.+-]+", runtime))
    loaded = [line.split() for line in output(["ldd", str(program)]).splitlines()]
    paths = [words[2] for words in loaded if len(words) > 2 and words[1] == "=>"]
    needed: dict[str, str] = {}
    for path in paths:
        if "/swift/" in path:
            continue
        needed[package(path)] = path
    check(len(needed) > 3, f"ldd shows too little: {loaded}")
    missing = set(needed) - installed - IN_BASE
    # libnfnetlink0 comes with libnetfilter-conntrack3.
    missing -= {name for one in installed for name in dependencies(one)}
    check(not missing, f"the image lacks {', '.join(sorted(missing))}")
    for source in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        for path in source.split():
            check((repository / path).exists(), f"the Containerfile copies {path}, which does not exist")
    return f"packages for {', '.join(sorted(set(needed) - IN_BASE))}"


def package(path: str) -> str:
    """The Debian package a file belongs to; with merged /usr the same file has two names."""
    for name in (path, str(Path(path).resolve()), path.removeprefix("/usr"), "/usr" + path):
        result = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True)
        if result.returncode == 0:
            return result.stdout.split(":")[0]
    return path


def dependencies(name: str) -> list[str]:
    """What a package that is installed here depends on."""
    result = subprocess.run(["dpkg-query", "-W", "-f", "${Depends}", name], capture_output=True, text=True)
    return [word.split()[0].split(":")[0] for word in result.stdout.split(", ") if word]


def output(command: list[str]) -> str:
    """What a program prints."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
