"""S3: re-INVITE, hold and resume while numbered media flows: no dip."""

from __future__ import annotations

import time

import sipp
from calls import SIPCall, nothing_left
from lab import ALICE, BOB, Lab
from outcome import check, wait_until
from registry import KERNEL, scenario
from rtp import verify_direction

REPETITIONS = 4


def begin(lab: Lab, table: int, call: SIPCall) -> None:
    """Starts the call and waits until it flows on the path it belongs on."""
    lab.daemon.start(table)
    lab.kamailio()
    lab.register(BOB)
    call.start()
    call.answered()
    if table >= 0:
        lab.kernel.wait_for_flows(call.call_id)


def unchanged(lab: Lab, table: int) -> None:
    """Several re-INVITEs that change nothing, every packet accounted for."""
    call = SIPCall(lab, ALICE, BOB)
    out, back = call.out, call.back
    caller = out.call(out.media()) + [out.ack()]
    callee = back.accept(back.media())
    for _ in range(REPETITIONS):
        caller += [sipp.go(), *out.offer_again(out.media(changed=False))]
        callee += back.accept_again(back.media(changed=False))
    call.plan(caller + [sipp.go(), *out.hang_up()], callee + back.be_hung_up())
    begin(lab, table, call)
    for number in range(REPETITIONS):
        call.caller.go()
        call.callee.wait_for("ACK ", times=2 + number)
        time.sleep(0.4)
        call.talk.checkpoint()
    if table >= 0:
        lab.kernel.wait_for_flows(call.call_id)
    else:
        time.sleep(3.2)
    call.talk.conclude()
    call.hang_up()
    nothing_left(lab, call.call_id)


@scenario("s3-reinvite-userspace")
def unchanged_userspace(lab: Lab) -> None:
    """Re-INVITEs that change nothing: nothing lost, nothing doubled (userspace)."""
    unchanged(lab, table=-1)


@scenario("s3-reinvite-kernel", only_ours=KERNEL)
def unchanged_kernel(lab: Lab) -> None:
    """Re-INVITEs that change nothing while the kernel forwards: nothing lost, nothing doubled."""
    unchanged(lab, table=0)


def hold(lab: Lab, table: int, direction: str, reply: str, connection: str | None = None) -> None:
    """Holds and resumes once; on hold the holder may play music, after it both are heard at once."""
    call = SIPCall(lab, ALICE, BOB)
    out, back = call.out, call.back
    call.plan(
        out.call(out.media()) + [out.ack(), sipp.go(), *out.offer_again(out.media(direction, connection)),
                                 sipp.go(), *out.offer_again(out.media()), sipp.go(), *out.hang_up()],
        back.accept(back.media()) + back.accept_again(back.media(reply)) + back.accept_again(back.media())
        + back.be_hung_up())
    begin(lab, table, call)

    call.caller.go()
    call.callee.wait_for("ACK ", times=2)
    alice, bob = call.caller_media, call.callee_media
    wait_until(lambda: bob.muted, "the callee was not told that it is on hold")
    time.sleep(0.1)
    silence_begins = bob.sent
    time.sleep(1.5)
    check(bob.sent == silence_begins, "the laboratory's callee talks on hold")
    if direction == "sendonly" and connection is None:
        check(call.callee.remote_media.direction == "sendonly", "the callee's SDP lost a=sendonly")
        time.sleep(0.15)
        verify_direction(bob, alice, call.talk.begin[alice.identity], True, alice.sent - 10)

    call.caller.go()
    call.callee.wait_for("ACK ", times=3)
    wait_until(lambda: not (alice.muted or bob.muted), "the phones were not told that the hold is over")
    call.talk.mark()
    time.sleep(1)
    call.talk.checkpoint()
    if table >= 0:
        lab.kernel.wait_for_flows(call.call_id)
    call.talk.conclude()
    call.hang_up()
    nothing_left(lab, call.call_id)


HOLDS = {
    "sendonly": ("sendonly", "recvonly", None),
    "inactive": ("inactive", "inactive", None),
    "zero": ("sendrecv", "recvonly", "0.0.0.0"),
}


def add_hold(name: str, table: int) -> None:
    """Registers one kind of hold on one path."""
    path = "kernel" if table >= 0 else "userspace"

    def play(lab: Lab) -> None:
        hold(lab, table, *HOLDS[name])
    shown = "c=0.0.0.0" if name == "zero" else f"a={name}"
    play.__doc__ = f"Hold with {shown} and resume: both hear each other at once and lose nothing ({path})."
    # rtpengine forgets the NAT's port with the zero address and learns it anew only after its window.
    reason = KERNEL if table >= 0 else "rtpengine is silent for 3 s after c=0.0.0.0" if name == "zero" else ""
    scenario(f"s3-hold-{name}-{path}", only_ours=reason)(play)


for kind in HOLDS:
    add_hold(kind, -1)
    add_hold(kind, 0)
