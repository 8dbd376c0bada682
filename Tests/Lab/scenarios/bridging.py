"""S4: from the public side to a host inside, with an advertised address, as behind a cloud's one-to-one NAT."""

from __future__ import annotations

from calls import SIPCall, check_counted, nothing_left
from lab import ALICE, CAROL, CORE, Lab
from network import EDGE_PRIVATE, EDGE_PUBLIC, run
from outcome import check
from phones import Phone
from registry import KERNEL, scenario

ADVERTISED = "198.51.100.2"


def cloud_nat(lab: Lab, host: str) -> None:
    """Makes the advertised address lead to the edge, for what this host sends."""
    run("ip", "netns", "exec", lab.network.name(host), "nft", "-f", "-", stdin=f"""
table ip cloud {{
  chain out {{ type nat hook output priority -100; ip daddr {ADVERTISED} dnat to {EDGE_PUBLIC}; }}
}}""")


def bridged(lab: Lab, caller: Phone, callee: Phone, table: int) -> None:
    """One call across; each side must be shown the address that faces it."""
    advertised = ADVERTISED if CAROL in (caller, callee) else EDGE_PUBLIC
    if advertised == ADVERTISED:
        cloud_nat(lab, "pub")
    lab.daemon.start(table, public=advertised)
    lab.kamailio()
    lab.register(callee)
    call = SIPCall(lab, caller, callee)
    call.start()
    call.answered()
    for phone, leg in ((caller, call.caller), (callee, call.callee)):
        wanted = EDGE_PRIVATE if phone is CORE else advertised
        check(leg.remote_media.address == wanted, f"{phone.host} was shown {leg.remote_media.address}, not {wanted}")
    if table >= 0:
        lab.kernel.check_forwarding(call.call_id)
    call.talk.exchange_rtcp()
    call.talk.conclude()
    check_counted(lab, call.call_id, call.talk)
    call.hang_up()
    nothing_left(lab, call.call_id)


@scenario("s4-bridge-userspace")
def inward_userspace(lab: Lab) -> None:
    """A public phone calls the host inside; the public side is shown the advertised address (userspace)."""
    bridged(lab, CAROL, CORE, table=-1)


@scenario("s4-bridge-outward-userspace")
def outward_userspace(lab: Lab) -> None:
    """The host inside calls a NATed phone (userspace)."""
    bridged(lab, CORE, ALICE, table=-1)


@scenario("s4-bridge-kernel", only_ours=KERNEL)
def inward_kernel(lab: Lab) -> None:
    """A public phone calls the host inside, forwarded by the kernel."""
    bridged(lab, CAROL, CORE, table=0)


@scenario("s4-bridge-outward-kernel", only_ours=KERNEL)
def outward_kernel(lab: Lab) -> None:
    """The host inside calls a NATed phone, forwarded by the kernel."""
    bridged(lab, CORE, ALICE, table=0)
