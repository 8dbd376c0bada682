"""What hostile or broken neighbours send, while the daemon has to serve everybody else."""

from __future__ import annotations

import json
import random
import socket
import time
from pathlib import Path

from daemon import ADDRESS, Daemon
from hostile import Mutator, media_datagrams
from media import WatchedCall, media_socket
from ng import bencode, sdp
from outcome import Failure, check, wait_until

MEBI = 1 << 20
# What rounds of garbage may leave behind beside the replies that are kept for repeats: pages touched for the first time.
ALLOWED_GROWTH = 48 * MEBI
SEED = 20240


def clear(daemon: Daemon) -> None:
    """Ends every call through the controller's own commands."""
    while calls := daemon.ng.ok("list", limit=200).get("calls", []):
        for call in calls:
            daemon.ng.ok("delete", call_id=call, delete_delay=0)


def check_service(daemon: Daemon, number: int) -> None:
    """A ping is answered and a clean call can be set up, carries media and goes."""
    daemon.check_alive()
    check(daemon.ng.request("ping", tries=3)["result"] == "pong", "ping was not answered with pong")
    one, other = media_socket(), media_socket()
    relay, _ = daemon.ng.call(f"clean-{number}", one.getsockname(), other.getsockname())
    other.settimeout(5)
    one.sendto(b"\x80\0\0\1" + bytes(168), (ADDRESS, relay))
    try:
        check(len(other.recv(2000)) == 172, "a clean call carries something else")
    except TimeoutError:
        flows = [flow for flow in daemon.ask("flows")["flows"] if flow["callID"].startswith("clean")]
        raise Failure(f"a clean call carries no media: {flows} {daemon.ask('stats')}") from None
    daemon.ng.delete(f"clean-{number}")
    one.close()
    other.close()


def mutated_control(folder: Path, seconds: float, measures: bool) -> str:
    """Damaged offers, answers, deletes and questions, far more than any controller sends."""
    templates = folder / "templates.yaml"
    templates.write_text("templates:\n  one: trust-address symmetric codec-strip-G722\n")
    with Daemon(folder, f"--recording-dir={folder / 'recordings'}", config=templates) as daemon:
        mutator = Mutator(SEED)
        watched = WatchedCall(daemon)
        deadline = time.monotonic() + seconds
        sent = rounds = 0
        memory = files = 0
        while time.monotonic() < deadline or rounds < 3:
            for number in range(400):
                # Some have no cookie at all.
                daemon.ng.throw(mutator.payload(), cookie=mutator.no_cookie() if number % 50 == 0 else None)
                daemon.ng.drain()
                sent += 1
            check_service(daemon, rounds)
            rounds += 1
            if rounds % 5 == 3:
                clear_all_but_watched(daemon)
                if not memory:
                    memory, files, daemon.ng.reply_octets = daemon.resident, daemon.descriptors, 0
        text = watched.finish()
        clear(daemon)
        daemon.settle()
        wait_until(lambda: daemon.descriptors <= files, f"more than the {files} descriptors of the first rounds", 5)
        check_memory(daemon, memory, measures)
        # A hundred and more kinds of warning (what is not obeyed, for each command, and what is refused), twenty lines of
        # each in a minute; without a limit every request would leave several.
        daemon.check_no_flood(4000 * (1 + int(seconds / 60)))
        return f"{sent} requests, {rounds} checks, slowest reply {daemon.ng.slowest * 1000:.0f} ms; {text}"


def clear_all_but_watched(daemon: Daemon) -> None:
    """Ends the calls that damaged requests left."""
    while calls := [call for call in daemon.ng.ok("list", limit=200).get("calls", []) if call != "watched"]:
        for call in calls:
            daemon.ng.request("delete", call_id=call, delete_delay=0)
    daemon.settle(4)


def check_memory(daemon: Daemon, before: int, measures: bool) -> None:
    """Fails if it grew by more than the replies it has to keep for a minute."""
    grown = daemon.resident - before
    allowed = ALLOWED_GROWTH + min(2 * daemon.ng.reply_octets, 256 * MEBI)
    check(not measures or grown < allowed, f"its memory grew by {grown // MEBI} MiB, {allowed // MEBI} at most expected")


def mutated_media(folder: Path, seconds: float, measures: bool) -> str:
    """Datagrams of every kind and size at the relay ports of live calls, from the right source and from strangers."""
    with Daemon(folder) as daemon:
        phones = [media_socket() for _ in range(8)]
        targets = []
        for number in range(4):
            one, other = phones[2 * number], phones[2 * number + 1]
            ports = daemon.ng.call(f"target-{number}", one.getsockname(), other.getsockname())
            for phone, port in zip((one, other), ports):
                targets += [(phone, port), (phone, port + 1)]
        stranger = media_socket()
        watched = WatchedCall(daemon)
        chance, datagrams = random.Random(SEED), media_datagrams(SEED)
        memory = sent = 0
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for datagram in (next(datagrams) for _ in range(200)):
                phone, port = chance.choice(targets)
                try:
                    (phone if chance.random() < 0.7 else stranger).sendto(datagram, (ADDRESS, port))
                    sent += 1
                except OSError:
                    pass
            daemon.check_alive()
            memory = memory or daemon.resident
        check_service(daemon, 0)
        daemon.ask("flows")
        text = watched.finish()
        check_memory(daemon, memory, measures)
        clear(daemon)
        daemon.settle()
        daemon.check_no_flood(100)
        for phone in [*phones, stranger]:
            phone.close()
        return f"{sent} datagrams; {text}"


