"""S14: calls that fall silent, or silent on one side, end by themselves."""

from __future__ import annotations

import time

from calls import DirectCall, nothing_left
from lab import CAROL, DAVE, Lab
from outcome import check, wait_until
from registry import KERNEL, scenario

HEURISTIC = "--endpoint-learning=heuristic"


def is_known(lab: Lab, call_id: str) -> bool:
    """Whether query knows the call; the only error expected is that it does not."""
    reply = lab.ng.request("query", call_id=call_id)
    if reply.get("result") == "ok":
        return True
    check(reply.get("error-reason", "").lower() == "unknown call-id", f"query says {reply}")
    return False


def silent(lab: Lab, table: int) -> None:
    """Media for longer than the timeout keeps the call, silence for longer ends it."""
    lab.daemon.start(table, HEURISTIC, "--timeout=3")
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    call.talk.start()
    call.talk.established()
    if table >= 0:
        lab.kernel.wait_for_flows(call.call_id)
    time.sleep(4.5)
    check(is_known(lab, call.call_id), "the call ended although media flowed")
    call.talk.conclude()
    time.sleep(1)
    check(is_known(lab, call.call_id), "the call ended before its timeout")
    wait_until(lambda: not is_known(lab, call.call_id), "the silent call does not end", 6, every=0.2)
    nothing_left(lab, call.call_id)


@scenario("s14-timeout-userspace")
def silent_userspace(lab: Lab) -> None:
    """--timeout=3: a call lives while packets come and ends after silence (userspace)."""
    silent(lab, table=-1)


@scenario("s14-timeout-kernel", only_ours=KERNEL)
def silent_kernel(lab: Lab) -> None:
    """The same for streams of the kernel, whose packets the daemon never sees."""
    silent(lab, table=0)


@scenario("s14-never-any-media")
def never_any_media(lab: Lab) -> None:
    """A call on which no packet ever comes ends after the timeout as well."""
    lab.daemon.start(-1, "--timeout=3")
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    check(is_known(lab, call.call_id), "the call is not known")
    wait_until(lambda: not is_known(lab, call.call_id), "the silent call does not end", 8, every=0.2)
    nothing_left(lab, call.call_id)


def one_way(lab: Lab, table: int) -> None:
    """A call goes on while both are heard, and while both are silent for less than the timeout; not with one of them."""
    lab.daemon.start(table, HEURISTIC, "--one-way-timeout=3")
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    call.talk.start()
    call.talk.established()
    if table >= 0:
        lab.kernel.wait_for_flows(call.call_id)
    time.sleep(4.5)
    check(is_known(lab, call.call_id), "the call ended although both are heard")
    call.other.stop()
    time.sleep(1)
    check(is_known(lab, call.call_id), "the call ended before its timeout")
    heard = call.other.count(call.one)
    # Counters of the kernel are read every ten seconds at most, so its end may be seen later.
    wait_until(lambda: not is_known(lab, call.call_id), "the call of which one side is heard does not end", 20, every=0.2)
    check(call.other.count(call.one) > heard, "the other direction was not heard until the end")
    call.one.stop()
    nothing_left(lab, call.call_id)


@scenario("s14-one-way-userspace", only_ours="rtpengine has no such timeout")
def one_way_userspace(lab: Lab) -> None:
    """--one-way-timeout=3: a call of which one direction is silent ends, one that is heard both ways does not (userspace)."""
    one_way(lab, table=-1)


@scenario("s14-one-way-kernel", only_ours=KERNEL)
def one_way_kernel(lab: Lab) -> None:
    """The same for streams of the kernel, of which only counters tell."""
    one_way(lab, table=0)
