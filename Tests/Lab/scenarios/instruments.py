"""S0: the instruments themselves, or nobody could trust what they read."""

from __future__ import annotations

import time

from lab import Lab
from network import NAT_A
from outcome import Failure, check, wait_until
from registry import scenario
from rtp import Conversation


@scenario("s0-instruments")
def counting_notices_loss_and_duplicates(lab: Lab) -> None:
    """The NAT picks a random port, no stranger comes in through it, and a lost or doubled packet is noticed."""
    phone = lab.endpoint("phoneA", "192.168.1.10")
    public = lab.endpoint("pub", "198.51.100.20")
    phone.send_one((public.address, public.port))
    wait_until(lambda: public.count(phone) == 1, "a packet through natA does not arrive")
    (address, port), = public.sources
    check(address == NAT_A, f"natA did not translate: the packet came from {address}")
    check(port != phone.port, "natA kept the source port")

    stranger = lab.endpoint("stranger", "198.51.100.66")
    stranger.send_one((address, port))
    public.send_one((address, port))
    wait_until(lambda: phone.count(public) == 1, "the answer does not pass natA")
    check(phone.count(stranger) == 0, "a stranger's packet passed natA")

    talk = Conversation(phone, public)
    talk.mark()
    public.target, phone.target = (address, port), (public.address, public.port)
    talk.start(rate=200)
    time.sleep(0.3)
    talk.conclude()
    expect_failure(talk, lambda: public.send_one(("198.51.100.99", 9)), "lost")
    talk.mark()
    for end in (phone, public):
        end.send_one()
    time.sleep(0.1)
    public.heard(phone)[phone.sent - 1] += 1
    expect_failure(talk, lambda: None, "twice")


def expect_failure(talk: Conversation, harm, word: str) -> None:
    """The counting fails with that word after the harm is done."""
    harm()
    try:
        talk.verify()
    except Failure as failure:
        check(word in str(failure), f"the counting complains about something else: {failure}")
        return
    raise Failure(f"the counting does not notice packets that are {word}")
