"""The list of scenarios: a decorated function each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from lab import Lab


@dataclass(frozen=True)
class Scenario:
    """A name, what it needs, and the function that plays it."""

    name: str
    only_ours: str
    play: Callable[[Lab], None]


SCENARIOS: list[Scenario] = []


KERNEL = "only crosspointd forwards by nft and conntrack"


def scenario(name: str, only_ours: str = "") -> Callable[[Callable[[Lab], None]], Callable[[Lab], None]]:
    """Registers a scenario; `only_ours` says why rtpengine cannot pass it, if so."""
    def register(function: Callable[[Lab], None]) -> Callable[[Lab], None]:
        SCENARIOS.append(Scenario(name, only_ours, function))
        return function
    return register
