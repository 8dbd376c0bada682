"""S15: the daemon as a service: one capability only, emptied before it ends, too busy for new calls."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from calls import DirectCall, SIPCall, nothing_left
from lab import ALICE, BOB, CAROL, DAVE, Lab
from network import EDGE_PRIVATE, EDGE_PUBLIC, run
from outcome import Failure, check, wait_until
from processes import Process
from registry import KERNEL, scenario

HEURISTIC = "--endpoint-learning=heuristic"
OURS = "asks what only crosspointd has"
# As Packaging/systemd/crosspoint.service has it.
ONE_CAPABILITY = ["--no-new-privs", "--inh-caps=-all,+net_admin", "--ambient-caps=-all,+net_admin",
                  "--bounding-set=-all,+net_admin"]
NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *ONE_CAPABILITY]
ROOT = ["setpriv", *ONE_CAPABILITY]
SESSION_LIMIT = "Parallel session limit reached"


@scenario("s15-net-admin-only", only_ours=KERNEL)
def net_admin_only(lab: Lab) -> str:
    """Run by nobody with CAP_NET_ADMIN and nothing else: the kernel path works, and its table goes at the end."""
    reachable = subprocess.run([*NOBODY, *lab.command, "--help"], capture_output=True).returncode == 0
    lab.daemon.start(0, HEURISTIC, "--no-fallback", wrapper=NOBODY if reachable else ROOT)
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    call.talk.start(rate=100)
    call.talk.established()
    lab.kernel.check_forwarding(call.call_id)
    call.talk.conclude()
    call.delete()
    nothing_left(lab, call.call_id)
    check(lab.daemon.stop() == 0, "the daemon did not end well")
    check(not lab.kernel.has_table(), "the table is still there")
    return "as nobody" if reachable else "as root with that capability: nobody cannot reach the program"


@scenario("s15-port-ranges", only_ours=KERNEL)
def port_ranges(lab: Lab) -> None:
    """rtpengine's file gives two interfaces one address and ports of their own: the kernel forwards both ranges."""
    file = Path(lab.daemon.log).parent / "rtpengine.conf"
    file.write_text(f"""
[rtpengine]
interfaces-config = interface
[interface-one]
address = {EDGE_PUBLIC}
port-min = 30200
port-max = 30219
[interface-two]
address = {EDGE_PUBLIC}
port-min = 30400
port-max = 30419
exclude-ports = 30400;30402-30411
""")
    lab.daemon.start(0, HEURISTIC, f"--config-file={file}", "--port-max=30099")
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address),
                      direction=["one", "two"])
    shown = call.offer()
    check(30412 <= shown.target[1] <= 30418, f"the second interface's port is {shown.target[1]}")
    back = call.answer()
    check(30200 <= back.target[1] <= 30218, f"the first interface's port is {back.target[1]}")
    call.talk.start(rate=100)
    call.talk.established()
    lab.kernel.check_forwarding(call.call_id)
    call.talk.conclude()
    call.delete()
    nothing_left(lab, call.call_id)


@scenario("s15-two-daemons", only_ours=KERNEL)
def two_daemons(lab: Lab) -> None:
    """A second daemon with a table and ports of its own comes and goes; the first one's flows do not notice."""
    lab.daemon.start(0, HEURISTIC)
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    call.talk.start(rate=100)
    call.talk.established()
    lab.kernel.check_forwarding(call.call_id)
    before = sum(element.packets for element in lab.kernel.elements(call.call_id))
    call.talk.mark()
    second = relay_beside(lab, "--table=1")
    try:
        wait_until(lambda: "inet crosspoint1" in tables(lab), "there is no table of the second daemon", 5)
    finally:
        status = second.stop()
    check(status == 0, f"the second daemon ended with {status}: {second.last_line()}")
    check("inet crosspoint1" not in tables(lab), "the second daemon left its table")
    after = sum(element.packets for element in lab.kernel.elements(call.call_id))
    check(after > before > 0, f"the flows' counters went from {before} to {after}")
    lab.kernel.check_forwarding(call.call_id)
    call.talk.conclude()
    call.delete()
    nothing_left(lab, call.call_id)


