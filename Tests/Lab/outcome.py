"""How a scenario ends other than well: `Failure` and `Skip`, and the helpers that raise them."""

from __future__ import annotations

import time
from typing import Callable, TypeVar

Value = TypeVar("Value")


class Failure(Exception):
    """What was promised did not happen; the text is what the reader of the one result line gets."""


class Skip(Exception):
    """This machine, or this daemon, cannot run the scenario; the text says why."""


def check(condition: object, text: str) -> None:
    """Fails the scenario with `text` unless `condition` holds."""
    if not condition:
        raise Failure(text)


def wait_until(
    probe: Callable[[], Value], text: str, seconds: float = 5.0, every: float = 0.02
) -> Value:
    """Calls `probe` until it returns something true and returns that; fails with `text` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"{text} (waited {seconds:g} s)")
        time.sleep(every)
