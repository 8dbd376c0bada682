"""Offer, answer and delete: calls a second, CPU of the relay a call, and how long replies take."""

from __future__ import annotations

from statistics import median
from typing import Any

from machine import Stage, most_calls
from relays import Relay, Tools
from userspace import CALLEE, CALLEE_PORT, CALLER, CALLER_PORT, relays

STANDING_CALLS = 5_000
KEYS = ["calls_per_second", "cpu_us", "p50_us", "p99_us", "max_us"]


def compare(running: list[Relay], sockets: int, calls: int, rounds: int) -> dict[str, Any]:
    """Rounds of both relays in turn; medians of each figure."""
    taken: dict[str, list[dict[str, Any]]] = {relay.name: [] for relay in running}
    for _ in range(rounds):
        for relay in running:
            taken[relay.name].append(relay.churn(sockets, calls))
    row: dict[str, Any] = {"sockets": sockets}
    for name, results in taken.items():
        row[name] = {key: median(one[key] for one in results) for key in KEYS}
    if len(running) == 2:
        for key, shown in (("cpu_us", "cpu_ratio"), ("p99_us", "p99_ratio")):
            row[shown] = median(
                ours[key] / peer[key] for ours, peer in zip(taken["crosspointd"], taken["rtpengine"]))
    return row


def measure(stage: Stage, tools: Tools, rounds: int, calls: int) -> dict[str, Any]:
    """One socket and eight, without other calls and while many are up."""
    running = relays(stage, tools)
    for relay in running:
        relay.churn(8, calls)
    rows = []
    for standing in (0, min(STANDING_CALLS, most_calls(sockets=4) - 100)):
        if standing:
            for relay in running:
                relay.set_up(0, standing, (CALLER, CALLER_PORT), (CALLEE, CALLEE_PORT))
        for sockets in (1, 8):
            rows.append({"calls_up": standing} | compare(running, sockets, calls, rounds))
    return {"calls": calls, "rows": rows}


def table(result: dict[str, Any]) -> list[str]:
    """The result in words."""
    lines = [f"control: offer + answer + delete of {result['calls']} calls a round, times in us",
             f"{'calls up':>8} {'sockets':>7} {'relay':<12} {'calls/s':>8} {'CPU/call':>9} {'p50':>7} {'p99':>7} "
             f"{'max':>8}  CPU ratio (bar 0.8), p99 ratio (bar 1)"]
    for row in result["rows"]:
        for name in ("crosspointd", "rtpengine"):
            if name not in row:
                continue
            one = row[name]
            ratios = f"{row['cpu_ratio']:.2f}, {row['p99_ratio']:.2f}" if (
                name == "crosspointd" and "cpu_ratio" in row) else ""
            lines.append(f"{row['calls_up']:>8} {row['sockets']:>7} {name:<12} {one['calls_per_second']:>8.0f} "
                         f"{one['cpu_us']:>9.1f} {one['p50_us']:>7.0f} {one['p99_us']:>7.0f} {one['max_us']:>8.0f}"
                         f"  {ratios}")
    return lines
