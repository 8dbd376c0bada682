"""Clocks that jump, a daemon that is paused, ended or killed with many calls up, a disk that is full."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import threading
import time
from pathlib import Path

from outcome import check, wait_until
from world import Talk, World

DAY = 86400
CALLS = 1000
RECORDINGS = 64


def clock_jumps(world: World) -> str:
    """The wall clock goes a day ahead and two days back, with a call up, a request repeated and timeouts running."""
    library = compile_clock(world.folder)
    offset = world.folder / "offset"
    offset.write_text("0")
    recordings = world.folder / "recordings"
    shutil.rmtree(recordings, ignore_errors=True)
    world.start("--timeout=20", "--silent-timeout=20", f"--recording-dir={recordings}",
                prefix=("env", f"LD_PRELOAD={library}", f"CLOCK_OFFSET={offset}"))
    talk = Talk(world)
    call = talk.call("steady")
    recorded = talk.call("recorded", record_call="on")
    world.wait_for(2, 5, "before the jumps")
    began = time.monotonic()
    for number, jump in enumerate((DAY, -DAY, 0)):
        offset.write_text(str(jump))
        time.sleep(3)
        check(set(world.ng.ok("list")["calls"]) == {"steady", "recorded"}, f"calls after a jump to {jump} s: {world.ng.ok('list')}")
        fresh = talk.call(f"fresh-{number}")
        time.sleep(0.6)
        fresh.check_lossless(f"after a jump to {jump} s")
        check_repeats(world, f"fresh-{number}")
        fresh.end()
    seconds = time.monotonic() - began
    # A party that falls silent is noticed as soon as ever.
    silent = talk.call("silent")
    time.sleep(1)
    silent.isSilent = True
    offset.write_text(str(-DAY))
    time.sleep(15)
    check("silent" in world.ng.ok("list")["calls"], "a call was ended before its time")
    wait_until(lambda: "silent" not in world.ng.ok("list")["calls"], "a silent call is not ended", 25)
    offset.write_text("0")
    sent = min(each.check_lossless("during the jumps") for each in (call, recorded))
    for each in (call, recorded):
        each.end()
    talk.stop()
    check_durations(world, time.monotonic() - began, seconds)
    world.end()
    check_record_times(recordings)
    world.check_clean("after SIGTERM")
    return f"a day ahead, two back: {sent} packets of two calls each way, none lost; durations and timeouts as without"


def check_repeats(world: World, call_id: str) -> None:
    """A repeated cookie gets the reply it got before, whatever the wall clock says."""
    cookie = world.ng.cookie()
    question = b'{"command":"query","call-id":"%s"}' % call_id.encode()
    replies = []
    for _ in range(2):
        world.ng.throw(question, cookie)
        replies.append(world.ng._reply(cookie, 3))
    check(replies[0] == replies[1] and replies[0] is not None, "a repeated request got another reply")


def check_durations(world: World, most: float, least: float) -> None:
    """The line at the end of each call tells the time that passed, not what the wall clock did."""
    found = {}
    for line in world.log():
        if "] call reason=" in line:
            found[line.split("[")[1].split("]")[0]] = float(line.split("duration=")[1].split()[0])
    check({"steady", "recorded"} <= set(found), f"lines at the end of calls: {found}")
    for name in ("steady", "recorded"):
        check(least <= found[name] <= most + 5, f"{name} lasted {found[name]} s, between {least:.0f} and {most:.0f} passed")


def check_record_times(folder: Path) -> None:
    """Packets have the wall clock's time: in order but for the jumps, and all of them are there."""
    captures = list(folder.rglob("*.pcap"))
    check(len(captures) == 1, f"{len(captures)} recordings, one expected")
    data = captures[0].read_bytes()
    check(data[:4] == struct.pack("=I", 0xA1B2C3D4), "the recording is no capture of microseconds")
    times, at = [], 24
    while at + 16 <= len(data):
        seconds, microseconds, length = struct.unpack_from("=III", data, at)
        times.append(seconds + microseconds / 1e6)
        at += 16 + length
    check(at == len(data) and len(times) > 500, f"only {len(times)} whole packets are in the recording")
    steps = [after - before for before, after in zip(times, times[1:])]
    jumps = [step for step in steps if abs(step) > DAY / 2]
    check(len(jumps) <= 8, f"{len(jumps)} jumps of time in the recording")
    check(all(-0.1 < step < 5 for step in steps if abs(step) <= DAY / 2), "packets are not in the order of time")