@scenario("s15-drain-timeout", only_ours=OURS)
def drain_timeout(lab: Lab) -> None:
    """SIGTERM with --drain-timeout: the call goes on, a new one is refused, and the daemon ends when the call does."""
    lab.daemon.start(0, HEURISTIC, "--drain-timeout=60")
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    call.talk.start(rate=100)
    call.talk.established()
    lab.daemon.running.signal(signal.SIGTERM)
    lab.daemon.says("draining for at most 60 s")
    lab.daemon.says("draining: no new calls, 1 go on")
    call.talk.mark()
    reply = lab.ng.request("offer", call_id="another", from_tag="a", sdp=offer())
    check(reply.get("error-reason") == SESSION_LIMIT, f"a draining daemon answered {reply}")
    call.talk.conclude()
    check(lab.daemon.running.is_running, "the daemon did not wait for the call")
    call.delete()
    status = lab.daemon.running.wait(5)
    check(status == 0, f"the daemon ended with {status}: {lab.daemon.running.last_line()}")
    lab.daemon.says("drained: there are no calls")


@scenario("s15-failover", only_ours=OURS)
def failover(lab: Lab) -> None:
    """Kamailio takes its calls to another relay while the first is draining or too busy, and comes back to it."""
    socket = Path(lab.daemon.log).parent / "first.sock"
    lab.daemon.start(-1, HEURISTIC, f"--control-socket={socket}")
    second = relay_beside(lab, "--table=-1")
    try:
        lab.kamailio("WITH_SECOND_RELAY")
        lab.register(BOB)
        check(not goes_to(lab, second), "an idle first relay was passed over")
        control(lab, socket, "drain")
        check(goes_to(lab, second), "a draining relay was given a call")
        lab.daemon.says(SESSION_LIMIT)
        control(lab, socket, "undrain")
        check(not goes_to(lab, second), "an undrained relay was passed over")
        lab.daemon.stop()
        lab.daemon.start(-1, HEURISTIC, "--max-cpu=0.0001", "--max-load=0.0001")
        wait_until(lambda: lab.ng.request("offer", call_id="probe", from_tag="a", sdp=offer()).get("error-reason")
                   in ("Load limit exceeded", "CPU usage limit exceeded"), "no limit is ever reached", 5)
        check(goes_to(lab, second), "a relay that is too busy was given a call")
    finally:
        status = second.stop()
    check(status == 0, f"the second daemon ended with {status}: {second.last_line()}")


def relay_beside(lab: Lab, *options: str) -> Process:
    """A second daemon with a control address and ports of its own."""
    second = Process(lab.network, "edge", [
        *lab.command, "-i", f"pub/{EDGE_PUBLIC}", "-i", f"priv/{EDGE_PRIVATE}", "-n", "127.0.0.1:2224", "-m", "31000",
        "-M", "31999", "-f", "-E", "--config-file=none", "--control-socket=none", "--delete-delay=0", *options],
        Path(lab.daemon.log).parent / "second.log")
    wait_until(lambda: 2224 in lab.network.bound_udp_ports("edge"), "the second daemon opens no port", 10)
    return second


def tables(lab: Lab) -> str:
    """What nft lists."""
    return run("ip", "netns", "exec", lab.network.name("edge"), "nft", "list", "tables")


def goes_to(lab: Lab, second: Process) -> bool:
    """Plays a call through Kamailio; whether the second relay was given it."""
    call = SIPCall(lab, ALICE, BOB)
    call.start()
    call.answered()
    call.talk.conclude()
    call.hang_up()
    return f"[{call.call_id}]" in second.log_text()


def control(lab: Lab, socket: Path, *words: str) -> None:
    """Asks the first daemon by crosspointctl."""
    program = Path(lab.command[0]).parent / "crosspointctl"
    done = subprocess.run([program, *words, f"--socket={socket}"], capture_output=True, text=True, timeout=5)
    if done.returncode != 0:
        raise Failure(f"crosspointctl {words[0]}: {done.stderr}")


def offer() -> str:
    """An SDP for a call that is to be refused."""
    return (f"v=0\r\no=- 1 1 IN IP4 {CAROL.address}\r\ns=-\r\nc=IN IP4 {CAROL.address}\r\nt=0 0\r\n"
            "m=audio 4000 RTP/AVP 0\r\n")
