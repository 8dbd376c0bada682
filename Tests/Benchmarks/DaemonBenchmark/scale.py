"""Many calls at once: how fast they come up from the first to the last, and the memory of each."""

from __future__ import annotations

import time
from typing import Any

from machine import Stage, most_calls
from relays import Relay, Tools
from userspace import CALLEE, CALLEE_PORT, CALLER, CALLER_PORT, relays

PARTS = 10
# Our four sockets; rtpengine needs more when the two sides are on different interfaces.
DESCRIPTORS = 7


def grow(relay: Relay, calls: int) -> dict[str, Any]:
    """Sets calls up in parts, rests, and takes them down."""
    part = calls // PARTS
    memory = relay.process.resident_bytes()
    rates = []
    for index in range(PARTS):
        begun = time.monotonic()
        relay.set_up(index * part, part, (CALLER, CALLER_PORT), (CALLEE, CALLEE_PORT), "a", "b")
        rates.append(part / (time.monotonic() - begun))
    grown = relay.process.resident_bytes() - memory
    time.sleep(1)
    before = relay.process.cpu_seconds()
    time.sleep(5)
    idle = (relay.process.cpu_seconds() - before) / 5
    begun = time.monotonic()
    relay.load("down", 0, part * PARTS)
    return {
        "calls": part * PARTS,
        "bytes_per_call": grown / (part * PARTS),
        "first_part_per_second": rates[0],
        "last_part_per_second": rates[-1],
        "slowest_part_per_second": min(rates),
        "idle_cpu": idle,
        "deleted_per_second": part * PARTS / (time.monotonic() - begun),
    }


def measure(stage: Stage, tools: Tools, calls: int) -> dict[str, Any]:
    """One relay after the other: each has the machine's memory for itself."""
    return {relay.name: grow(relay, min(calls, most_calls(DESCRIPTORS))) for relay in relays(stage, tools)}


def table(result: dict[str, Any]) -> list[str]:
    """The result in words."""
    lines = ["scale: calls set up one after the other, two ports a side each, no media",
             f"{'relay':<12} {'calls':>6} {'kB/call':>8} {'first/s':>8} {'last/s':>8} {'slowest/s':>9} {'deleted/s':>9} "
             f"{'CPU at rest':>11}"]
    for name, one in result.items():
        lines.append(f"{name:<12} {one['calls']:>6} {one['bytes_per_call'] / 1024:>8.1f} "
                     f"{one['first_part_per_second']:>8.0f} {one['last_part_per_second']:>8.0f} "
                     f"{one['slowest_part_per_second']:>9.0f} {one['deleted_per_second']:>9.0f} "
                     f"{one['idle_cpu'] * 100:>10.1f}%")
    return lines
