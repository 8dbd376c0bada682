"""Calls the scenarios have in common: by SIP through Kamailio, or by NG commands straight to the daemon."""

from __future__ import annotations

from typing import Any

import sdp
import sipp
from lab import Lab
from outcome import check, wait_until
from phones import Call, Phone
from rtp import Conversation, Endpoint


class SIPCall:
    """A call between two phones through Kamailio: INVITE, talk until told otherwise, BYE by the caller."""

    def __init__(self, lab: Lab, caller: Phone, callee: Phone,
                 caller_steps: list[str] | None = None, callee_steps: list[str] | None = None) -> None:
        self.lab = lab
        self.call_id = lab.call_id()
        self.caller_media = lab.endpoint(caller.host, caller.address)
        self.callee_media = lab.endpoint(callee.host, callee.address)
        self.talk = Conversation(self.caller_media, self.callee_media)
        caller_tag, callee_tag = f"from-{self.call_id[:-4]}", f"to-{self.call_id[:-4]}"
        self.out = sipp.Dialogue(
            caller.user, caller_tag, callee.user, caller.address, self.caller_media.port, callee_tag)
        self.back = sipp.Dialogue(
            callee.user, callee_tag, caller.user, callee.address, self.callee_media.port, caller_tag)
        self._phones = (caller, callee)
        self._steps: tuple[list[str], list[str]] = ([], [])
        self.caller: Call
        self.callee: Call

    def plan(self, caller: list[str], callee: list[str]) -> None:
        """Sets what happens between the two; without it `start` plays the plain call."""
        self._steps = (caller, callee)

    def start(self) -> None:
        """The callee waits, the caller calls."""
        if not self._steps[0]:
            self.plan(
                self.out.call(self.out.media()) + [self.out.ack(), sipp.go()] + self.out.hang_up(),
                self.back.accept(self.back.media()) + self.back.be_hung_up())
        caller, callee = self._phones
        self.callee = self.lab.script(callee, self._steps[1], media=self.callee_media)
        self.caller = self.lab.script(caller, self._steps[0], self.call_id, media=self.caller_media)

    def answered(self) -> None:
        """Waits for the ACK and for media both ways."""
        self.callee.wait_for("ACK ")
        self.talk.established()

    def hang_up(self, by_callee: bool = False) -> None:
        """One side's BYE (its next `go`); both phones end well."""
        (self.callee if by_callee else self.caller).go()
        self.finish()

    def finish(self) -> None:
        """Both SIPp runs end well."""
        self.caller.finish()
        self.callee.finish()


class DirectCall:
    """A call set up by NG commands, as a controller of one's own would: no SIP, exact control of each command."""

    def __init__(self, lab: Lab, one: Endpoint, other: Endpoint, **offer_keys: Any) -> None:
        self.lab = lab
        self.call_id = lab.call_id()
        self.one, self.other = one, other
        self.talk = Conversation(one, other)
        self.offer_keys = offer_keys

    def offer(self, flags: list[str] | None = None, text: str | None = None, **keys: Any) -> sdp.Media:
        """`one` offers; returns what the daemon wrote for `other`, which sends there from now on."""
        text = text or sdp.describe(self.one.address, self.one.port)
        reply = self.lab.ng.command("offer", sdp=text, call_id=self.call_id, from_tag="one", flags=flags or [],
                                    replace=["origin"], **(self.offer_keys | keys))
        return aim(self.other, reply["sdp"])

    def answer(self, flags: list[str] | None = None, text: str | None = None, **keys: Any) -> sdp.Media:
        """`other` answers; returns what the daemon wrote for `one`, which sends there from now on."""
        text = text or sdp.describe(self.other.address, self.other.port)
        reply = self.lab.ng.command("answer", sdp=text, call_id=self.call_id, from_tag="one", to_tag="other",
                                    flags=flags or [], replace=["origin"], **keys)
        return aim(self.one, reply["sdp"])

    def connect(self, flags: list[str] | None = None, **keys: Any) -> None:
        """Offer and answer with the same flags."""
        self.offer(flags, **keys)
        self.answer(flags)

    def delete(self, **keys: Any) -> dict[str, Any]:
        """Ends the call."""
        return self.lab.ng.command("delete", call_id=self.call_id, from_tag="one", **keys)


def aim(endpoint: Endpoint, text: str) -> sdp.Media:
    """Points an endpoint to where an SDP says."""
    media = sdp.first_media(text)
    check(media is not None, f"the daemon's SDP has no media: {text!r}")
    assert media is not None
    endpoint.target, endpoint.rtcp_target = media.target, media.rtcp_target
    return media


def totals(lab: Lab, call_id: str, kind: str = "RTP") -> int:
    """The packets of a call, RTP or RTCP, as a query reports them."""
    reply = lab.ng.command("query", call_id=call_id)
    return int(reply.get("totals", {}).get(kind, {}).get("packets", 0))


def check_counted(lab: Lab, call_id: str, talk: Conversation) -> None:
    """A query counts what the phones received, whichever path it took; call it when media has stopped."""
    heard = sum(sum(counter.values()) for end in (talk.one, talk.other) for counter in end.got.values())
    counted = totals(lab, call_id)
    check(counted >= heard, f"query counts {counted} RTP packets, the phones received {heard}")


def nothing_left(lab: Lab, call_id: str, seconds: float = 3) -> None:
    """The daemon forgets the call in time, its ports are free, nft and conntrack know nothing of it."""
    wait_until(lambda: call_id not in lab.ng.calls(), f"the daemon still knows {call_id}", seconds)
    wait_until(lab.daemon.has_no_relay_ports, "relay ports are still open", 4, every=0.1)
    lab.kernel.check_clean(call_id)
