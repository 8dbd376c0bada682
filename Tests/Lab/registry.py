"""The list of scenarios: a decorated function each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from lab import Lab

# Plays a scenario; the text it may return is a figure worth reading beside its `ok`.
Play = Callable[[Lab], "str | None"]


@dataclass(frozen=True)
class Scenario:
    """A name, what it needs, and the function that plays it."""

    name: str
    only_ours: str
    play: Play


SCENARIOS: list[Scenario] = []


KERNEL = "only crosspointd forwards by nft and conntrack"


def scenario(name: str, only_ours: str = "") -> Callable[[Play], Play]:
    """Registers a scenario; `only_ours` says why rtpengine cannot pass it, if so."""
    def register(function: Play) -> Play:
        SCENARIOS.append(Scenario(name, only_ours, function))
        return function
    return register
