"""The laboratory's network: namespaces, cables, NATs. Nothing of it touches the namespace it is started in.

    phoneA 192.168.1.10 -- natA 198.51.100.11 --+
    phoneB 192.168.1.10 -- natB 198.51.100.12 --+
    pub    198.51.100.20, 2001:db8:1::20 -------+-- switch -- edge 198.51.100.1, 2001:db8:1::1
    pub2   198.51.100.21, 2001:db8:1::21 -------+              |  10.0.0.1, fd00::1
    stranger 198.51.100.66, 2001:db8:1::66 -----+              +-- core 10.0.0.20, fd00::20

Both phones have the same private address on purpose, and their NATs choose random source ports: neither the
address nor the port in their SDP is ever seen on the wire.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from outcome import Failure

CLONE_NEWNET = 0x40000000
SO_RCVBUFFORCE = 33
libc = ctypes.CDLL(None, use_errno=True)

EDGE_PUBLIC = "198.51.100.1"
EDGE_PUBLIC6 = "2001:db8:1::1"
EDGE_PRIVATE = "10.0.0.1"
EDGE_PRIVATE6 = "fd00::1"
NAT_A = "198.51.100.11"
NAT_B = "198.51.100.12"
PHONE = "192.168.1.10"

PUBLIC_HOSTS = {
    "edge": (EDGE_PUBLIC, EDGE_PUBLIC6),
    "natA": (NAT_A, None),
    "natB": (NAT_B, None),
    "pub": ("198.51.100.20", "2001:db8:1::20"),
    "pub2": ("198.51.100.21", "2001:db8:1::21"),
    "stranger": ("198.51.100.66", "2001:db8:1::66"),
}
HOSTS = ["switch", *PUBLIC_HOSTS, "core", "phoneA", "phoneB"]

NAT_RULES = """
table ip nat {
  chain post { type nat hook postrouting priority 100; oifname "eth0" masquerade random; }
}
table ip filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "inside" accept
  }
}
"""


def run(*command: str, stdin: str | None = None) -> str:
    """Runs a short command and returns its output; fails with its error text."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=20)
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


class Network:
    """The namespaces of one run; their names carry our process id, so runs side by side do not meet."""

    PREFIX = "xplab"

    def __init__(self) -> None:
        self.prefix = f"{self.PREFIX}{os.getpid()}-"
        self._own = threading.local()

    def name(self, host: str) -> str:
        """The namespace's name of one of the hosts in the picture above."""
        return self.prefix + host

    # Building

    def up(self) -> None:
        """Makes every namespace, cable, address and NAT."""
        remove_leftovers(self.PREFIX)
        for host in HOSTS:
            run("ip", "netns", "add", self.name(host))
            run("ip", "-n", self.name(host), "link", "set", "lo", "up")
            # Duplicate address detection would keep IPv6 addresses unusable for a second or two.
            self.sysctl(host, "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
        self._ip("switch", "link add br0 type bridge", "link set br0 up")
        for host, (ipv4, ipv6) in PUBLIC_HOSTS.items():
            self._cable(host, "eth0", "switch", f"to-{host}")
            self._ip("switch", f"link set to-{host} master br0 up")
            self._ip(host, f"addr add {ipv4}/24 dev eth0")
            if ipv6:
                self._ip(host, f"addr add {ipv6}/64 dev eth0 nodad")
        self._cable("core", "eth0", "edge", "eth1")
        self._ip("edge", f"addr add {EDGE_PRIVATE}/24 dev eth1", f"addr add {EDGE_PRIVATE6}/64 dev eth1 nodad")
        self._ip("core", "addr add 10.0.0.20/24 dev eth0", "addr add fd00::20/64 dev eth0 nodad")
        for letter in "AB":
            self._home(f"phone{letter}", f"nat{letter}")
        self.edge_forwards()

    def _home(self, phone: str, nat: str) -> None:
        """Puts a phone behind its NAT."""
        self._cable(phone, "eth0", nat, "inside")
        self._ip(nat, "addr add 192.168.1.1/24 dev inside")
        self._ip(phone, f"addr add {PHONE}/24 dev eth0", "route add default via 192.168.1.1")
        self.sysctl(nat, "net.ipv4.ip_forward=1")
        run("ip", "netns", "exec", self.name(nat), "nft", "-f", "-", stdin=NAT_RULES)

    def _cable(self, host: str, device: str, other: str, other_device: str) -> None:
        self._ip(host, f"link add {device} type veth peer name {other_device} netns {self.name(other)}",
                 f"link set {device} up")
        self._ip(other, f"link set {other_device} up")

    def _ip(self, host: str, *commands: str) -> None:
        run("ip", "-n", self.name(host), "-batch", "-", stdin="\n".join(commands) + "\n")

    def sysctl(self, host: str, *settings: str) -> None:
        """Writes sysctl settings (`net.ipv4.ip_forward=1`) in one namespace."""
        run("ip", "netns", "exec", self.name(host), "sysctl", "-qw", *settings)

    def edge_forwards(self, enabled: bool = True) -> None:
        """Switches IP forwarding of the edge, which the kernel path needs."""
        value = int(enabled)
        self.sysctl("edge", f"net.ipv4.ip_forward={value}", f"net.ipv6.conf.all.forwarding={value}")

    def reset_edge(self) -> None:
        """Takes from the edge and the public phones what a scenario may have left in netfilter."""
        for host in ("edge", "pub", "pub2", "core"):
            run("ip", "netns", "exec", self.name(host), "nft", "flush", "ruleset")
        subprocess.run(["ip", "netns", "exec", self.name("edge"), "conntrack", "-F"], capture_output=True)
        self.edge_forwards()

    def down(self) -> None:
        """Removes every namespace; the cables and the bridge go with them."""
        for host in HOSTS:
            subprocess.run(["ip", "netns", "del", self.name(host)], capture_output=True)

    # Using

    @contextmanager
    def inside(self, host: str) -> Iterator[None]:
        """Moves the calling thread into a namespace for as long as the block runs; sockets made there stay there."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        away = os.open(f"/run/netns/{self.name(host)}", os.O_RDONLY)
        try:
            enter(away)
            try:
                yield
            finally:
                enter(home)
        finally:
            os.close(home)
            os.close(away)

    def udp_socket(self, host: str, address: str, port: int) -> socket.socket:
        """A non-blocking UDP socket in a namespace, with room for a burst."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self.inside(host):
            sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20)
        sock.setblocking(False)
        sock.bind((address, port))
        return sock

    def bound_udp_ports(self, host: str) -> set[int]:
        """The UDP ports that some process in the namespace is bound to."""
        ports = set()
        with self.inside(host):
            for table in ("udp", "udp6"):
                for line in Path(f"/proc/thread-self/net/{table}").read_text().splitlines()[1:]:
                    ports.add(int(line.split()[1].rsplit(":", 1)[1], 16))
        return ports


def enter(descriptor: int) -> None:
    """setns(2) for the calling thread."""
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def remove_leftovers(prefix: str) -> None:
    """Removes namespaces of earlier runs that were killed, and ends what still runs in them."""
    for line in run("ip", "netns", "list").splitlines():
        name = line.split()[0] if line.split() else ""
        owner = name.removeprefix(prefix).partition("-")[0]
        if not name.startswith(prefix) or not owner.isdigit() or Path(f"/proc/{owner}").exists():
            continue
        for pid in run("ip", "netns", "pids", name).split():
            try:
                os.kill(int(pid), 9)
            except ProcessLookupError:
                pass
        subprocess.run(["ip", "netns", "del", name], capture_output=True)
