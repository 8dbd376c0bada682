"""S1: two phones with the same private address behind random-port NATs call each other through Kamailio."""

from __future__ import annotations

import time

from calls import SIPCall, check_counted, nothing_left, totals
from lab import ALICE, BOB, Lab
from outcome import check
from registry import KERNEL, scenario


def nat_call(lab: Lab, table: int) -> None:
    """The call itself; with table 0 it must reach the kernel and leave nothing there."""
    lab.daemon.start(table)
    lab.kamailio()
    lab.register(BOB)
    call = SIPCall(lab, ALICE, BOB)
    call.start()
    call.answered()
    if table >= 0:
        lab.kernel.check_forwarding(call.call_id)
    else:
        time.sleep(4)
    call.talk.exchange_rtcp()
    check(totals(lab, call.call_id, "RTCP") >= 2, "query counts no RTCP: it did not pass the daemon")
    call.talk.conclude()
    check_counted(lab, call.call_id, call.talk)
    call.hang_up()
    nothing_left(lab, call.call_id)


@scenario("s1-nat-userspace")
def userspace(lab: Lab) -> None:
    """A NATed call with --table=-1: no packet lost or doubled once both are heard, and nothing left after BYE."""
    nat_call(lab, table=-1)


@scenario("s1-nat-kernel", only_ours=KERNEL)
def kernel(lab: Lab) -> None:
    """The same call with --table=0 moves into nft and conntrack, counted per direction, RTCP still by the daemon."""
    nat_call(lab, table=0)
