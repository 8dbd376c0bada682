"""What nft and conntrack themselves say about the edge: the kernel path as an operator sees it."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass

from daemon import RELAY_PORTS
from network import Network, run
from outcome import check, wait_until

TABLE = "crosspoint"


@dataclass(frozen=True)
class Element:
    """One direction of one stream in `map inet crosspoint streams4` (or 6)."""

    source: tuple[str, int]
    local: tuple[str, int]
    destination: tuple[str, int]
    packets: int
    octets: int
    comment: str


class Kernel:
    """Reads the edge's ruleset and connection table."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def _edge(self, *command: str) -> str:
        return run("ip", "netns", "exec", self.network.name("edge"), *command)

    def ruleset(self) -> list[dict]:
        """`nft -j list ruleset`."""
        return json.loads(self._edge("nft", "-j", "list", "ruleset"))["nftables"]

    def has_table(self) -> bool:
        """Whether our table is there."""
        return any(item.get("table", {}).get("name") == TABLE for item in self.ruleset())

    def elements(self, call_id: str | None = None) -> list[Element]:
        """The forwarded directions, of one call or of all."""
        found = []
        for item in self.ruleset():
            streams = item.get("map", {})
            if streams.get("table") == TABLE and streams.get("name") in ("streams4", "streams6"):
                found += [read_element(*pair) for pair in streams.get("elem", [])]
        return [element for element in found if call_id is None or call_id in element.comment]

    def listed(self, call_id: str, map_name: str = "streams4") -> bool:
        """Whether the text an operator reads, `nft list map`, shows the call."""
        return call_id in self._edge("nft", "list", "map", "inet", TABLE, map_name)

    def tracked(self) -> list[str]:
        """The lines of `conntrack -L` that have to do with relay ports, IPv4 and IPv6."""
        lines = []
        for family in ("ipv4", "ipv6"):
            done = subprocess.run(
                ["ip", "netns", "exec", self.network.name("edge"), "conntrack", "-L", "-f", family, "-p", "udp"],
                capture_output=True, text=True, timeout=10)
            lines += done.stdout.splitlines()
        return [line for line in lines
                if any(int(port) in RELAY_PORTS for port in re.findall(r"[sd]port=(\d+)", line))]

    def translated(self) -> list[str]:
        """Those of `tracked` whose reply direction is not the mirror of the original: NATed ones."""
        return [line for line in self.tracked() if not is_mirrored(line)]

    # What scenarios ask

    def wait_for_flows(self, call_id: str, count: int = 2, seconds: float = 8.0) -> list[Element]:
        """Waits until that many directions of a call are forwarded by the kernel."""
        return wait_until(lambda: found if len(found := self.elements(call_id)) >= count else None,
                          f"the kernel does not forward {count} directions of {call_id}", seconds, every=0.05)

    def check_forwarding(self, call_id: str, seconds: float = 8.0, map_name: str = "streams4") -> None:
        """Both directions are in the map with growing counters, NATed in conntrack, visible to an operator."""
        self.wait_for_flows(call_id, 2, seconds)
        check(self.listed(call_id, map_name), f"nft list map inet {TABLE} {map_name} does not show {call_id}")
        before = {element.source + element.local: element for element in self.elements(call_id)}

        def grown() -> bool:
            now = {element.source + element.local: element for element in self.elements(call_id)}
            return len(now) >= 2 and all(
                key in now and now[key].packets >= element.packets + 10 and now[key].octets > element.octets
                for key, element in before.items())
        wait_until(grown, f"the counters of {call_id} do not grow", 3, every=0.1)
        check(self.translated(), f"conntrack shows no translated entry for {call_id}: {self.tracked()}")

    def check_clean(self, call_id: str | None = None, seconds: float = 3.0) -> None:
        """Nothing of the call (or of any call) is left in the maps, and no relay port in conntrack."""
        wait_until(lambda: not self.elements(call_id), "elements are left in the maps", seconds, every=0.05)
        if call_id is None or not self.elements():
            wait_until(lambda: not self.tracked(), f"conntrack still knows relay ports: {self.tracked()[:2]}",
                       seconds, every=0.05)


def read_element(key: dict, value: dict) -> Element:
    """Reads one element of nft's JSON."""
    body = key.get("elem", {})
    counter = body.get("counter") or {}
    parts = (body.get("val", key) or {}).get("concat", [])
    target = value.get("concat", [])
    return Element(
        source=(parts[0], parts[1]), local=(parts[2], parts[3]), destination=(target[0], target[1]),
        packets=counter.get("packets", 0), octets=counter.get("bytes", 0), comment=body.get("comment", ""))


def is_mirrored(line: str) -> bool:
    """Whether a conntrack line's reply tuple is its original tuple turned round, that is: nothing is translated."""
    tuples = re.findall(r"src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)", line)
    if len(tuples) != 2:
        return True
    (src, dst, sport, dport), reply = tuples
    return reply == (dst, src, dport, sport)
