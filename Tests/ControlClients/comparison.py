"""The command line interface beside rtpengine's own: the same lines with the same calls, compared in form."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

from relays import Crosspoint, Rtpengine, check

# Answered alike, but for numbers, addresses and times.
ALIKE = [
    "list numsessions", "list sessions", "list sessions all", "list sessions own", "list sessions foreign",
    "list sessions abc", "list sessions nope", "list counters", "list maxsessions", "list maxcpu", "list maxload",
    "list maxbw", "list maxopenfiles", "list timeout", "list silenttimeout", "list offertimeout", "list finaltimeout",
    "list deletedelay", "list transcoders", "list", "list nope", "get maxsessions", "set", "set maxsessions",
    "set maxsessions x", "set maxsessions -1", "set maxsessions -5", "set maxsessions 7", "set timeout", "set timeout 50",
    "set timeout abc", "set silenttimeout 500", "set offertimeout 60", "set finaltimeout 0", "set deletedelay 5",
    "set loglevel 5", "set loglevel", "set nope 5", "debug abc", "debug abc on", "debug abc off", "debug nope on", "debug",
    "bogus", "terminate", "terminate nope", "terminate abc", "terminate all", "terminate own", "terminate foreign",
    "list sessions all", "list sessions own", "list numsessions",
]


def form(text: str) -> str:
    """Without what may differ."""
    text = re.sub(r"\d+\.\d+\.\d+\.\d+:\d+", "ADDRESS", text)
    text = re.sub(r"-?\d+(\.\d+)?", "N", text)
    return re.sub(r" +", " ", text)


def replies_have_rtpengines_form(relay: Crosspoint) -> str:
    """Each line is answered alike; totals and JSON have all that rtpengine's have."""
    with tempfile.TemporaryDirectory() as folder, Rtpengine(Path(folder)) as peer:
        for one in (relay, peer):
            one.call("abc")
        totals = [one.cli("list totals") for one in (relay, peer)]
        trees = [json.loads(one.cli("list jsonstats")) for one in (relay, peer)]
        interfaces = [form(one.cli("list interfaces")) for one in (relay, peer)]
        for line in ALIKE:
            ours, theirs = form(relay.cli(line)), form(peer.cli(line))
            check(ours == theirs, f"{line!r} is answered {ours!r}; rtpengine: {theirs!r}")
    ours, theirs = ({form(line) for line in text.splitlines() if " per sec" not in line} for text in totals)
    # The last interval of Graphite, which only 10.5 shows here; the table of requests has more columns today.
    missing = {line for line in theirs - ours if not re.search(r"Min|Max|Graphite|Proxy|\| N \|", line)}
    check(not missing, f"list totals lacks {missing}")
    lacking = sorted(set(paths(trees[1])) - set(paths(trees[0])))
    lacking = [path for path in lacking if not path.startswith("intervalstatistics") and path != "interfaces.ports.last"]
    check(not lacking, f"list jsonstats lacks {lacking}")
    for number in range(3):
        check(interfaces[0].splitlines()[number] == interfaces[1].splitlines()[number], f"list interfaces: {interfaces}")
    return f"{len(ALIKE)} lines, list totals, jsonstats, interfaces"


def paths(tree: object, prefix: str = "") -> list[str]:
    """`totalstatistics.uptime`, …"""
    if isinstance(tree, dict):
        return [path for key, value in tree.items() for path in paths(value, f"{prefix}.{key}" if prefix else key)]
    if isinstance(tree, list):
        return [path for value in tree for path in paths(value, prefix)]
    return [prefix]
