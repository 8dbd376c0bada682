"""S8 to S10: the daemon is killed, its table is taken away, it is asked to end; calls being up."""

from __future__ import annotations

import signal
import subprocess
import time

from calls import DirectCall, SIPCall, nothing_left
from lab import ALICE, BOB, CAROL, DAVE, Lab
from network import run
from outcome import check, wait_until
from registry import KERNEL, scenario
from rtp import verify_direction

HEURISTIC = "--endpoint-learning=heuristic"
RATE = 100
# How long after `nft flush ruleset` packets may be missing; the table and its flows vanish under packets in flight.
FLUSH_WINDOW = 0.2


def call_in_kernel(lab: Lab, rate: int = RATE) -> DirectCall:
    """A call between the public phones that the kernel forwards already."""
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    call.talk.start(rate)
    call.talk.established()
    if lab.daemon.is_ours:
        lab.kernel.check_forwarding(call.call_id)
    return call


@scenario("s8-killed")
def killed(lab: Lab) -> None:
    """kill -9 in mid-call; at the next start what was left in nft and conntrack goes, and new calls work."""
    lab.daemon.start(0, HEURISTIC)
    lab.kamailio()
    lab.register(BOB)
    old = call_in_kernel(lab)
    lab.daemon.running.signal(signal.SIGKILL)
    check(lab.daemon.running.wait(3) != 0, "the daemon survived SIGKILL")
    old.talk.stop()
    lab.daemon.start(0)
    check(old.call_id not in lab.ng.calls(), "the new run knows the old run's call")
    lab.kernel.check_clean(seconds=1)

    call = SIPCall(lab, ALICE, BOB)
    call.start()
    call.answered()
    if lab.daemon.is_ours:
        lab.kernel.check_forwarding(call.call_id)
    call.talk.conclude()
    call.hang_up()
    nothing_left(lab, call.call_id)


@scenario("s8-second-daemon", only_ours=KERNEL)
def second_daemon(lab: Lab) -> None:
    """A second daemon on the same control address gives up before it touches the first one's table."""
    lab.daemon.start(0, HEURISTIC)
    call = call_in_kernel(lab)
    before = sum(element.packets for element in lab.kernel.elements(call.call_id))
    call.talk.mark()
    second = subprocess.run(
        ["ip", "netns", "exec", lab.network.name("edge"), *lab.command, *lab.daemon.options(0), HEURISTIC],
        capture_output=True, text=True, timeout=10)
    check(second.returncode != 0, "the second daemon started")
    check("in use" in second.stderr, f"the second daemon does not say why: {second.stderr!r}")
    after = sum(element.packets for element in lab.kernel.elements(call.call_id))
    check(after >= before > 0, f"the flows' counters went from {before} to {after}")
    call.talk.conclude()
    call.delete()
    nothing_left(lab, call.call_id)


@scenario("s9-ruleset-flushed", only_ours=KERNEL)
def flushed(lab: Lab) -> str:
    """nft flush ruleset in mid-call: the table comes back, media goes on, the call ends cleanly."""
    lab.daemon.start(0, HEURISTIC)
    call = call_in_kernel(lab)
    call.talk.mark()
    before = dict(call.talk.begin)
    run("ip", "netns", "exec", lab.network.name("edge"), "nft", "flush", "ruleset")
    time.sleep(FLUSH_WINDOW)
    call.talk.mark()
    wait_until(lab.kernel.has_table, "the table does not come back", 5, every=0.05)
    lab.kernel.check_forwarding(call.call_id)
    call.talk.conclude()
    call.talk.begin = before
    for hearer, speaker in ((call.one, call.other), (call.other, call.one)):
        verify_direction(hearer, speaker, before[speaker.identity], lossless=False)
    lost = call.talk.lost()
    call.delete()
    nothing_left(lab, call.call_id)
    return f"{lost} packets of {RATE} a second each way lost, all within {FLUSH_WINDOW:g} s of the flush"


@scenario("s10-terminated")
def terminated(lab: Lab) -> None:
    """SIGTERM with calls up: status 0, and nothing of ours is left in nft or conntrack."""
    lab.daemon.start(0, HEURISTIC)
    calls = [call_in_kernel(lab) for _ in range(3)]
    lab.daemon.running.signal(signal.SIGTERM)
    status = lab.daemon.running.wait(5)
    for call in calls:
        call.talk.stop()
    check(status == 0, f"the daemon ended with {status}: {lab.daemon.running.last_line()}")
    check(not lab.kernel.has_table(), "the table is still there")
    check(not lab.kernel.translated(), f"conntrack still translates: {lab.kernel.translated()[:2]}")
    check(lab.daemon.has_no_relay_ports(), "relay ports are still open")


@scenario("s10-interrupted")
def interrupted(lab: Lab) -> None:
    """SIGINT ends the daemon as cleanly as SIGTERM."""
    lab.daemon.start(-1, HEURISTIC)
    lab.daemon.running.signal(signal.SIGINT)
    status = lab.daemon.running.wait(5)
    check(status == 0, f"the daemon ended with {status}: {lab.daemon.running.last_line()}")
