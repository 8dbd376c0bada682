"""Nanoseconds a packet that the kernel forwards, ours against plain IP forwarding.

caller -- relay -- callee, joined by veth; beside it a router of the same shape without netfilter. Packets are put on the
receive path of the interface that faces the caller, and dropped at the egress hook of the one that faces the callee.
"""

from __future__ import annotations

import json
import struct
import time
from statistics import median
from typing import Any

from machine import Namespace, Stage, Trouble, most_calls
from relays import Relay, Tools, start_ours
from sockets import udp_socket

MANY_CALLS = 10_000
PORTS = (20000, 30000)
# The traffic class of what the phones send: EF, as most of them do, which the relay has nothing to change about; or
# none, as when a network on the way took it off.
MARKINGS = {"EF": "184", "none": "0"}
SINK = """
table netdev bench_sink {{
  chain sink {{
    type filter hook egress device {device} priority 0; policy accept;
    drop
  }}
}}
"""


class Router:
    """A namespace between two others: 10.N.0.1 faces the caller 10.N.0.2, 10.N+1.0.1 the callee 10.N+1.0.2."""

    def __init__(self, stage: Stage, name: str, caller: Namespace, callee: Namespace, network: int) -> None:
        self.inside = stage.namespace(name)
        self.caller, self.callee = caller, callee
        self.ends = (f"10.{network}.0.2", f"10.{network + 1}.0.2")
        self.own = (f"10.{network}.0.1", f"10.{network + 1}.0.1")
        self.devices = (f"{name}0", f"{name}1")
        for side, far in enumerate((caller, callee)):
            device = self.devices[side]
            self.inside.ip(f"link add e{side} type veth peer name {device} netns {far.name}",
                           f"addr add {self.own[side]}/24 dev e{side}", f"link set e{side} up")
            far.ip(f"addr add {self.ends[side]}/24 dev {device}", f"link set {device} up")
        for side, far in enumerate((caller, callee)):
            address = far.hardware_address(self.devices[side])
            self.inside.ip(f"neigh replace {self.ends[side]} lladdr {address} dev e{side} nud permanent")
        self.inside.run("sysctl", "-qw", "net.ipv4.ip_forward=1")

    def close_sink(self) -> None:
        """From now on nothing leaves towards the callee."""
        self.inside.run("nft", "-f", "-", stdin=SINK.format(device="e1"))

    def nanoseconds(self, tools: Tools, flows: list[str], packets: int, marking: str) -> dict[str, float]:
        """What a packet costs, over these flows in turn."""
        printed = self.inside.run(
            tools.path("inject"), "e0", self.inside.hardware_address("e0"),
            self.caller.hardware_address(self.devices[0]), str(packets), MARKINGS[marking],
            stdin="\n".join(flows))
        return json.loads(printed)


def rtp(number: int, stream: int) -> bytes:
    """A packet whose stream is told by its SSRC."""
    return struct.pack("!BBHII", 0x80, 8, number & 0xFFFF, number * 160, stream) + bytes(160)


def settle(router: Router, ports: list[tuple[int, int]], flows_wanted: int) -> None:
    """Both ends of every call send until the kernel has every flow."""
    ends = [udp_socket(far.name, (router.ends[side], PORTS[side]))
            for side, far in enumerate((router.caller, router.callee))]
    try:
        for number in range(60):
            for index, pair in enumerate(ports):
                for side in (0, 1):
                    ends[side].sendto(rtp(number, index * 2 + side), (router.own[side], pair[side]))
                if index % 50 == 49:
                    time.sleep(0.01)
            time.sleep(0.2)
            if installed(router) >= flows_wanted:
                return
    finally:
        for end in ends:
            end.close()
    raise Trouble(f"the kernel has {installed(router)} flows of {flows_wanted}")


def installed(router: Router) -> int:
    """Flows in the table."""
    return router.inside.run("nft", "list", "map", "inet", "crosspoint", "streams4").count("comment")


def set_up(relay: Relay, router: Router, first: int, count: int) -> list[str]:
    """Sets calls up until the kernel forwards both directions of each; returns the callers' flows."""
    ports = relay.set_up(first, count, (router.ends[0], PORTS[0]), (router.ends[1], PORTS[1]), "a", "b")
    settle(router, ports, 2 * (first + count))
    return [f"{router.ends[0]} {PORTS[0]} {router.own[0]} {port}" for port, _ in ports]


def measure(stage: Stage, tools: Tools, rounds: int, packets: int) -> dict[str, Any]:
    """With one stream, and with many of which one is used or all are."""
    caller, callee = stage.namespace("caller"), stage.namespace("callee")
    plain = Router(stage, "plain", caller, callee, 3)
    router = Router(stage, "relay", caller, callee, 1)
    relay = start_ours(stage, tools, router.inside, [f"a/{router.own[0]}", f"b/{router.own[1]}"], "127.0.0.1", table=0)
    plain.close_sink()
    many = min(MANY_CALLS, most_calls(sockets=4))
    past = [f"{plain.ends[0]} {PORTS[0]} {plain.ends[1]} {10_000 + index}" for index in range(many)]
    ours = set_up(relay, router, 0, 1)
    router.close_sink()
    rows = [compare(tools, router, plain, ours, past[:1], 2, rounds, packets, marking) for marking in MARKINGS]
    router.inside.run("nft", "delete", "table", "netdev", "bench_sink")
    ours += set_up(relay, router, 1, many - 1)
    router.close_sink()
    rows.append(compare(tools, router, plain, ours[:1], past[:1], 2 * many, rounds, packets, "EF"))
    rows.append(compare(tools, router, plain, ours, past, 2 * many, rounds, packets, "EF"))
    return {"rows": rows}


def compare(tools: Tools, router: Router, plain: Router, ours: list[str], past: list[str], flows: int, rounds: int,
            packets: int, marking: str) -> dict[str, Any]:
    """Rounds of both in turn; everything that went in must have come to the sink."""
    taken = []
    for _ in range(rounds):
        taken.append((router.nanoseconds(tools, ours, packets, marking),
                      plain.nanoseconds(tools, past, packets, marking)))
    return {
        "flows_installed": flows,
        "flows_used": len(ours),
        "marking": marking,
        "crosspoint_ns": median(one["ns"] for one, _ in taken),
        "plain_ns": median(other["ns"] for _, other in taken),
        "injection_ns": median(other["injection_ns"] for _, other in taken),
        "ratio": median(one["ns"] / other["ns"] for one, other in taken),
    }


def table(result: dict[str, Any]) -> list[str]:
    """The result in words."""
    lines = ["kernel: ns a packet from the receive path to the egress hook, the making of the packet included",
             f"{'flows':>6} {'used':>6} {'marked':>6} {'crosspoint':>10} {'plain':>6} {'making':>6}  ratio (bar 2.4)"]
    for row in result["rows"]:
        lines.append(f"{row['flows_installed']:>6} {row['flows_used']:>6} {row['marking']:>6} {row['crosspoint_ns']:>10.0f} "
                     f"{row['plain_ns']:>6.0f} {row['injection_ns']:>6.0f}  {row['ratio']:.2f}")
    return lines