def control_socket(folder: Path, seconds: float, measures: bool) -> str:
    """Clients of the control socket that send halves, send too much, come in crowds, or never read."""
    with Daemon(folder) as daemon:
        for number in range(60):
            daemon.ng.call(f"c{number}", (ADDRESS, 4000), (ADDRESS, 5000))
        files = daemon.descriptors
        deaf = [daemon.connect() for _ in range(4)]
        for client in deaf:
            client.setblocking(False)
            try:
                for _ in range(4000):
                    client.send(b'{"command":"flows"}\n' * 50)
            except BlockingIOError:
                pass
        halves = [daemon.connect() for _ in range(4)]
        for number, client in enumerate(halves):
            client.sendall([b'{"comm', b"\0\xff{", b"[" * 60000, b'{"command":"flows","callID":"'][number])
        check("error" in daemon_answer(daemon, b"x" * 200_000), "a line without end is not refused")
        check(daemon_answer(daemon, b"[" * 60000 + b"\n").startswith('{'), "a deeply nested line is not answered")
        empty_lines(daemon)
        crowd = [daemon.connect() for _ in range(40)]
        check_service(daemon, 0)
        for client in [*crowd, *deaf, *halves]:
            client.close()
        wait_until(lambda: daemon.descriptors <= files, "clients that left still have descriptors", 10)
        check("stats" in daemon.ask("stats"), "the control socket does not answer any more")
        clear(daemon)
        daemon.check_no_flood(100)
        return "clients that do not read, 40 at a time, lines of 200,000 octets; service went on"


def daemon_answer(daemon: Daemon, data: bytes) -> str:
    """The first line that comes back; the daemon may close while we still send."""
    with daemon.connect() as client:
        try:
            client.sendall(data)
        except BrokenPipeError:
            pass
        with client.makefile() as lines:
            try:
                return lines.readline()
            except ConnectionResetError:
                return "error: reset"


def empty_lines(daemon: Daemon) -> None:
    """Many tiny requests in one go, all answered to a client that reads as fast as it can."""
    with daemon.connect() as client:
        expected = 0
        for _ in range(2):
            client.sendall(b"\n" * 10000)
            expected += 10000
        seen = 0
        while seen < expected:
            data = client.recv(1 << 20)
            check(bool(data), f"the client was closed after {seen} of {expected} answers: {daemon.last_lines()}")
            seen += data.count(b"\n")


def large_and_repeated(folder: Path, seconds: float, measures: bool) -> str:
    """Repeated cookies, long names, long descriptions, crowds of parties, sections and tags in one call."""
    with Daemon(folder) as daemon:
        ng = daemon.ng
        offer = {"command": "offer", "call-id": "repeated", "from-tag": "f", "sdp": sdp(ADDRESS, 4000)}
        for _ in range(500):
            ng.throw(bencode(offer), cookie=b"the-same")
        wait_until(lambda: ng.answers(), "no ping is answered after repeats", 10)
        check(daemon.open_ports() == 4, "a repeated offer was carried out more than once")
        for size, result in ((1000, "ok"), (20000, "error")):
            name = "n" * size
            reply = ng.request("offer", call_id=name, from_tag=name, sdp=sdp(ADDRESS, 4000))
            check(reply["result"] == result, f"a call-id of {size} octets: {reply}")
        long_descriptions(daemon)
        refused = 0
        for number in range(3000):
            reply = ng.request("offer", call_id="crowd", from_tag=f"f{number}", to_tag=f"t{number}",
                               sdp=sdp(ADDRESS, 4000))
            refused += reply["result"] != "ok"
            if refused > 300:
                break
        check(refused > 300, "there is no limit to the parties of one call")
        for number in range(1500):
            ng.request("answer", call_id="crowd", from_tag="f0", to_tag=f"fork-{number}", sdp=sdp(ADDRESS, 4000))
        check_service(daemon, 0)
        clear(daemon)
        daemon.settle()
        daemon.check_no_flood(600)
        return f"slowest reply {ng.slowest * 1000:.0f} ms"


def long_descriptions(daemon: Daemon) -> None:
    """Descriptions up to what a datagram holds: whatever the outcome, there is a reply."""
    bodies = [sdp(ADDRESS, *range(2000, 2000 + 2 * count, 2)) for count in (32, 33, 64, 500)]
    bodies += [sdp(ADDRESS, 4000) + f"a={'x' * 60000}\r\n", sdp(ADDRESS, 4000) + "a=x\r\n" * 11000,
               sdp(ADDRESS, 4000, extra="a=candidate:1 1 UDP 1 10.0.0.1 5000 typ host\r\n" * 900),
               "v=0\r\n" * 12000, "\r\n" * 30000, "m=audio 1 RTP/AVP 0\r\n" * 2800,
               sdp(ADDRESS, 4000) + "a=y\r\n" * 1000 + f"a={'z' * 58800}\r\n"]
    for number, body in enumerate(bodies):
        # JSON needs two octets for a line end more than bencode: those that are too long for it go in bencode only.
        if len(json.dumps(body)) < 65000:
            daemon.ng.request("offer", call_id=f"long-{number}", from_tag="f", sdp=body)
        payload = {"command": "offer", "call-id": f"long-b{number}", "from-tag": "f", "sdp": body}
        daemon.ng.throw(bencode(payload))
        daemon.ng.throw(json.dumps(payload)[:-5].encode())
    check(daemon.ng.request("ping")["result"] == "pong", "no pong after long descriptions")
