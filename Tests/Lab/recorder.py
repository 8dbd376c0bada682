"""A session recording server (RFC 7866) in small: takes an offer of copies, answers it, listens."""

from __future__ import annotations

import re
from typing import Any

import sdp
from lab import CORE, Lab
from outcome import check, wait_until
from rtp import Conversation, Endpoint


class Recorder:
    """Subscribes to parties of a call over NG; one endpoint for each section it is offered."""

    def __init__(self, lab: Lab, call_id: str, tag: str = "recorder") -> None:
        self.lab, self.call_id, self.tag = lab, call_id, tag
        self.endpoints: list[Endpoint] = []
        self.reply: dict[str, Any] = {}

    def subscribe(self, flags: list[str], **keys: Any) -> None:
        """Asks for the copies and says where to send them: to the private side, whatever side the parties are on."""
        self.reply = self.lab.ng.command(
            "subscribe request", call_id=self.call_id, to_tag=self.tag, flags=flags, interface="priv", **keys)
        offer = self.reply["sdp"]
        sections = re.findall(r"^m=audio (\d+)", offer, re.MULTILINE)
        check(offer.count("a=sendonly") == len(sections), f"the offer is not sendonly: {offer!r}")
        while len(self.endpoints) < len(sections):
            self.endpoints.append(self.lab.endpoint(CORE.host, CORE.address))
        self.lab.ng.command("subscribe answer", call_id=self.call_id, to_tag=self.tag, sdp=self._answer())

    def _answer(self) -> str:
        lines = ["v=0", f"o=srs 1 1 IN IP4 {CORE.address}", "s=-", f"c=IN IP4 {CORE.address}", "t=0 0"]
        for endpoint in self.endpoints:
            lines += [f"m=audio {endpoint.port} RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "a=recvonly"]
        return "\r\n".join(lines) + "\r\n"

    def unsubscribe(self) -> None:
        """Ends the subscription."""
        self.lab.ng.command("unsubscribe", call_id=self.call_id, to_tag=self.tag)

    def hears(self, talk: Conversation) -> None:
        """Waits until each party's packets arrive on the endpoint of its own section, and on no other."""
        for endpoint, speaker in zip(self.endpoints, self._speakers(talk)):
            first = speaker.sent
            wait_until(lambda: endpoint.count(speaker, first) >= 10, f"the recorder does not hear {speaker.host}", 5)

    def check_copies(self, talk: Conversation, begin: dict[int, int], end: dict[int, int]) -> int:
        """Every packet sent from `begin` up to `end` came to the recorder exactly once; returns how many."""
        total = 0
        for endpoint, speaker in zip(self.endpoints, self._speakers(talk)):
            heard = endpoint.heard(speaker)
            numbers = range(begin[speaker.identity], end[speaker.identity])
            wrong = [number for number in numbers if heard.get(number, 0) != 1]
            check(not wrong, f"of {len(numbers)} packets of {speaker.host} {len(wrong)} came not exactly once to the "
                             f"recorder, first #{wrong[0] if wrong else 0}")
            check(set(endpoint.got) == {speaker.identity}, f"section of {speaker.host} carries others too")
            total += len(numbers)
        return total

    @staticmethod
    def _speakers(talk: Conversation) -> tuple[Endpoint, Endpoint]:
        return (talk.one, talk.other)


def numbers(talk: Conversation) -> dict[int, int]:
    """The number of each party's next packet."""
    return {end.identity: end.sent for end in (talk.one, talk.other)}


def subscribers(lab: Lab, call_id: str, tag: str) -> list[str]:
    """The tags that get copies of what a party sends, as query lists them."""
    party = lab.ng.command("query", call_id=call_id)["tags"].get(tag, {})
    return [entry["tag"] for entry in party.get("subscribers", []) if entry["type"] == "pub/sub"]


def media_of(reply: dict[str, Any]) -> sdp.Media:
    """The first section of a reply's SDP."""
    media = sdp.first_media(reply["sdp"])
    check(media is not None, f"no media in {reply}")
    assert media is not None
    return media
