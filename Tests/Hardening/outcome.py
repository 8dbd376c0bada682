"""How a check ends."""

from __future__ import annotations

import time
from typing import Callable


class Failure(Exception):
    """Something is not as it has to be."""


def check(condition: bool, otherwise: str) -> None:
    """Fails with words unless the condition holds."""
    if not condition:
        raise Failure(otherwise)


def wait_until(condition: Callable[[], bool], otherwise: str, seconds: float) -> None:
    """Waits for a condition; fails with words if it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(otherwise)
        time.sleep(0.05)
