"""S17: blocked DTMF and media, and two calls that become one."""

from __future__ import annotations

import time

import sdp
from calls import DirectCall, SIPCall, nothing_left
from lab import ALICE, BOB, CAROL, CORE, DAVE, Lab
from outcome import check, wait_until
from registry import KERNEL, scenario
from rtp import Conversation, Endpoint

EVENT = 101
HEURISTIC = "--endpoint-learning=heuristic"


def describe_with_events(endpoint: Endpoint) -> str:
    """PCMU and telephone events."""
    return sdp.describe(endpoint.address, endpoint.port).replace(
        "RTP/AVP 0", f"RTP/AVP 0 {EVENT}").replace(
        "a=sendrecv", f"a=rtpmap:{EVENT} telephone-event/8000\r\na=fmtp:{EVENT} 0-15\r\na=sendrecv")


def press_keys(speaker: Endpoint, hearer: Endpoint) -> int:
    """Ten event packets; how many of them came."""
    before = hearer.payload_types[EVENT]
    for _ in range(10):
        speaker.send_one(payload_type=EVENT)
        time.sleep(0.02)
    time.sleep(0.3)
    return hearer.payload_types[EVENT] - before


def release(lab: Lab, call_id: str, command: str) -> None:
    """What `all` does, one by one: rtpengine 10.5 does not know it here."""
    for tag in ("one", "other"):
        lab.ng.command(command, call_id=call_id, from_tag=tag, flags=["directional"])


def blocked(lab: Lab, table: int) -> None:
    """DTMF of one party, then of the whole call; then media, of which events still pass."""
    lab.daemon.start(table, HEURISTIC)
    one, other = lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address)
    call = DirectCall(lab, one, other)
    call.offer(text=describe_with_events(one))
    call.answer(text=describe_with_events(other))
    call.talk.start()
    call.talk.established()
    in_kernel = table >= 0 and lab.daemon.is_ours
    if in_kernel:
        lab.kernel.wait_for_flows(call.call_id)
    check(press_keys(one, other) == 10, "events do not pass an open call")

    def block(command: str, **keys) -> None:
        lab.ng.command(command, call_id=call.call_id, **keys)
        time.sleep(0.1)
    block("block DTMF", from_tag="one", flags=["directional"])
    check(press_keys(one, other) == 0, "blocked events pass")
    check(press_keys(other, one) == 10, "events of the party that is not blocked do not pass")
    if in_kernel:
        check(len(lab.kernel.elements(call.call_id)) <= 1, "a blocked stream is in the kernel")
    block("block DTMF", from_tag="other")
    check(press_keys(other, one) == 0, "events pass although the call's are blocked")
    block("unblock DTMF", flags=["all"])
    if not lab.daemon.is_ours:
        release(lab, call.call_id, "unblock DTMF")
    check(press_keys(one, other) == 10 and press_keys(other, one) == 10, "events stay blocked")
    block("block media", from_tag="one", flags=["directional"])
    one.stop()
    before, first = other.count(one), one.sent
    one.start()
    wait_until(lambda: one.sent >= first + 20, "the phone does not send")
    check(other.count(one) == before, "blocked media passes")
    one.stop()
    check(press_keys(one, other) == 10, "events do not pass blocked media")
    block("unblock media", flags=["all"])
    if not lab.daemon.is_ours:
        release(lab, call.call_id, "unblock media")
    one.start()
    call.talk.established()
    if in_kernel:
        lab.kernel.wait_for_flows(call.call_id)
    call.talk.conclude()
    call.delete()
    nothing_left(lab, call.call_id)


@scenario("s17-blocks-userspace")
def blocks_userspace(lab: Lab) -> None:
    """block DTMF and block media, of a party and of the call (userspace)."""
    blocked(lab, table=-1)


@scenario("s17-blocks-kernel", only_ours=KERNEL)
def blocks_kernel(lab: Lab) -> None:
    """The same for streams that the kernel forwards before and after."""
    blocked(lab, table=0)


@scenario("s17-connect", only_ours="rtpengine 10.5 has no connect")
def connect(lab: Lab) -> None:
    """A party of a call by SIP is connected to one of another call: they talk, both ids name the call, BYE ends it."""
    lab.daemon.start(0)
    lab.kamailio()
    lab.register(BOB)
    call = SIPCall(lab, ALICE, BOB)
    call.start()
    call.answered()
    lab.kernel.wait_for_flows(call.call_id)
    second = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint(CORE.host, CORE.address))
    second.connect(direction=["pub", "priv"])
    second.talk.start()
    second.talk.established()
    lab.kernel.wait_for_flows(second.call_id)

    lab.ng.command("connect", call_id=call.call_id, from_tag=call.out.tag, to_tag="one", to_call_id=second.call_id)
    joined = Conversation(call.caller_media, second.one)
    joined.established()
    time.sleep(0.2)
    quiet = (call.callee_media.count(call.caller_media), second.other.count(second.one))
    lab.kernel.wait_for_flows(call.call_id)
    joined.checkpoint()
    check(quiet == (call.callee_media.count(call.caller_media), second.other.count(second.one)),
          "who was left still hears the one that went")
    by_other = lab.ng.command("query", call_id=second.call_id)
    check(set(by_other["tags"]) == {call.out.tag, call.back.tag, "one", "other"},
          f"query by the second id shows {list(by_other['tags'])}")
    calls = lab.ng.calls()
    check(calls == [call.call_id], f"list shows {calls}")
    second.other.stop()
    joined.conclude()
    call.caller_media.stop()
    call.hang_up()
    lab.ng.command("delete", call_id=second.call_id)
    nothing_left(lab, call.call_id)
