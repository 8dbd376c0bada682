"""A relay between two phones' networks, in namespaces that carry our process id, and calls whose media is watched."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from engine import engine_options
from kernel import Router
from machine import Namespace, Process, Stage
from ng import NGClient, relay_ports, sdp
from outcome import Failure, check, wait_until
from sockets import udp_socket

REPOSITORY = Path(__file__).resolve().parents[2]
PACE = 0.02
FIRST_PHONE_PORT = 5000


def program() -> str:
    """`FAULTS_DAEMON`, or the debug build."""
    path = Path(os.environ.get("FAULTS_DAEMON") or REPOSITORY / ".build" / "debug" / "crosspointd")
    check(path.exists(), f"there is no {path}: swift build makes it, or FAULTS_DAEMON names another")
    return str(path.resolve())


class World:
    """Namespaces, a daemon and its controller."""

    def __init__(self, folder: Path, stage: Stage) -> None:
        self.folder = folder
        self.stage = stage
        self.far = stage.namespace("caller"), stage.namespace("callee")
        self.router = Router(stage, "relay", *self.far, 1)
        self.inside: Namespace = self.router.inside
        self.control = folder / "control.sock"
        self.daemon: Process | None = None
        self.ng = NGClient(("127.0.0.1", 2223))
        self.ng.socket.close()
        self.ng.socket = udp_socket(self.inside.name, ("127.0.0.1", 0))
        self.ng.socket.setblocking(False)
        self.starts = 0

    def start(self, *options: str, prefix: tuple[str, ...] = (), table: int = 0) -> Process:
        """Starts crosspointd and waits for its first pong; `prefix` is a command that becomes the daemon."""
        self.starts += 1
        command = [*prefix, program(), "-i", f"a/{self.router.own[0]}", "-i", f"b/{self.router.own[1]}",
                   "-n", "127.0.0.1:2223", f"--table={table}", "-m", "20000", "-M", "29999", "-f", "-E", "-L", "6",
                   "--config-file=none", "--delete-delay=0", f"--control-socket={self.control}", *engine_options(), *options]
        self.daemon = self.stage.process(self.inside.inside(*command), f"crosspointd-{self.starts}")
        running = self.daemon
        wait_until(lambda: self.ng.answers(0.2) or not running.is_running(), "no ping is answered", 20)
        check(running.is_running(), f"it ended at start: {running.last_lines()}")
        return running

    def log(self) -> list[str]:
        """The lines of the running daemon's log."""
        return self.daemon.log.read_text(errors="replace").splitlines()

    def says(self, pattern: str, seconds: float = 3) -> None:
        """Fails unless a line of the log matches."""
        expression = re.compile(pattern, re.IGNORECASE)
        wait_until(lambda: any(expression.search(line) for line in self.log()),
                   f"the log does not say {pattern!r}: {self.daemon.last_lines()}", seconds)

    # What is in the kernel

    def elements(self, name: str = "streams4") -> int:
        """Elements of a map of ours; none without the table."""
        try:
            return self.inside.run("nft", "list", "map", "inet", "crosspoint", name).count(" : 10.")
        except Exception:
            return 0

    def entries(self) -> int:
        """Conntrack entries of media."""
        # Each names both directions in one line.
        return self.inside.run("conntrack", "-L").count(" src=10.") // 2

    def translating(self) -> list[str]:
        """Entries that send packets elsewhere. Without our table, conntrack notes whatever phones go on to send."""
        lines = self.inside.run("conntrack", "-L", "-p", "udp").splitlines()
        return [line for line in lines if (found := re.findall(r"(?:src|dst)=(\S+)", line)) and found[1] != found[2]]

    def holds(self, flows: int) -> bool:
        """Whether exactly so many directions are in the kernel, each of them wholly. Two share a conntrack entry."""
        return (self.elements(), self.elements("sources4"), self.entries()) == (flows, flows, flows // 2)

    def wait_for(self, flows: int, seconds: float, when: str) -> None:
        """Waits until exactly so many directions are in the kernel."""
        try:
            wait_until(lambda: self.holds(flows), "", seconds)
        except Failure:
            found = self.elements(), self.elements("sources4"), self.entries()
            raise Failure(f"{when}: elements, sources and conntrack entries are {found}, {flows} flows expected; "
                          f"{self.daemon.last_lines()}") from None

    def end(self, seconds: float = 10) -> float:
        """SIGTERM; returns how long it took."""
        began = time.monotonic()
        self.daemon.child.send_signal(signal.SIGTERM)
        try:
            status = self.daemon.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f"it did not end within {seconds:g} s of SIGTERM: {self.daemon.last_lines()}") from None
        check(status == 0, f"it ended with {status}: {self.daemon.last_lines()}")
        return time.monotonic() - began

    def check_clean(self, when: str) -> None:
        """Nothing of ours is left."""
        tables = self.inside.run("nft", "list", "tables")
        left = self.translating()
        check("crosspoint" not in tables and not left, f"{when}: left are {tables.strip()!r} and {len(left)} conntrack "
                                                       f"entries such as {left[:2]}")