def compile_clock(folder: Path) -> Path:
    """The library that shifts CLOCK_REALTIME alone, compiled for this run."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    check(compiler is not None, "a C compiler is needed")
    library = folder / "clock_offset.so"
    done = subprocess.run([str(compiler), "-std=gnu11", "-O2", "-Wall", "-shared", "-fPIC", "-o", str(library),
                           str(Path(__file__).with_name("clock_offset.c"))], capture_output=True, text=True)
    check(done.returncode == 0, f"the library does not compile: {done.stderr}")
    return library


def paused(world: World) -> str:
    """SIGSTOP for 20 s with timeouts of 10 s: after SIGCONT no call with media is ended, and media flows at once."""
    world.start("--timeout=10", "--silent-timeout=10")
    talk = Talk(world)
    kernel = talk.call("kernel")
    # A traffic class of its own keeps a call out of the kernel.
    userspace = talk.call("userspace", TOS=8)
    world.wait_for(2, 5, "before the pause")
    world.daemon.child.send_signal(signal.SIGSTOP)
    time.sleep(20)
    at_resume = userspace.sent
    world.daemon.child.send_signal(signal.SIGCONT)
    time.sleep(0.1)
    after = userspace.sent
    time.sleep(5)
    check(set(world.ng.ok("list", seconds=10)["calls"]) == {"kernel", "userspace"},
          f"after the pause: {world.ng.ok('list')['calls']}; {world.daemon.last_lines()}")
    kernel.check_lossless("during the pause, in the kernel")
    userspace.check_lossless("from a tenth of a second after the pause on", since=after)
    kept = sum(number < at_resume for number in userspace.heard[0])
    for call in (kernel, userspace):
        call.end()
    talk.stop()
    world.wait_for(0, 5, "at the end")
    world.end()
    return f"the kernel's call lost nothing, the other went on at once ({kept} of {at_resume} packets before came too)"


def terminated_with_calls(world: World) -> str:
    """SIGTERM with 1,000 calls, media in both paths and requests arriving: ends within 2 s, leaves nothing."""
    world.start()
    talk = Talk(world)
    in_kernel = fill(world, talk)
    stop = threading.Event()
    requests = threading.Thread(target=keep_asking, args=(world, stop), daemon=True)
    requests.start()
    time.sleep(1)
    took = world.end()
    stop.set()
    requests.join()
    talk.stop()
    # On processors that others are busy on, as much longer.
    most = 2 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    check(took < most, f"it took {took:.1f} s to end, {most:.1f} s allowed")
    world.check_clean("after SIGTERM")
    return f"{CALLS} calls, {in_kernel} flows in the kernel: ended in {took:.2f} s, nothing left"


def killed_with_calls(world: World) -> str:
    """SIGKILL with 1,000 calls, then a new start: leftovers go, calls of a second life work."""
    world.start()
    talk = Talk(world)
    in_kernel = fill(world, talk)
    world.daemon.child.kill()
    world.daemon.child.wait()
    talk.stop()
    left = world.elements(), world.entries()
    check(left[0] == in_kernel and left[1] > 0, f"SIGKILL left {left} elements and entries, {in_kernel} expected")
    began = time.monotonic()
    world.start()
    took = time.monotonic() - began
    world.wait_for(0, 1, "after the new start")
    again = Talk(world)
    call = again.call("second-life")
    world.wait_for(2, 5, "in the second life")
    sent = call.check_lossless("in the second life")
    call.end()
    again.stop()
    world.end()
    world.check_clean("after SIGTERM")
    return f"{left[0]} elements and {left[1]} conntrack entries removed by the next start in {took:.1f} s; {sent} packets of a new call"


def fill(world: World, talk: Talk) -> int:
    """1,000 calls, most of them idle; some talk in the kernel, some in userspace. Returns how many flows the kernel has."""
    for number in range(CALLS - 60):
        world.ng.call(f"idle-{number}", (world.router.ends[0], 4000), (world.router.ends[0], 4002))
    talking = [talk.call(f"kernel-{number}") for number in range(40)]
    talking += [talk.call(f"userspace-{number}", TOS=8) for number in range(20)]
    world.wait_for(80, 10, "with 1,000 calls")
    return 80


def keep_asking(world: World, stop: threading.Event) -> None:
    """Offers as fast as they are taken, until told to stop."""
    from sockets import udp_socket  # noqa: PLC0415
    controller = udp_socket(world.inside.name, ("127.0.0.1", 0))
    number = 0
    body = "v=0\\r\\no=- 1 1 IN IP4 10.1.0.2\\r\\ns=-\\r\\nc=IN IP4 10.1.0.2\\r\\nt=0 0\\r\\nm=audio 4000 RTP/AVP 0\\r\\n"
    while not stop.is_set():
        number += 1
        try:
            controller.sendto(b'late_%d {"command":"offer","call-id":"late-%d","from-tag":"f","sdp":"%s"}'
                              % (number, number, body.encode()), ("127.0.0.1", 2223))
        except OSError:
            pass
        time.sleep(0.001)
    controller.close()


def disk_full(world: World) -> str:
    """64 recordings on a disk of one mebibyte: each ends with a word about it, no call notices."""
    place = world.folder / "disk"
    place.mkdir()
    mount = f'mount -t tmpfs -o size=1m tmpfs {place} && exec "$@"'
    world.start(f"--recording-dir={place}", prefix=("unshare", "-m", "sh", "-c", mount, "sh"))
    talk = Talk(world)
    beside = talk.call("beside")
    calls = [talk.call(f"recorded-{number}", record_call="on") for number in range(RECORDINGS)]
    world.says("the recording ends, the call goes on.*No space left", 20)
    time.sleep(4)
    check(len(world.ng.ok("list", limit=100)["calls"]) == RECORDINGS + 1, "calls ended because the disk is full")
    flood = [line for line in world.log() if "No space left" in line]
    check(len(flood) <= 30, f"{len(flood)} lines about a full disk")
    # Wherever the host is too busy to send from here in time, nothing can be said about loss of so many streams.
    sent = min(call.check_lossless("with a full disk") for call in [beside, calls[0], calls[-1]])
    # What is no longer recorded may go into the kernel.
    wait_until(lambda: world.elements() >= RECORDINGS, f"only {world.elements()} flows in the kernel", 20)
    for call in [*calls, beside]:
        call.end()
    talk.stop()
    world.wait_for(0, 5, "at the end")
    world.end()
    return f"{RECORDINGS} recordings ended, no call; {sent} packets of calls each way, none lost"
