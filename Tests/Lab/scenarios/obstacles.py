"""S11 and S12: hosts on which the kernel path cannot work; the calls do, and the log says why in plain words."""

from __future__ import annotations

import subprocess

from calls import DirectCall, nothing_left
from lab import CAROL, DAVE, Lab
from network import run
from outcome import check
from registry import KERNEL, scenario

HEURISTIC = "--endpoint-learning=heuristic"
POWERLESS = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]
NOBODY = [*POWERLESS, "--reuid=nobody", "--regid=nogroup", "--clear-groups"]

# What the log must say, as patterns of one line.
FORWARDING_OFF = "ip_forward"
NO_PRIVILEGE = "kernel.*(privilege|permi|capabilit|CAP_NET_ADMIN)"
CHAIN_DROPS = "forward.*drop|drop.*forward"

DROPPING_FIREWALL = """
table inet firewall {
  chain forward { type filter hook forward priority 0; policy drop; }
}
"""


def userspace_call(lab: Lab) -> None:
    """A whole call, none of it in the kernel."""
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    call.talk.start(rate=100)
    call.talk.established()
    call.talk.exchange_rtcp()
    check(not lab.kernel.elements(), "the kernel path is used all the same")
    call.talk.conclude()
    call.delete()
    nothing_left(lab, call.call_id)


@scenario("s11-unprivileged")
def unprivileged(lab: Lab) -> None:
    """Run by nobody, without any capability: the same call in userspace."""
    # Where nobody may not reach the program (a build below /root), root without capabilities is as powerless.
    reachable = subprocess.run([*NOBODY, *lab.command, "--help"], capture_output=True).returncode == 0
    lab.daemon.start(0, HEURISTIC, wrapper=NOBODY if reachable else POWERLESS)
    if lab.daemon.is_ours:
        lab.daemon.says(NO_PRIVILEGE)
    userspace_call(lab)


@scenario("s11-no-fallback", only_ours=KERNEL)
def no_fallback_unprivileged(lab: Lab) -> None:
    """Without any capability and with --no-fallback: refuses to start."""
    refuses(lab, NO_PRIVILEGE, wrapper=POWERLESS)


@scenario("s12-no-forwarding", only_ours=KERNEL)
def no_forwarding(lab: Lab) -> None:
    """net.ipv4.ip_forward=0 would swallow every packet: said in the log, calls run in userspace."""
    lab.network.edge_forwards(False)
    lab.daemon.start(0, HEURISTIC)
    lab.daemon.says(FORWARDING_OFF)
    userspace_call(lab)


@scenario("s12-dropping-firewall", only_ours=KERNEL)
def dropping_firewall(lab: Lab) -> None:
    """Another table's forward chain drops: said in the log, calls run in userspace."""
    load_firewall(lab)
    lab.daemon.start(0, HEURISTIC)
    lab.daemon.says(CHAIN_DROPS)
    userspace_call(lab)


def load_firewall(lab: Lab) -> None:
    """Gives the edge a firewall that forwards nothing."""
    run("ip", "netns", "exec", lab.network.name("edge"), "nft", "-f", "-", stdin=DROPPING_FIREWALL)


def refuses(lab: Lab, reason: str, wrapper: list[str] | None = None) -> None:
    """With --no-fallback the daemon does not start, and says why."""
    lab.daemon.launch(0, "--no-fallback", wrapper=wrapper)
    status = lab.daemon.running.wait(5)
    check(status != 0, "the daemon ended with status 0")
    lab.daemon.says(reason)
    check(not lab.kernel.has_table(), "the daemon that refused to start left its table")


@scenario("s12-no-fallback-forwarding", only_ours=KERNEL)
def no_fallback_forwarding(lab: Lab) -> None:
    """ip_forward=0 with --no-fallback: refuses to start."""
    lab.network.edge_forwards(False)
    refuses(lab, FORWARDING_OFF)


@scenario("s12-no-fallback-firewall", only_ours=KERNEL)
def no_fallback_firewall(lab: Lab) -> None:
    """A dropping forward chain with --no-fallback: refuses to start."""
    load_firewall(lab)
    refuses(lab, CHAIN_DROPS)


@scenario("s12-table-off")
def table_off(lab: Lab) -> None:
    """--table=-1: the kernel is left alone altogether."""
    lab.daemon.start(-1, HEURISTIC)
    check(not lab.kernel.has_table(), "--table=-1 made a table")
    userspace_call(lab)
