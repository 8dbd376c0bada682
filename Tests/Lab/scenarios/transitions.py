"""S13: streams move between the kernel and userspace under load."""

from __future__ import annotations

import time

import sdp
from calls import DirectCall, aim, check_counted, nothing_left
from lab import CAROL, DAVE, Lab
from outcome import check, wait_until
from registry import KERNEL, scenario

HEURISTIC = "--endpoint-learning=heuristic"
SILENCE = 6.0  # longer than the daemon takes for a pause in talk
RATE = 500
TRANSITIONS = 200


def loaded_call(lab: Lab, table: int) -> DirectCall:
    """A call between public phones with 500 packets a second each way."""
    lab.daemon.start(table, HEURISTIC)
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    call.talk.start(RATE)
    call.talk.established()
    return call


def end(lab: Lab, call: DirectCall) -> str:
    """Every packet came once; the counters agree; nothing is left."""
    call.talk.conclude()
    check_counted(lab, call.call_id, call.talk)
    packets = call.one.sent + call.other.sent
    call.delete()
    nothing_left(lab, call.call_id)
    return f"{packets} packets, slowest control reply {lab.ng.slowest * 1000:.1f} ms"


def toggle(lab: Lab, call: DirectCall, number: int) -> None:
    """Re-offers with media-handover, which keeps a stream in userspace, or without."""
    handover = number % 2 == 0
    call.connect(["media-handover"] if handover else [])
    if not lab.daemon.is_ours:
        time.sleep(0.02)
        return
    wanted = 0 if handover else 2
    path = "userspace" if handover else "the kernel"
    wait_until(lambda: len(lab.kernel.elements(call.call_id)) == wanted,
               f"transition {number + 1}: the stream does not move to {path}", 2, every=0.005)


@scenario("s13-transitions")
def two_hundred(lab: Lab) -> str:
    """200 moves between kernel and userspace at 500 packets a second each way: none lost, none doubled."""
    call = loaded_call(lab, table=0)
    if lab.daemon.is_ours:
        lab.kernel.wait_for_flows(call.call_id)
    call.talk.mark()
    for number in range(TRANSITIONS):
        toggle(lab, call, number)
    return end(lab, call)


@scenario("s13-moved-port-kernel", only_ours=KERNEL)
def moved_port(lab: Lab) -> None:
    """An end moves to another port by re-offer and back, ten times: the flow follows it each time."""
    call = loaded_call(lab, table=0)
    lab.kernel.wait_for_flows(call.call_id)
    home, away = call.other, lab.endpoint("pub2", DAVE.address)
    for number in range(10):
        here, there = (home, away) if number % 2 == 0 else (away, home)
        here.stop()
        there.target = here.target
        offer_from_other(call, there.port)
        aim_both(call, there)
        there.start(RATE)
        call.other = there
        wait_until(lambda: call.one.count(there, there.sent - 20), "the moved end is not heard", 3)

        def follows() -> bool:
            flows = lab.kernel.elements(call.call_id)
            return len(flows) == 2 and {flow.destination[1] for flow in flows} == {call.one.port, there.port}
        wait_until(follows, f"move {number + 1}: the kernel's flows do not follow", 5, every=0.02)
    call.one.stop()
    call.other.stop()
    call.delete()
    nothing_left(lab, call.call_id)


def rebound(lab: Lab, table: int) -> None:
    """A party falls silent, comes back from another port although its SDP is the same, and re-offers: it is heard."""
    call = loaded_call(lab, table=table)
    if table >= 0 and lab.daemon.is_ours:
        lab.kernel.wait_for_flows(call.call_id)
    home, away = call.other, lab.endpoint("pub2", DAVE.address)
    home.stop()
    call.one.stop()
    time.sleep(SILENCE)
    aim_both(call, away)
    away.start(50)
    time.sleep(0.5)
    if lab.daemon.is_ours:
        check(call.one.count(away) == 0, "a new source was believed before any signalling")
    offer_from_other(call, home.port)
    away.target, away.rtcp_target = home.target, home.rtcp_target
    wait_until(lambda: call.one.count(away) >= 20, "the party is not heard from its new port", 3)
    call.one.start(50)
    wait_until(lambda: away.count(call.one) >= 20, "the party hears nothing on its new port", 3)
    away.stop()
    call.delete()
    nothing_left(lab, call.call_id)


@scenario("s13-rebound-after-silence-userspace")
def rebound_userspace(lab: Lab) -> None:
    """A NAT that forgot a silent phone gives it another port: the next re-INVITE brings it back (userspace)."""
    rebound(lab, table=-1)


@scenario("s13-rebound-after-silence-kernel", only_ours=KERNEL)
def rebound_kernel(lab: Lab) -> None:
    """The same for a stream that the kernel forwarded."""
    rebound(lab, table=0)


def offer_from_other(call: DirectCall, port: int) -> None:
    """The second party re-offers with another port, the first answers as before."""
    keys = {"call_id": call.call_id, "from_tag": "other", "to_tag": "one", "replace": ["origin"]}
    offer = call.lab.ng.command("offer", sdp=sdp.describe(DAVE.address, port, version=2), **keys)
    aim(call.one, offer["sdp"])
    answer = call.lab.ng.command("answer", sdp=sdp.describe(call.one.address, call.one.port), **keys)
    aim(call.other, answer["sdp"])


def aim_both(call: DirectCall, there) -> None:
    """The endpoint that takes over sends where the one before it was told to."""
    there.target, there.rtcp_target = call.other.target, call.other.rtcp_target
    check(there.target is not None, "no address to send to")
