"""S5: early media, forks, CANCEL, busy, and everything deleted more than once."""

from __future__ import annotations

import time
from dataclasses import replace

import sipp
from calls import DirectCall, SIPCall, nothing_left
from lab import ALICE, BOB, CAROL, DAVE, Lab
from outcome import check, wait_until
from registry import KERNEL, scenario
from rtp import Conversation


def prepare(lab: Lab, table: int = -1) -> None:
    """The daemon and Kamailio, with Bob registered."""
    lab.daemon.start(table)
    lab.kamailio()
    lab.register(BOB)


def early_media(lab: Lab, table: int) -> None:
    """183 with SDP; 200 with the same SDP follows, once early media is on the path it belongs on."""
    prepare(lab, table)
    call = SIPCall(lab, ALICE, BOB)
    out, back = call.out, call.back
    call.plan(
        [out.invite(out.media()), sipp.expect(100, optional=True), sipp.expect(183),
         sipp.expect(200, routes=True), out.ack(), sipp.go(), *out.hang_up()],
        [sipp.expect_request("INVITE", routes=True), back.respond(183, "Session Progress", back.media()), sipp.go(),
         back.respond(200, "OK", back.media(changed=False)), sipp.expect_request("ACK"), *back.be_hung_up()])
    call.start()
    call.caller.wait_for("SIP/2.0 183")
    call.talk.established()
    settle(lab, table, call.call_id)
    call.callee.go()
    call.callee.wait_for("ACK ")
    settle(lab, table, call.call_id)
    call.talk.conclude()
    call.hang_up()
    nothing_left(lab, call.call_id)


def settle(lab: Lab, table: int, call_id: str) -> None:
    """Waits until the kernel forwards the call; with userspace there is nothing to wait for."""
    if table >= 0:
        lab.kernel.wait_for_flows(call_id)
    else:
        time.sleep(0.5)


@scenario("s5-early-media-userspace")
def early_media_userspace(lab: Lab) -> None:
    """183 with SDP, media both ways, then 200 with the same SDP: not a packet lost at the change (userspace)."""
    early_media(lab, table=-1)


@scenario("s5-early-media-kernel", only_ours=KERNEL)
def early_media_kernel(lab: Lab) -> None:
    """Early media that the kernel forwards already when the 200 comes: not a packet lost at the change."""
    early_media(lab, table=0)


@scenario("s5-cancel")
def cancelled(lab: Lab) -> None:
    """CANCEL while it rings, after early media was offered: nothing is left."""
    prepare(lab)
    call = SIPCall(lab, ALICE, BOB)
    out, back = call.out, call.back
    call.plan(
        [out.invite(out.media()), sipp.expect(100, optional=True), sipp.expect(183), sipp.go(), out.cancel(),
         sipp.expect(200), sipp.expect(487), out.ack_failure()],
        [sipp.expect_request("INVITE"), back.respond(183, "Session Progress", back.media()), *back.be_cancelled()])
    call.start()
    call.caller.wait_for("SIP/2.0 183")
    check(call.call_id in lab.ng.calls(), "the daemon does not know the ringing call")
    call.talk.established()
    call.talk.stop()
    call.caller.go()
    call.finish()
    nothing_left(lab, call.call_id)


@scenario("s5-busy")
def busy(lab: Lab) -> None:
    """486: what the offer opened is closed again."""
    prepare(lab)
    call = SIPCall(lab, ALICE, BOB)
    out, back = call.out, call.back
    call.plan(
        [out.invite(out.media()), sipp.expect(100, optional=True), sipp.expect(180), sipp.expect(486),
         out.ack_failure()],
        [sipp.expect_request("INVITE"), back.respond(180, "Ringing"), sipp.go(),
         back.respond(486, "Busy Here"), sipp.expect_request("ACK")])
    call.start()
    call.caller.wait_for("SIP/2.0 180")
    check(call.call_id in lab.ng.calls(), "the daemon does not know the ringing call")
    check(not lab.daemon.has_no_relay_ports(), "the offer opened no ports")
    call.callee.go()
    call.finish()
    nothing_left(lab, call.call_id)


@scenario("s5-delete-twice")
def deleted_twice(lab: Lab) -> None:
    """The second delete of a call is answered politely: ok, with a warning."""
    lab.daemon.start(-1)
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    check("totals" in call.delete(), "the reply to delete has no statistics")
    nothing_left(lab, call.call_id)
    check(call.delete().get("warning"), "the second delete brings no warning")


def forked(lab: Lab, table: int, *defines: str) -> None:
    """Two branches send early media under different to-tags; the second answers, the first is cancelled."""
    first_phone, second_phone = replace(CAROL, user="group"), replace(DAVE, user="group")
    lab.daemon.start(table)
    lab.kamailio(*defines)
    lab.register(first_phone, second_phone)
    call_id = lab.call_id()
    caller_media, first_media, second_media = (
        lab.endpoint(phone.host, phone.address) for phone in (ALICE, first_phone, second_phone))
    out = sipp.Dialogue("alice", f"from-{call_id[:-4]}", "group", ALICE.address, caller_media.port)
    one = sipp.Dialogue("group", f"one-{call_id[:-4]}", "alice", CAROL.address, first_media.port)
    two = sipp.Dialogue("group", f"two-{call_id[:-4]}", "alice", DAVE.address, second_media.port)
    early = [sipp.expect_request("INVITE", routes=True), sipp.go()]
    first = lab.script(first_phone, early + [one.respond(183, "Session Progress", one.media()), *one.be_cancelled()],
                       media=first_media)
    second = lab.script(second_phone, early + [
        two.respond(183, "Session Progress", two.media()), sipp.go(), two.respond(200, "OK", two.media(changed=False)),
        sipp.expect_request("ACK"), *two.be_hung_up()], media=second_media)
    caller = lab.script(ALICE, [
        out.invite(out.media()), sipp.expect(100, optional=True), sipp.expect(183), sipp.expect(183),
        sipp.expect(200, routes=True), out.ack(), sipp.go(), *out.hang_up()], call_id, caller_media)

    for callee in (first, second):
        callee.wait_for("INVITE ")
    first.go()
    caller.wait_for("SIP/2.0 183")
    wait_until(lambda: caller_media.count(first_media), "the caller does not hear the first branch")
    second.go()
    caller.wait_for("SIP/2.0 183", times=2)
    wait_until(lambda: caller_media.count(second_media), "the caller does not hear the second branch")
    second.go()
    second.wait_for("ACK ")
    first.finish()
    first_media.stop()
    talk = Conversation(caller_media, second_media)
    talk.established()
    settle(lab, table, call_id)
    talk.conclude()
    caller.go()
    caller.finish()
    second.finish()
    nothing_left(lab, call_id)


@scenario("s5-forked")
def forked_by_tags(lab: Lab) -> None:
    """Two branches with different to-tags answer one offer; the winner is heard, nothing is left."""
    forked(lab, -1)


@scenario("s5-forked-via-branch")
def forked_by_via_branch(lab: Lab) -> None:
    """The same where Kamailio makes an offer for each branch and names it by via-branch."""
    forked(lab, -1, "WITH_VIA_BRANCH")


@scenario("s5-forked-kernel", only_ours=KERNEL)
def forked_in_kernel(lab: Lab) -> None:
    """The winner of a fork is forwarded by the kernel, the loser leaves nothing there."""
    forked(lab, 0)
