"""S15: the control protocol as a controller under stress uses it."""

from __future__ import annotations

import time

import sdp
from calls import DirectCall, nothing_left
from lab import CAROL, DAVE, Lab
from outcome import check
from registry import scenario

HEURISTIC = "--endpoint-learning=heuristic"


@scenario("s15-retransmission")
def retransmission(lab: Lab) -> None:
    """An offer repeated with the same cookie is executed once, and answered alike each time."""
    lab.daemon.start(-1)
    call_id = lab.call_id()
    keys = {"sdp": sdp.describe(CAROL.address, 16000), "call_id": call_id, "from_tag": "one", "replace": ["origin"]}
    replies = lab.ng.repeated("offer", 5, **keys)
    check(len(replies) == 5, f"{len(replies)} replies to 5 datagrams")
    check(len(set(replies)) == 1, "the replies to one cookie differ")
    ports = lab.network.bound_udp_ports("edge")
    lab.ng.repeated("offer", 1, **keys)
    check(lab.network.bound_udp_ports("edge") == ports, "the same offer again opened other ports")
    lab.ng.command("delete", call_id=call_id)
    nothing_left(lab, call_id)


@scenario("s15-delete-delay")
def delete_delay(lab: Lab) -> None:
    """During the delay of a delete media flows on, and a new offer keeps the call; without one it ends in time."""
    lab.daemon.start(-1, HEURISTIC)
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    call.talk.start()
    call.talk.established()
    call.delete(delete_delay=2)
    time.sleep(0.5)
    call.connect()
    time.sleep(2.5)
    check(call.call_id in lab.ng.calls(), "the call ended although a new offer came during the delay")
    call.delete(delete_delay=2)
    time.sleep(0.5)
    check(call.call_id in lab.ng.calls(), "the delete did not wait for its delay")
    call.talk.conclude()
    # Two seconds of delay end up to four after the delete: deadlines are rounded up to whole seconds, and looked at once a
    # second. Half a second has passed.
    nothing_left(lab, call.call_id, seconds=4)
