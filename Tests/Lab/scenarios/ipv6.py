"""S2: calls over IPv6, and between the two families."""

from __future__ import annotations

import time

from calls import SIPCall, check_counted, nothing_left
from lab import ALICE, BOB, CAROL6, DAVE6, Lab
from outcome import check
from phones import Phone
from registry import KERNEL, scenario


def plain_call(lab: Lab, caller: Phone, callee: Phone, table: int) -> SIPCall:
    """Sets a call up until both are heard."""
    lab.daemon.start(table)
    lab.kamailio()
    lab.register(callee)
    call = SIPCall(lab, caller, callee)
    call.start()
    call.answered()
    return call


def end(lab: Lab, call: SIPCall) -> None:
    """Accounts for the media and ends the call."""
    call.talk.conclude()
    check_counted(lab, call.call_id, call.talk)
    call.hang_up()
    nothing_left(lab, call.call_id)


@scenario("s2-ipv6-userspace")
def ipv6_userspace(lab: Lab) -> None:
    """Two public IPv6 phones with --table=-1."""
    call = plain_call(lab, CAROL6, DAVE6, table=-1)
    check(":" in call.caller.remote_media.address, "the caller was not given an IPv6 address")
    time.sleep(1)
    call.talk.exchange_rtcp()
    end(lab, call)


@scenario("s2-ipv6-kernel", only_ours=KERNEL)
def ipv6_kernel(lab: Lab) -> None:
    """Two public IPv6 phones, forwarded through streams6."""
    call = plain_call(lab, CAROL6, DAVE6, table=0)
    lab.kernel.check_forwarding(call.call_id, map_name="streams6")
    call.talk.exchange_rtcp()
    end(lab, call)


def mixed(lab: Lab, caller: Phone, callee: Phone) -> None:
    """A call between the families; NAT cannot join them, so it stays in userspace whatever the table says."""
    call = plain_call(lab, caller, callee, table=0)
    check((":" in call.caller.remote_media.address) == (":" in caller.address), "the caller got the wrong family")
    check((":" in call.callee.remote_media.address) == (":" in callee.address), "the callee got the wrong family")
    time.sleep(4)
    if lab.daemon.is_ours:
        check(not lab.kernel.elements(call.call_id), "a stream between IPv4 and IPv6 is in the kernel's map")
    call.talk.exchange_rtcp()
    end(lab, call)


@scenario("s2-mixed-4to6")
def mixed_4to6(lab: Lab) -> None:
    """A NATed IPv4 phone calls an IPv6 phone."""
    mixed(lab, ALICE, DAVE6)


@scenario("s2-mixed-6to4")
def mixed_6to4(lab: Lab) -> None:
    """An IPv6 phone calls a NATed IPv4 phone."""
    mixed(lab, CAROL6, BOB)
