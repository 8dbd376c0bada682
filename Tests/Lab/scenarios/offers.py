"""S6: offers that come from elsewhere than the first INVITE."""

from __future__ import annotations

import time

import sipp
from calls import SIPCall, nothing_left
from lab import ALICE, BOB, Lab
from registry import KERNEL, scenario


def prepare(lab: Lab, table: int) -> None:
    """The daemon, Kamailio, Bob."""
    lab.daemon.start(table)
    lab.kamailio()
    lab.register(BOB)


def settle(lab: Lab, table: int, call: SIPCall) -> None:
    """Waits until the call is on the path it belongs on."""
    if table >= 0:
        lab.kernel.wait_for_flows(call.call_id)
    else:
        time.sleep(0.5)


def late_offer(lab: Lab, table: int) -> None:
    """INVITE without SDP, the offer in the 200, the answer in the ACK."""
    prepare(lab, table)
    call = SIPCall(lab, ALICE, BOB)
    out, back = call.out, call.back
    call.plan(
        out.call(None) + [out.ack(out.media()), sipp.go(), *out.hang_up()],
        back.accept(back.media()) + back.be_hung_up())
    call.start()
    call.answered()
    settle(lab, table, call)
    call.talk.conclude()
    call.hang_up()
    nothing_left(lab, call.call_id)


@scenario("s6-late-offer-userspace")
def late_offer_userspace(lab: Lab) -> None:
    """A late offer (userspace): both are heard, nothing is left."""
    late_offer(lab, table=-1)


@scenario("s6-late-offer-kernel", only_ours=KERNEL)
def late_offer_kernel(lab: Lab) -> None:
    """A late offer reaches the kernel path too."""
    late_offer(lab, table=0)


def from_both_sides(lab: Lab, table: int) -> None:
    """UPDATE by the caller, then a re-INVITE by the callee, who also hangs up; media goes on."""
    prepare(lab, table)
    call = SIPCall(lab, ALICE, BOB)
    out, back = call.out, call.back
    call.plan(
        out.call(out.media()) + [
            out.ack(), sipp.go(), out.request("UPDATE", out.media(changed=False)), sipp.expect(200),
            *out.accept_again(out.media(changed=False)), *out.be_hung_up()],
        back.accept(back.media()) + [
            sipp.expect_request("UPDATE"),
            back.respond(200, "OK", back.media(changed=False), again=True, acknowledged=False),
            sipp.go(), *back.offer_again(back.media(changed=False)), sipp.go(), *back.hang_up()])
    call.start()
    call.answered()
    settle(lab, table, call)
    call.caller.go()
    call.caller.wait_for("SIP/2.0 200", times=2)
    time.sleep(0.3)
    call.talk.checkpoint()
    call.callee.go()
    call.caller.wait_for("ACK ")
    time.sleep(0.3)
    call.talk.checkpoint()
    settle(lab, table, call)
    call.talk.conclude()
    call.hang_up(by_callee=True)
    nothing_left(lab, call.call_id)


@scenario("s6-update-and-callee-reinvite-userspace")
def from_both_sides_userspace(lab: Lab) -> None:
    """UPDATE, and a re-INVITE from the callee: nothing lost, nothing doubled (userspace)."""
    from_both_sides(lab, table=-1)


@scenario("s6-update-and-callee-reinvite-kernel", only_ours=KERNEL)
def from_both_sides_kernel(lab: Lab) -> None:
    """UPDATE, and a re-INVITE from the callee, while the kernel forwards: nothing lost, nothing doubled."""
    from_both_sides(lab, table=0)
