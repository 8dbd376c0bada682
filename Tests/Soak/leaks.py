"""100,000 calls that come, send media through the kernel and go: what is left of them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from kernel import PORTS, Router, rtp
from machine import Namespace, Stage, Trouble
from relays import Relay, Tools, start_ours
from sockets import udp_socket

# Calls up at a time.
BATCH = 200
# Octets that memory may grow over the whole run: caches of replies, tables that grew once.
ALLOWED_GROWTH = 24 << 20


@dataclass
class Holdings:
    """What the relay holds in the kernel and in its own memory."""

    descriptors: int
    sockets: int
    elements: int
    entries: int
    memory: int

    @staticmethod
    def of(relay: Relay, inside: Namespace) -> Holdings:
        listing = inside.run("nft", "list", "table", "inet", "crosspoint")
        return Holdings(
            descriptors=len(os.listdir(f"/proc/{relay.process.pid}/fd")),
            sockets=len(inside.run("ss", "-uanH").splitlines()),
            elements=listing.count(" : 10."),
            # Those of media: the control socket's own traffic on loopback is tracked as well.
            entries=inside.run("conntrack", "-L").count(" src=10."),
            memory=relay.process.resident_bytes(),
        )


def leaks(folder: Path, calls: int) -> str:
    """Batches of calls; after a warm-up and at the end the same is held."""
    with Stage(folder) as stage:
        tools = Tools(folder)
        caller, callee = stage.namespace("caller"), stage.namespace("callee")
        router = Router(stage, "relay", caller, callee, 1)
        relay = start_ours(stage, tools, router.inside, [f"a/{router.own[0]}", f"b/{router.own[1]}"], "127.0.0.1", table=0)
        ends = [udp_socket(far.name, (router.ends[side], PORTS[side])) for side, far in enumerate((caller, callee))]
        done = 0
        most = 0
        # Replies are kept for repeats for up to a minute: by then there are as many of them as there will ever be.
        while done < calls // 3:
            done, most = batch(relay, router, ends, done, most)
        before = empty(relay, router.inside)
        began = time.monotonic()
        while done < calls:
            done, most = batch(relay, router, ends, done, most)
            if done % (50 * BATCH) == 0:
                print(f"       {done} calls, {done / (time.monotonic() - began):.0f} a second", flush=True)
        after = empty(relay, router.inside)
        for name in ("descriptors", "sockets", "elements", "entries"):
            if getattr(after, name) > getattr(before, name):
                raise Trouble(f"{name}: {getattr(before, name)} after the warm-up, {getattr(after, name)} at the end")
        grown = after.memory - before.memory
        if grown > ALLOWED_GROWTH:
            raise Trouble(f"memory grew by {grown >> 10} KiB over {done} calls")
        if most < BATCH:
            raise Trouble(f"at most {most} elements were in the kernel at a time: the calls did not use it")
        return (f"{done} calls, up to {most} elements at a time in the kernel; {after.descriptors} descriptors, "
                f"{after.sockets} sockets, {after.elements} elements and {after.entries} conntrack entries as at the start; "
                f"memory grew by {grown >> 10} KiB")


def batch(relay: Relay, router: Router, ends: list, first: int, most: int) -> tuple[int, int]:
    """Sets calls up, lets both ends of each send until flows are in the kernel, and takes the calls down."""
    ports = relay.set_up(first, BATCH, (router.ends[0], PORTS[0]), (router.ends[1], PORTS[1]), "a", "b")
    for number in range(3):
        for index, pair in enumerate(ports):
            for side in (0, 1):
                ends[side].sendto(rtp(number, index * 2 + side), (router.own[side], pair[side]))
        time.sleep(0.02)
    for end in ends:
        drain(end)
    if first % (10 * BATCH) == 0:
        most = max(most, router.inside.run("nft", "list", "map", "inet", "crosspoint", "streams4").count("comment"))
    relay.load("down", first, BATCH)
    return first + BATCH, most


def drain(end) -> None:
    """Throws away what a phone has received."""
    end.setblocking(False)
    try:
        while True:
            end.recv(2048)
    except BlockingIOError:
        end.setblocking(True)


def empty(relay: Relay, inside: Namespace) -> Holdings:
    """What is held once everything had time to go."""
    for _ in range(100):
        held = Holdings.of(relay, inside)
        if held.elements == 0 and held.entries == 0:
            # Replies to repeated requests are kept for up to a minute.
            time.sleep(65)
            return Holdings.of(relay, inside)
        time.sleep(0.2)
    raise Trouble(f"still held after the last delete: {held}")
