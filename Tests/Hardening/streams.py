"""Hostile clients of the ways in over TCP: NG, HTTP and the command line interface."""

from __future__ import annotations

import socket
import time
import urllib.request
from pathlib import Path

from attacks import check_memory, check_service, clear
from daemon import ADDRESS, Daemon
from hostile import Mutator
from media import WatchedCall
from ng import bencode
from outcome import check, wait_until

TCP_PORT, HTTP_PORT, CLI_PORT = 2224, 2280, 2299
OPTIONS = [f"--listen-tcp-ng={ADDRESS}:{TCP_PORT}", f"--listen-http={ADDRESS}:{HTTP_PORT}",
           f"--listen-cli={ADDRESS}:{CLI_PORT}"]
PORTS = (TCP_PORT, HTTP_PORT, CLI_PORT)


def connect(port: int, receive_buffer: int | None = None) -> socket.socket:
    """A client; with a small buffer one that soon takes no more."""
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(10)
    client.connect((ADDRESS, port))
    return client


def flood(client: socket.socket, data: bytes, times: int) -> int:
    """Sends as much as is taken without waiting; returns how often."""
    client.setblocking(False)
    for number in range(times):
        try:
            client.send(data)
        except (BlockingIOError, ConnectionResetError, BrokenPipeError):
            return number
    return times


def is_closed(client: socket.socket) -> bool:
    """Whether the daemon has ended the connection; what it had sent before is read."""
    client.setblocking(False)
    try:
        while True:
            if not client.recv(1 << 20):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def check_ways(daemon: Daemon) -> None:
    """All of them answer an honest client."""
    with urllib.request.urlopen(f"http://{ADDRESS}:{HTTP_PORT}/ping", timeout=10) as answer:
        check(answer.read() == b"pong\n", "HTTP does not answer a ping")
    with connect(TCP_PORT) as client:
        client.sendall(b"honest d7:command4:pinge")
        check(client.recv(100) == b"honest d6:result4:ponge", "NG over TCP does not answer a ping")
    with connect(CLI_PORT) as client:
        client.sendall(b"list numsessions\n")
        check(client.recv(1000).startswith(b"Current sessions own:"), "the command line interface does not answer")


def deaf_streams(folder: Path, seconds: float, measures: bool) -> str:
    """Clients that ask for much and read nothing, and those that never come to an end of what they say."""
    with Daemon(folder, *OPTIONS) as daemon:
        for number in range(200):
            daemon.ng.call(f"call-{number}-{'n' * 200}", (ADDRESS, 4000), (ADDRESS, 5000))
        check_ways(daemon)
        watched = WatchedCall(daemon)
        memory, files = daemon.resident, daemon.descriptors
        deaf = [connect(port, 4096) for port in PORTS for _ in range(8)]
        query = bencode({"command": "query", "call-id": f"call-7-{'n' * 200}"})
        for number, client in enumerate(deaf):
            port = PORTS[number // 8]
            if port == TCP_PORT:
                flood(client, b"".join(b"%d_%d %s" % (number, count, query) for count in range(40)), 400)
            elif port == HTTP_PORT:
                flood(client, b"GET /cli/list+sessions+all HTTP/1.1\r\nHost: x\r\n\r\n" * 20, 400)
            else:
                flood(client, b"list sessions all\n" * 20, 400)
        slow = [connect(port) for port in PORTS for _ in range(8)]
        beginnings = {TCP_PORT: b"c d7:command60000:", HTTP_PORT: b"POST /ng HTTP/1.1\r\nX: ", CLI_PORT: b"list "}
        for number, client in enumerate(slow):
            client.sendall(beginnings[PORTS[number // 8]])
        # Requests have ten seconds to arrive, answers thirty to be taken; an octet now and then changes nothing.
        deadline = time.monotonic() + 45
        while time.monotonic() < deadline and not all(is_closed(client) for client in slow):
            for client in slow:
                flood(client, b"1", 1)
            check_ways(daemon)
            time.sleep(0.5)
        check(all(is_closed(client) for client in slow), "a client that never comes to an end is still connected")
        check_memory(daemon, memory, measures)
        wait_until(lambda: daemon.descriptors <= files + 8, "clients that do not read are still connected", 45)
        text = watched.finish()
        for client in deaf + slow:
            client.close()
        wait_until(lambda: daemon.descriptors <= files + 1, "clients that left still have descriptors", 10)
        check_service(daemon, 0)
        clear(daemon)
        daemon.settle()
        daemon.check_no_flood(100)
        return f"24 that did not read, 24 that did not end, all closed; {text}"


def damaged_streams(folder: Path, seconds: float, measures: bool) -> str:
    """More clients than there is room for, garbage, and requests that are damaged or far too long."""
    with Daemon(folder, *OPTIONS) as daemon:
        check_ways(daemon)
        watched = WatchedCall(daemon)
        files = daemon.descriptors
        crowd = [connect(port) for port in PORTS for _ in range(400)]
        check_service(daemon, 0)
        check(daemon.descriptors < files + 450, f"{daemon.descriptors - files} of 1200 clients were taken")
        for client in crowd:
            client.close()
        wait_until(lambda: daemon.descriptors <= files + 1, "a crowd that left still has descriptors", 10)
        check_ways(daemon)
        mutator = Mutator(77)
        memory = sent = 0
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline or sent < 300:
            sent += 1
            damaged(mutator, sent)
            if sent % 100 == 0:
                check_ways(daemon)
                check_service(daemon, sent)
                for call in daemon.ng.ok("list", limit=500)["calls"]:
                    if call != "watched":
                        daemon.ng.request("delete", call_id=call, delete_delay=0)
                memory = memory or daemon.resident
        text = watched.finish()
        check_memory(daemon, memory, measures)
        wait_until(lambda: daemon.descriptors <= files + 20, "descriptors of damaged requests are left", 15)
        clear(daemon)
        daemon.settle()
        daemon.check_no_flood(1500)
        return f"1200 clients at once, {sent} damaged connections; {text}"


def damaged(mutator: Mutator, number: int) -> None:
    """One connection with something wrong in it."""
    payload = mutator.payload()
    chance = mutator.random
    kind = number % 6
    head = (b"POST /ng%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/%s\r\nContent-Length: %d\r\n\r\n"
            % (chance.choice([b"", b"-plain"]), chance.choice([b"json", b"x-rtpengine-ng"]),
               chance.choice([len(payload), len(payload) + 5, 0, 10 ** 9])))
    if kind == 0:
        port, data = TCP_PORT, b"t_%d %s" % (number, payload)
    elif kind == 1:
        port, data = TCP_PORT, b"".join(b"u_%d_%d %s" % (number, n, mutator.payload()) for n in range(20))
    elif kind == 2:
        port, data = HTTP_PORT, head + b"h_%d " % number + payload
    elif kind == 3:
        port, data = HTTP_PORT, head + payload
    elif kind == 4:
        port, data = HTTP_PORT, b"GET /cli/" + payload[:3000].replace(b"\n", b"%0a").replace(b" ", b"+") + b" HTTP/1.1\r\n\r\n"
    else:
        port, data = CLI_PORT, chance.choice([b"list ", b"set ", b"debug ", b"call ", b""]) + payload
    with connect(port) as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            client.settimeout(1)
            client.recv(1000)
        except OSError:
            pass
