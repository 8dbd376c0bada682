"""S20: calls are recorded to pcap files, and leave the kernel for as long as that lasts."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import capture
from calls import DirectCall, SIPCall, nothing_left
from lab import ALICE, BOB, CAROL, DAVE, Lab
from network import EDGE_PRIVATE, EDGE_PUBLIC
from outcome import Skip, check, wait_until
from registry import KERNEL, scenario
from rtp import Endpoint


def directory(lab: Lab) -> Path:
    """An empty directory for recordings; nothing is shown without tcpdump."""
    if shutil.which("tcpdump") is None:
        raise Skip("tcpdump is not installed")
    path = lab.folder / f"{lab.scenario}.recordings"
    path.mkdir()
    return path


def finished(path: Path) -> tuple[Path, str]:
    """The one capture whose metadata has been moved to its place, and the metadata."""
    wait_until(lambda: list(path.glob("metadata/*.txt")), "the metadata is not finished")
    captures, texts = list(path.glob("pcaps/*.pcap")), list(path.glob("metadata/*.txt"))
    check(len(captures) == 1 and len(texts) == 1, f"{len(captures)} captures and {len(texts)} metadata files")
    check(not list(path.glob("tmp/*")), "something is left in tmp")
    text = texts[0].read_bytes().decode()
    check(text.startswith(f"{captures[0]}\n\n"), f"the metadata does not begin with the capture: {text[:200]!r}")
    return captures[0], text


def check_numbers(packets: list[capture.Packet], speaker: Endpoint, first: int, last: int) -> None:
    """Each packet from `first` up to `last` is there, once and in order, and none is there twice."""
    numbers = capture.numbers(packets, speaker)
    missing = sorted(set(range(first, last)) - set(numbers))
    check(not missing, f"{speaker.host}: {len(missing)} of {last - first} are not in the file, first #{missing[:1]}")
    check(numbers == sorted(set(numbers)), f"{speaker.host}: packets are doubled or out of order")


@scenario("s20-recording-kernel", only_ours=KERNEL)
def from_the_kernel(lab: Lab) -> str:
    """A call in the kernel is recorded for a while: it leaves, each packet is in the file, it returns; none is lost."""
    path = directory(lab)
    lab.daemon.start(0, f"--recording-dir={path}")
    lab.kamailio()
    lab.register(BOB)
    call = SIPCall(lab, ALICE, BOB)
    call.start()
    call.answered()
    lab.kernel.wait_for_flows(call.call_id)
    check(lab.ng.command("start recording", call_id=call.call_id)["result"] == "ok", "not recorded")
    ends = (call.caller_media, call.callee_media)
    first = [end.sent for end in ends]
    check(not lab.kernel.elements(call.call_id), "a flow of a recorded call is in the kernel")
    time.sleep(2)
    call.talk.exchange_rtcp()
    recording = lab.ng.command("query", call_id=call.call_id).get("recording", {})
    check(recording.get("call recording") == 1, f"query does not say that the call is recorded: {recording}")
    last = [end.sent for end in ends]
    time.sleep(0.1)
    lab.ng.command("stop recording", call_id=call.call_id)
    lab.kernel.wait_for_flows(call.call_id)
    lab.kernel.check_forwarding(call.call_id)
    call.talk.conclude()
    call.hang_up()
    nothing_left(lab, call.call_id)
    pcap, _ = finished(path)
    packets = capture.read(pcap)
    for end, begin, stop in zip(ends, first, last):
        check_numbers(packets, end, begin, stop)
    check(any(len(packet.payload) == 8 for packet in packets), "no RTCP is in the file")
    strange = {packet.target[0] for packet in packets} - {EDGE_PUBLIC, EDGE_PRIVATE}
    check(not strange, f"packets went to {strange}, which are not ours")
    return f"{len(packets)} packets in the file"


def recorded_from_offer(lab: Lab, framing: str) -> str:
    """The whole call with `record-call`, for which rtpengine is the measure."""
    path = directory(lab)
    lab.daemon.start(-1, f"--recording-dir={path}", "--recording-method=pcap", f"--recording-format={framing}")
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.offer(record_call="yes", metadata="customer|7")
    call.answer()
    call.talk.start()
    call.talk.established()
    time.sleep(1)
    call.talk.conclude()
    call.delete()
    pcap, text = finished(path)
    packets = capture.read(pcap, framing, checksums=lab.daemon.is_ours)
    for end in (call.one, call.other):
        check_numbers(packets, end, call.talk.begin[end.identity], end.sent)
        sources = {packet.source for packet in packets if capture.numbers([packet], end)}
        check(sources == {(end.address, end.port)}, f"packets of {end.host} come from {sources}")
    for line in ("SDP mode: offer\nSDP before RTP packet: 1\n\nv=0\r\n",
                 "SDP mode: answer\nSDP before RTP packet: 1\n\nv=0\r\n",
                 "\nTimestamp terminated ms(first monologue): ", "\n\ncall start time: 20", "\ncall end time: 20"):
        check(line in text, f"{line!r} is not in the metadata: {text!r}")
    check(text.endswith("\n\n\ncustomer|7\n"), f"the metadata does not end with the controller's: {text[-80:]!r}")
    name = pcap.name.removesuffix(".pcap")
    check(name.startswith(call.call_id.replace("@", "%40") + "-"), f"the capture is called {name}")
    check(list(path.glob("metadata/*.txt"))[0].name == f"rtpengine-meta-{name}.txt", "the metadata has another name")
    return f"{len(packets)} packets in the file"


@scenario("s20-recording-raw")
def raw(lab: Lab) -> str:
    """A call recorded from its offer: files, names, metadata and packets as rtpengine has them."""
    return recorded_from_offer(lab, "raw")


@scenario("s20-recording-eth")
def ethernet(lab: Lab) -> str:
    """The same with --recording-format=eth."""
    return recorded_from_offer(lab, "eth")
