"""A kernel that answers netlink late, wrongly or not at all, and tables that are full."""

from __future__ import annotations

import mmap
import os
import shutil
import socket
import struct
import subprocess
import time
from pathlib import Path

from outcome import check
from sockets import enter
from world import Talk, World

# The numbers of netlink_faults.c, and what the log has to say.
FAULTS = {
    "answers that overrun the buffer": (1, "No buffer space.*rmem_max"),
    "EBUSY": (2, "busy.*another program"),
    "EPERM": (3, "not permitted.*CAP_NET_ADMIN"),
    "ENOMEM": (4, "conntrack table is full|Cannot allocate memory"),
    "no answer": (5, "No buffer space.*rmem_max"),
    "a truncated answer": (6, "No buffer space.*rmem_max"),
    "sending fails with ENOBUFS": (8, "No buffer space.*rmem_max"),
    "sending fails with EPERM": (9, "not permitted.*CAP_NET_ADMIN"),
}
INTERRUPTED_DUMP = 7
# Refused flows are asked for again after 15 s, a table that could not be put back after one.
RECOVERY = 20
MARK = 77


class Faults:
    """What the preloaded library does."""

    def __init__(self, folder: Path) -> None:
        self.library = compile_library(folder)
        self.path = folder / "faults"
        self.path.write_bytes(bytes(4096))
        with self.path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)

    @property
    def prefix(self) -> tuple[str, ...]:
        """The command that becomes a daemon with the library."""
        return "env", f"LD_PRELOAD={self.library}", f"NETLINK_FAULTS={self.path}"

    def order(self, fault: int, skip: int = 0, times: int = -1) -> None:
        """From now on: after `skip` requests, so many are hit."""
        self.memory[:16] = struct.pack("=iiii", 0, skip, times, 0)
        self.memory[:4] = struct.pack("=i", fault)

    def end(self) -> int:
        """No more faults; returns how many requests were hit."""
        self.memory[:4] = bytes(4)
        return struct.unpack("=i", self.memory[12:16])[0]


def compile_library(folder: Path) -> Path:
    """The library, compiled for this run."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    check(compiler is not None, "a C compiler is needed")
    library = folder / "netlink_faults.so"
    source = Path(__file__).with_name("netlink_faults.c")
    done = subprocess.run([str(compiler), "-std=gnu11", "-O2", "-Wall", "-shared", "-fPIC", "-o", str(library), str(source)],
                          capture_output=True, text=True)
    check(done.returncode == 0, f"the library does not compile: {done.stderr}")
    return library


def netlink_faults(world: World) -> str:
    """Each fault, while a call is in the kernel, one comes and one goes: no packet lost, all of it put right afterwards."""
    faults = Faults(world.folder)
    world.start(prefix=faults.prefix)
    talk = Talk(world)
    old = talk.call("old")
    world.wait_for(2, 5, "before the faults")
    hits = 0
    for number, (name, (fault, line)) in enumerate(FAULTS.items()):
        going = talk.call(f"going-{number}")
        world.wait_for(4, 5, f"before {name}")
        lines = len(world.log())
        faults.order(fault)
        coming = talk.call(f"coming-{number}")
        time.sleep(1.5)
        going.end()
        time.sleep(1.5)
        hit = faults.end()
        check(hit > 0, f"{name}: no request was hit")
        hits += hit
        world.says(line)
        check(len(world.log()) - lines < 30, f"{name}: {len(world.log()) - lines} lines in the log, "
                                             f"such as {world.log()[-3:]}")
        world.wait_for(4, RECOVERY, f"after {name}")
        coming.check_lossless(f"during {name}")
        old.check_lossless(f"during {name}")
        coming.end()
        world.wait_for(2, 5, f"after {name} and the call's end")
    once = faults_now_and_then(world, talk, faults)
    sent = old.check_lossless("during all faults")
    old.end()
    talk.stop()
    world.wait_for(0, 5, "at the end")
    world.end()
    world.check_clean("after SIGTERM")
    return f"{len(FAULTS)} faults, {hits} requests hit; {sent} packets of one call each way, none lost; {once}"


def faults_now_and_then(world: World, talk: Talk, faults: Faults) -> str:
    """A single request goes wrong, each one of a call's beginning and end in turn."""
    tried = 0
    for skip in range(3):
        for name, (fault, _) in FAULTS.items():
            faults.order(fault, skip, 1)
            call = talk.call(f"once-{skip}-{fault}")
            time.sleep(0.6)
            call.check_lossless(f"{name} at request {skip + 1}")
            call.end()
            faults.end()
            world.wait_for(2, 4, f"after {name} at request {skip + 1}")
            tried += 1
    return f"{tried} calls with a single fault"


