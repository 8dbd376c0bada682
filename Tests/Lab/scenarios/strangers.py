"""S7: a host that is in no call sends RTP to the relay's ports."""

from __future__ import annotations

import time

from calls import DirectCall, nothing_left
from lab import ALICE, BOB, CAROL, DAVE, Lab
from outcome import check
from registry import KERNEL, scenario
from rtp import Conversation, Endpoint

HEURISTIC = "--endpoint-learning=heuristic"


def stranger_on(lab: Lab) -> Endpoint:
    """The attacker's port."""
    return lab.endpoint("stranger", "198.51.100.66")


def let_lock(lab: Lab) -> None:
    """Waits until a stream whose sources match the SDP exactly is locked: with us at once, with rtpengine 10.5 only
    when its learning window has passed."""
    time.sleep(0.2 if lab.daemon.is_ours else 4.2)


def attack(stranger: Endpoint, call: DirectCall, seconds: float) -> None:
    """Sends as much to both of the call's relay ports as a phone would."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for end in (call.one, call.other):
            if end.target is not None:
                stranger.send_one(end.target)
        time.sleep(0.01)


def check_nothing_gained(stranger: Endpoint, call: DirectCall, captured_before: int = 0) -> None:
    """The stranger was heard by nobody, and heard nothing itself."""
    for end in (call.one, call.other):
        check(end.count(stranger) == 0, f"{end.host} received {end.count(stranger)} packets of the stranger")
    captured = sum(stranger.sources.values()) - captured_before
    check(captured == 0, f"the stranger captured {captured} packets")


def after_lock(lab: Lab, table: int, flags: list[str], may_be_heard: bool) -> None:
    """Both ends are learnt; then the stranger comes."""
    lab.daemon.start(table, HEURISTIC)
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect(flags)
    call.talk.start(rate=100)
    call.talk.established()
    if table >= 0:
        lab.kernel.wait_for_flows(call.call_id)
    let_lock(lab)
    call.talk.mark()
    stranger = stranger_on(lab)
    attack(stranger, call, 1.5)
    call.talk.checkpoint()
    check(not stranger.sources, f"the stranger captured {sum(stranger.sources.values())} packets")
    if not may_be_heard:
        check_nothing_gained(stranger, call)
    call.talk.conclude()
    call.delete()
    nothing_left(lab, call.call_id)


@scenario("s7-stranger-strict-userspace")
def strict_userspace(lab: Lab) -> None:
    """With strict-source a locked stream takes nothing from a stranger and sends nothing to it (userspace)."""
    after_lock(lab, -1, ["strict-source"], may_be_heard=False)


@scenario("s7-stranger-strict-kernel", only_ours=KERNEL)
def strict_kernel(lab: Lab) -> None:
    """The same while the kernel forwards: the stranger's packets reach the daemon, which drops them."""
    after_lock(lab, 0, ["strict-source"], may_be_heard=False)


@scenario("s7-stranger-move-userspace")
def move_userspace(lab: Lab) -> None:
    """Without any flag a stranger can neither move nor capture a locked stream (userspace)."""
    after_lock(lab, -1, [], may_be_heard=not lab.daemon.is_ours)


@scenario("s7-stranger-move-kernel", only_ours=KERNEL)
def move_kernel(lab: Lab) -> None:
    """Without any flag a stranger can neither move nor capture a stream that the kernel forwards."""
    after_lock(lab, 0, [], may_be_heard=not lab.daemon.is_ours)


@scenario("s7-stranger-first")
def before_lock(lab: Lab) -> None:
    """The stranger sends before the phones do; the phones' first packets take the stream back for good."""
    lab.daemon.start(-1, HEURISTIC)
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    stranger = stranger_on(lab)
    call.offer(["strict-source"])
    attack(stranger, call, 0.3)
    call.answer(["strict-source"])
    attack(stranger, call, 0.3)
    call.talk.start(rate=100)
    call.talk.established()
    let_lock(lab)
    captured = sum(stranger.sources.values())
    heard = {end.host: end.count(stranger) for end in (call.one, call.other)}
    call.talk.mark()
    attack(stranger, call, 1.0)
    call.talk.conclude()
    for end in (call.one, call.other):
        check(end.count(stranger) == heard[end.host], f"{end.host} still receives the stranger's packets")
    check(sum(stranger.sources.values()) == captured, "the stranger still captures packets")
    call.delete()
    nothing_left(lab, call.call_id)


@scenario("s7-stranger-unpublished")
def before_answer(lab: Lab) -> None:
    """What arrives on a port that no SDP has named yet is dropped, and not remembered as anybody's address."""
    lab.daemon.start(-1, HEURISTIC)
    call = DirectCall(lab, lab.endpoint("phoneA", ALICE.address), lab.endpoint("phoneB", BOB.address))
    stranger = stranger_on(lab)
    call.offer(["SIP-source-address"], received_from=["IP4", "198.51.100.11"])
    # The ports the offer opened towards the offerer are known to nobody: a stranger tries them all.
    for port in sorted(lab.network.bound_udp_ports("edge")):
        if 30000 <= port <= 30999:
            for _ in range(3):
                stranger.send_one(("198.51.100.1", port))
    time.sleep(0.1)
    call.answer(["SIP-source-address"], received_from=["IP4", "198.51.100.12"])
    captured = sum(stranger.sources.values())
    talk: Conversation = call.talk
    talk.start()
    talk.established()
    talk.mark()
    time.sleep(1)
    talk.conclude()
    check(sum(stranger.sources.values()) == captured, "the stranger captures packets of the call")
    call.delete()
    nothing_left(lab, call.call_id)
