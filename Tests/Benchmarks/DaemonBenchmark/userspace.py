"""CPU of the relay process a packet, everything in userspace."""

from __future__ import annotations

import json
import time
from statistics import median
from typing import Any

from machine import Namespace, Stage
from relays import Relay, Tools, start_ours, start_peer

# The first address of each takes NG and, unless a call says otherwise, both sides' media.
PEER = ["10.77.0.4", "10.77.0.14"]
# Our engines: their addresses, and the most of rtpengine's CPU a packet that each may take.
ENGINES = {"io_uring": (["10.77.0.1", "10.77.0.11"], 0.5), "epoll": (["10.77.0.5", "10.77.0.15"], 0.7)}
CALLER, CALLEE = "10.77.0.2", "10.77.0.3"
CALLER_PORT, CALLEE_PORT = 20000, 30000
CALLS = 200
RATES = [20_000, 50_000, 100_000]


def host(stage: Stage) -> Namespace:
    """One namespace with an address for each role on its loopback."""
    namespace = stage.namespace("host")
    namespace.ip(*(f"addr add {address}/32 dev lo"
                   for address in (*PEER, CALLER, CALLEE, *(one for own, _ in ENGINES.values() for one in own))))
    return namespace


def named(addresses: list[str]) -> list[str]:
    """The interfaces `a` and `b`."""
    return [f"{name}/{address}" for name, address in zip("ab", addresses)]


def relays(stage: Stage, tools: Tools) -> list[Relay]:
    """Ours with each engine and, where it is installed, rtpengine."""
    namespace = host(stage)
    ours = [start_ours(stage, tools, namespace, named(own), own[0], table=-1, engine=engine, name=engine)
            for engine, (own, _) in ENGINES.items()]
    peer = start_peer(stage, tools, namespace, named(PEER), PEER[0])
    return [*ours, peer] if peer else ours


def send(relay: Relay, ports: list[int], rate: int, seconds: float) -> dict[str, Any]:
    """Sends through every port at that rate in all; returns the load program's result and the relay's CPU a packet."""
    before = relay.process.cpu_seconds()
    printed = relay.namespace.run(
        relay.tools.path("rtp_load"), CALLER, str(CALLER_PORT), CALLEE, str(CALLEE_PORT), relay.address, str(rate),
        str(int(seconds * 1000)), stdin="\n".join(map(str, ports)))
    result = json.loads(printed)
    result["cpu_us"] = (relay.process.cpu_seconds() - before) / max(1, result["received"]) * 1e6
    return result


def measure(stage: Stage, tools: Tools, rounds: int, seconds: float) -> dict[str, Any]:
    """Rounds of all relays in turn, at each rate."""
    running = relays(stage, tools)
    ports = {}
    for relay in running:
        ports[relay.name] = [
            one for one, _ in relay.set_up(0, CALLS, (CALLER, CALLER_PORT), (CALLEE, CALLEE_PORT))]
        # All learn the callers' addresses in the first seconds.
        send(relay, ports[relay.name], 10_000, 4)
    result: dict[str, Any] = {"calls": CALLS, "rates": []}
    for rate in RATES:
        taken: dict[str, list[dict[str, Any]]] = {relay.name: [] for relay in running}
        for _ in range(rounds):
            for relay in running:
                taken[relay.name].append(send(relay, ports[relay.name], rate, seconds))
                time.sleep(0.2)
        row: dict[str, Any] = {"packets_per_second": rate}
        for name, sends in taken.items():
            row[name] = {
                "cpu_us": median(one["cpu_us"] for one in sends),
                "sent": sum(one["sent"] for one in sends),
                "lost": sum(one["sent"] - one["received"] for one in sends),
                "duplicated": sum(one["duplicated"] for one in sends),
                "delay_us": median(one["delay_us"] for one in sends),
            }
        for engine in ENGINES if "rtpengine" in taken else ():
            row[engine]["ratio"] = median(
                ours["cpu_us"] / peer["cpu_us"] for ours, peer in zip(taken[engine], taken["rtpengine"]))
        result["rates"].append(row)
    return result


def table(result: dict[str, Any]) -> list[str]:
    """The result in words."""
    lines = [f"userspace: {result['calls']} calls, one direction, CPU of the relay process a packet",
             f"{'packets/s':>10} {'relay':<12} {'us CPU':>7} {'lost':>7} {'of':>9} {'delay us':>9}  ratio"]
    for row in result["rates"]:
        for name in (*ENGINES, "rtpengine"):
            if name not in row:
                continue
            one = row[name]
            ratio = f"{one['ratio']:.2f} (bar {ENGINES[name][1]})" if "ratio" in one else ""
            lines.append(f"{row['packets_per_second']:>10} {name:<12} {one['cpu_us']:>7.2f} {one['lost']:>7} "
                         f"{one['sent']:>9} {one['delay_us']:>9.0f}  {ratio}")
    return lines