def interrupted_dumps(world: World) -> str:
    """Every reading of the counters says that it was interrupted: no call is taken for silent."""
    faults = Faults(world.folder)
    world.start("--timeout=8", "--silent-timeout=8", prefix=faults.prefix)
    talk = Talk(world)
    call = talk.call("counted")
    world.wait_for(2, 5, "before the dumps")
    faults.order(INTERRUPTED_DUMP)
    time.sleep(14)
    check("counted" in world.ng.ok("list")["calls"], "the call was ended as silent")
    hit = faults.end()
    check(hit >= 3, f"only {hit} dumps were interrupted")
    sent = call.check_lossless("during interrupted dumps")
    call.end()
    talk.stop()
    world.wait_for(0, 5, "at the end")
    world.end()
    return f"{hit} dumps, {sent} packets each way, none lost, not taken for silent"


def attribute(kind: int, value: bytes) -> bytes:
    """A netlink attribute, padded."""
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def fill_conntrack(world: World, count: int) -> None:
    """Puts so many entries into the relay's table that nothing drops early, with a mark to find them by."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    away = os.open(f"/run/netns/{world.inside.name}", os.O_RDONLY)
    enter(away)
    try:
        netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
    finally:
        enter(home)
        os.close(home)
        os.close(away)
    batch = b""
    for number in range(count):
        one, other = struct.pack("!I", 0xC6120000 + (number >> 16)), struct.pack("!I", 0xC6130001)
        port = struct.pack("!H", number & 0xFFFF)
        batch += conntrack_entry(one, other, port)
        # Without acknowledgements there is nothing to read; the last ones are refused once the table is full.
        if len(batch) > 150_000 or number == count - 1:
            netlink.send(batch)
            batch = b""
            # The controller's own entry stays: a full table takes no packets of connections that it does not know.
            world.ng.request("ping")
            netlink.setblocking(False)
            try:
                while netlink.recv(65536):
                    pass
            except OSError:
                netlink.setblocking(True)
    netlink.close()


def conntrack_entry(one: bytes, other: bytes, port: bytes) -> bytes:
    """The request for one UDP entry (linux/netfilter/nfnetlink_conntrack.h)."""
    nested = 0x8000

    def direction(kind: int, source: bytes, destination: bytes, from_port: bytes, to_port: bytes) -> bytes:
        addresses = attribute(1 | nested, attribute(1, source) + attribute(2, destination))
        ports = attribute(2 | nested, attribute(1, b"\x11") + attribute(2, from_port) + attribute(3, to_port))
        return attribute(kind | nested, addresses + ports)

    far = b"\0\x09"
    # Seen replies, assured, confirmed: not given up for others when room is needed.
    body = (b"\x02\0\0\0" + direction(1, one, other, port, far) + direction(2, other, one, far, port)
            + attribute(3, struct.pack("!I", 0x0E)) + attribute(7, struct.pack("!I", 600))
            + attribute(8, struct.pack("!I", MARK)))
    # CTNETLINK's "new", with NLM_F_REQUEST, NLM_F_CREATE and NLM_F_EXCL.
    return struct.pack("=IHHII", 16 + len(body), 1 << 8, 0x601, 0, 0) + body


def conntrack_full(world: World) -> str:
    """A full conntrack table with a call up and calls coming: they stay in userspace, and enter when there is room."""
    world.start()
    talk = Talk(world)
    old = talk.call("old")
    world.wait_for(2, 5, "before the table is full")
    # The bound is the host's and stays as it is; the table is the namespace's own.
    most = int(Path("/proc/sys/net/netfilter/nf_conntrack_max").read_text())
    check(most <= 1 << 20, f"nf_conntrack_max is {most}: to fill such a table takes too long")
    fill_conntrack(world, most)
    new = [talk.call(f"new-{number}") for number in range(4)]
    time.sleep(3)
    check(world.elements() == 2, f"{world.elements()} elements in the kernel with a full table, 2 expected")
    world.says("conntrack table is full.*nf_conntrack_max")
    world.inside.run("conntrack", "-D", "--mark", str(MARK), "-o", "save")
    world.wait_for(10, RECOVERY, "with room in the table again")
    sent = min(call.check_lossless("while the table was full") for call in [old, *new])
    for call in [old, *new]:
        call.end()
    talk.stop()
    world.wait_for(0, 5, "at the end")
    world.end()
    world.check_clean("after SIGTERM")
    return f"4 calls waited in userspace, then entered; at least {sent} packets of each call each way, none lost"