class Talk:
    """Both phones of some calls send numbered packets; a thread sends, receives and counts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[Call] = []
        self.lock = threading.Lock()
        self.isStopped = False
        self.isSilent = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def call(self, call_id: str, **keys: Any) -> "Call":
        """Sets a call up; its phones begin to send at once."""
        call = Call(self.world, call_id, FIRST_PHONE_PORT + 2 * len(self.calls), keys)
        with self.lock:
            self.calls.append(call)
        return call

    def _run(self) -> None:
        due = time.monotonic()
        while not self.isStopped:
            with self.lock:
                calls = [call for call in self.calls if not call.isOver]
            now = time.monotonic()
            if now >= due:
                # A pause of this process is no pause of the phones.
                due = max(due + PACE, now - PACE)
                for call in calls:
                    if not self.isSilent and not call.isSilent:
                        call.send()
            phones = [phone for call in calls for phone in call.phones]
            if phones:
                readable = select.select(phones, [], [], max(0, min(PACE, due - time.monotonic())))[0]
                for call in calls:
                    call.collect(readable)
            else:
                time.sleep(PACE)

    def stop(self) -> None:
        """Ends the thread, and the phones of calls that go on."""
        self.isStopped = True
        self.thread.join()
        for call in self.calls:
            for phone in call.phones:
                phone.close()


class Call:
    """One call and what its phones sent and heard."""

    def __init__(self, world: World, call_id: str, port: int, keys: dict[str, Any]) -> None:
        self.world, self.call_id = world, call_id
        self.isOver = self.isSilent = False
        self.phones = [udp_socket(far.name, (world.router.ends[side], port)) for side, far in enumerate(world.far)]
        for phone in self.phones:
            phone.setblocking(False)
            phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        ends = [(end, port) for end in world.router.ends]
        offer = world.ng.ok("offer", call_id=call_id, from_tag="f", sdp=sdp(*ends[0]), direction=["a", "b"], **keys)
        answer = world.ng.ok("answer", call_id=call_id, from_tag="f", to_tag="t", sdp=sdp(*ends[1]))
        self.relay = [(world.router.own[0], relay_ports(answer["sdp"])[0]),
                      (world.router.own[1], relay_ports(offer["sdp"])[0])]
        self.sent = 0
        self.heard: list[set[int]] = [set(), set()]

    def send(self) -> None:
        """One packet each way."""
        for side, phone in enumerate(self.phones):
            try:
                phone.sendto(struct.pack("!BBHIII", 0x80, 0, self.sent & 0xFFFF, self.sent * 160 & 0xFFFFFFFF, side + 1,
                                         self.sent) + bytes(156), self.relay[side])
            except OSError:
                pass
        self.sent += 1

    def collect(self, readable: list[socket.socket]) -> None:
        """Reads what has come."""
        for side, phone in enumerate(self.phones):
            if phone not in readable:
                continue
            try:
                while True:
                    data = phone.recv(2048)
                    if len(data) == 172:
                        self.heard[side].add(struct.unpack_from("!I", data, 12)[0])
            except OSError:
                continue

    def missing(self, since: int = 0) -> list[int]:
        """How many packets from a number on did not arrive, at each side."""
        end = self.sent
        time.sleep(0.2)
        return [end - since - len([number for number in heard if since <= number < end]) for heard in self.heard]

    def check_lossless(self, when: str, since: int = 0) -> int:
        """Fails if a packet is missing; returns how many were sent each way."""
        missing = self.missing(since)
        check(missing == [0, 0], f"{when}: of {self.sent - since} packets of {self.call_id} each way {missing} are missing; "
                                 f"{self.world.daemon.last_lines()}")
        check(self.sent - since > 10, f"{when}: only {self.sent - since} packets were sent")
        return self.sent - since

    def end(self) -> dict[str, Any]:
        """Hangs up; the phones' sockets stay until the talk stops, since its thread may be waiting on them."""
        self.isOver = True
        return self.world.ng.ok("delete", call_id=self.call_id, from_tag="f", delete_delay=0)
