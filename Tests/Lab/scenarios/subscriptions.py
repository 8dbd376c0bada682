"""S16: copies for subscribers: SIPREC of a call by SIP, publishers."""

from __future__ import annotations

import time

import sdp
import sipp
from calls import SIPCall, nothing_left
from lab import ALICE, BOB, CAROL, CORE, Lab
from outcome import check, wait_until
from recorder import Recorder, media_of, numbers, subscribers
from registry import KERNEL, scenario


def siprec(lab: Lab, table: int) -> str:
    """A recorder joins a running call, stays through a re-INVITE, and leaves."""
    call = SIPCall(lab, ALICE, BOB)
    out, back = call.out, call.back
    call.plan(
        out.call(out.media()) + [out.ack(), sipp.go(), *out.offer_again(out.media()), sipp.go(), *out.hang_up()],
        back.accept(back.media()) + back.accept_again(back.media()) + back.be_hung_up())
    lab.daemon.start(table)
    lab.kamailio()
    lab.register(BOB)
    call.start()
    call.answered()
    in_kernel = table >= 0 and lab.daemon.is_ours
    if in_kernel:
        lab.kernel.wait_for_flows(call.call_id)
    call.talk.mark()

    recorder = Recorder(lab, call.call_id)
    recorder.subscribe(["SIPREC", "all"])
    labels = recorder.reply["media-labels"]
    tags = [section["tag"] for section in recorder.reply["tag-medias"]]
    check(tags == [call.out.tag, call.back.tag], f"tag-medias names {tags}")
    check(len(labels) == 2 and all(f"a=label:{label}\r\n" in recorder.reply["sdp"] for label in labels),
          f"labels {list(labels)} are not those of the SDP")
    check(subscribers(lab, call.call_id, call.out.tag) == [recorder.tag], "query does not list the subscriber")
    recorder.hears(call.talk)
    if in_kernel:
        check(not lab.kernel.elements(call.call_id), "a stream that is copied is in the kernel")
    begin = numbers(call.talk)

    call.caller.go()
    call.callee.wait_for("ACK ", times=2)
    recorder.hears(call.talk)
    end = numbers(call.talk)
    time.sleep(0.3)
    copied = recorder.check_copies(call.talk, begin, end)
    # The SDP of the phones is checked by their conversation: nothing of it may be lost or doubled because of copies.
    call.talk.checkpoint()

    recorder.unsubscribe()
    time.sleep(0.2)
    heard = [sum(sum(counter.values()) for counter in end.got.values()) for end in recorder.endpoints]
    if in_kernel:
        lab.kernel.wait_for_flows(call.call_id)
    time.sleep(0.5)
    after = [sum(sum(counter.values()) for counter in end.got.values()) for end in recorder.endpoints]
    check(heard == after, f"the recorder still hears something: {heard}, then {after}")
    call.talk.conclude()
    call.hang_up()
    if lab.daemon.is_ours:
        # rtpengine 10.5 keeps the call because the subscriber was a party of it.
        nothing_left(lab, call.call_id)
    return f"{copied} copies"


@scenario("s16-siprec-userspace")
def siprec_userspace(lab: Lab) -> str:
    """A recorder hears both parties, each in its own section, also across a re-INVITE (userspace)."""
    return siprec(lab, table=-1)


@scenario("s16-siprec-kernel", only_ours=KERNEL)
def siprec_kernel(lab: Lab) -> str:
    """The same; the streams leave the kernel for as long as they are copied, and the phones notice nothing."""
    return siprec(lab, table=0)


@scenario("s16-publish")
def publish(lab: Lab) -> None:
    """One publisher, two subscribers: one of the two leaves, the other goes on; the publisher's end ends the call."""
    lab.daemon.start(-1)
    call_id = lab.call_id()
    publisher = lab.endpoint(CAROL.host, CAROL.address)
    reply = lab.ng.command("publish", call_id=call_id, from_tag="pub",
                           sdp=sdp.describe(CAROL.address, publisher.port, "sendonly"))
    media = media_of(reply)
    check(media.direction == "recvonly", f"the publisher is answered {media.direction}")
    publisher.target, publisher.rtcp_target = media.target, media.rtcp_target
    publisher.start()
    ends = []
    for tag in ("sub1", "sub2"):
        media_of(lab.ng.command("subscribe request", call_id=call_id, from_tag="pub", to_tag=tag, interface="priv"))
        endpoint = lab.endpoint(CORE.host, CORE.address)
        lab.ng.command("subscribe answer", call_id=call_id, to_tag=tag,
                       sdp=sdp.describe(CORE.address, endpoint.port, "recvonly"))
        ends.append(endpoint)
    for endpoint in ends:
        wait_until(lambda: endpoint.count(publisher) >= 20, "a subscriber hears nothing", 5)
    publisher.send_rtcp()
    for endpoint in ends:
        wait_until(lambda: endpoint.rtcp_got[publisher.identity], "RTCP does not reach a subscriber", 3)
    lab.ng.command("unsubscribe", call_id=call_id, to_tag="sub1")
    time.sleep(0.2)
    left, first = ends[0].count(publisher), publisher.sent
    wait_until(lambda: ends[1].count(publisher, first) >= 20, "the other subscriber hears nothing more", 5)
    check(ends[0].count(publisher) == left, "who left still hears the publisher")
    publisher.stop()
    lab.ng.command("delete", call_id=call_id, from_tag="pub")
    if lab.daemon.is_ours:
        nothing_left(lab, call_id)
