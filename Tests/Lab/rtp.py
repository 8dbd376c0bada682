"""Numbered RTP: every packet carries its sender and its number, so loss and duplication are counted exactly."""

from __future__ import annotations

import selectors
import socket
import struct
import threading
import time
from collections import Counter

from network import Network
from outcome import check, wait_until

MAGIC = b"XPLAB"
HEADER = struct.Struct("!BBHII")
NUMBER = struct.Struct("!5sII")
PAYLOAD = 160


class Receiver:
    """One thread that empties the sockets of every endpoint."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="receiver", daemon=True)
        self._thread.start()

    def add(self, sock: socket.socket, handler) -> None:
        """Calls `handler(data, source)` for every datagram on the socket."""
        self._selector.register(sock, selectors.EVENT_READ, handler)

    def remove(self, sock: socket.socket) -> None:
        """Takes a socket out again."""
        self._selector.unregister(sock)

    def stop(self) -> None:
        """Ends the thread."""
        self._stopping = True
        self._thread.join(2)

    def _work(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select(0.05):
                self._drain(key.fileobj, key.data)

    @staticmethod
    def _drain(sock, handler) -> None:
        for _ in range(256):
            try:
                data, source = sock.recvfrom(2048)
            except BlockingIOError:
                return
            except OSError:
                return  # an ICMP error, or closed meanwhile
            handler(data, source[:2])


class Endpoint:
    """A media port (RTP, and RTCP one above) of a phone: sends numbered packets, remembers what came."""

    _next_identity = 1

    def __init__(self, network: Network, receiver: Receiver, host: str, address: str, port: int) -> None:
        self.identity = Endpoint._next_identity
        Endpoint._next_identity += 1
        self.host, self.address, self.port = host, address, port
        self.target: tuple[str, int] | None = None
        self.rtcp_target: tuple[str, int] | None = None
        self.muted = False
        self.sent = 0
        self.got: dict[int, Counter[int]] = {}
        self.arrival: dict[tuple[int, int], float] = {}
        self.sources: Counter[tuple[str, int]] = Counter()
        self.payload_types: Counter[int] = Counter()
        self.rtcp_got: Counter[int] = Counter()
        self.unreadable = 0
        self._receiver = receiver
        self._sending: threading.Event | None = None
        self._thread: threading.Thread | None = None
        self.rtp = network.udp_socket(host, address, port)
        self.rtcp = network.udp_socket(host, address, port + 1)
        receiver.add(self.rtp, self._rtp_arrived)
        receiver.add(self.rtcp, self._rtcp_arrived)

    def close(self) -> None:
        """Stops sending and closes both sockets."""
        self.stop()
        for sock in (self.rtp, self.rtcp):
            self._receiver.remove(sock)
            sock.close()

    # Sending

    def start(self, rate: int = 50) -> None:
        """Sends `rate` packets a second from now on, to `target`, except while muted or without a target."""
        if self._thread is not None:
            return
        self._sending = threading.Event()
        self._thread = threading.Thread(target=self._send_steadily, args=(self._sending, rate), daemon=True)
        self._thread.start()

    @property
    def is_sending(self) -> bool:
        return self._thread is not None

    def stop(self) -> None:
        """Sends no more; returns when the last packet is on its way."""
        if self._thread is not None and self._sending is not None:
            self._sending.set()
            self._thread.join()
            self._thread = None

    def send_one(self, target: tuple[str, int] | None = None, payload_type: int = 0) -> None:
        """Sends the next packet."""
        destination = target or self.target
        if destination is None:
            return
        number = self.sent
        # Counted before it is sent: whoever reads `sent` may rely on nothing numbered below it being still to come.
        self.sent = number + 1
        header = HEADER.pack(0x80, payload_type, number & 0xFFFF, number * 160 & 0xFFFFFFFF, 0x10000 + self.identity)
        body = NUMBER.pack(MAGIC, self.identity, number).ljust(PAYLOAD, b"\xff")
        self._transmit(self.rtp, header + body, destination)

    def send_rtcp(self) -> None:
        """Sends an empty receiver report (RFC 3550 section 6.4.2) with our SSRC."""
        if self.rtcp_target is not None:
            report = struct.pack("!BBHI", 0x80, 201, 1, 0x10000 + self.identity)
            self._transmit(self.rtcp, report, self.rtcp_target)

    @staticmethod
    def _transmit(sock: socket.socket, data: bytes, destination: tuple[str, int]) -> None:
        try:
            sock.sendto(data, destination)
        except OSError:
            pass  # an ICMP error of an earlier packet is reported here; the packet itself counts as lost

    def _send_steadily(self, stop: threading.Event, rate: int) -> None:
        due = time.monotonic()
        while not stop.is_set():
            if not self.muted:
                self.send_one()
            due += 1 / rate
            pause = due - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            elif pause < -0.5:
                due = time.monotonic()  # the machine stood still: no burst to catch up

    # Receiving

    def _rtp_arrived(self, data: bytes, source: tuple[str, int]) -> None:
        if len(data) < HEADER.size + NUMBER.size:
            self.unreadable += 1
            return
        magic, identity, number = NUMBER.unpack_from(data, HEADER.size)
        if magic != MAGIC:
            self.unreadable += 1
            return
        self.got.setdefault(identity, Counter())[number] += 1
        self.arrival.setdefault((identity, number), time.monotonic())
        self.sources[source] += 1
        self.payload_types[data[1] & 0x7F] += 1

    def _rtcp_arrived(self, data: bytes, source: tuple[str, int]) -> None:
        if len(data) >= 8:
            self.rtcp_got[struct.unpack_from("!I", data, 4)[0] - 0x10000] += 1

    def heard(self, other: Endpoint) -> Counter[int]:
        """Which numbers of the other's packets came, and how often."""
        return self.got.get(other.identity, Counter())

    def count(self, other: Endpoint, since: int = 0) -> int:
        """How many packets of the other came, from number `since` on, duplicates included."""
        return sum(times for number, times in list(self.heard(other).items()) if number >= since)


class Conversation:
    """Two endpoints that talk to each other through the relay."""

    def __init__(self, one: Endpoint, other: Endpoint) -> None:
        self.one, self.other = one, other
        self.begin = {one.identity: 0, other.identity: 0}

    def start(self, rate: int = 50) -> None:
        """Both send from now on."""
        self.one.start(rate)
        self.other.start(rate)

    def stop(self) -> None:
        """Both stop, and what is under way arrives."""
        self.one.stop()
        self.other.stop()
        time.sleep(0.15)

    def established(self, seconds: float = 5.0) -> None:
        """Waits until both hear what the other sends now; counting begins there."""
        self.mark()
        for hearer, speaker in ((self.one, self.other), (self.other, self.one)):
            first = speaker.sent
            wait_until(lambda: hearer.count(speaker, first),
                       f"{hearer.host} does not hear {speaker.host}", seconds)
        self.mark()

    def conclude(self, least: int = 10) -> None:
        """Both fall silent, having sent at least so much since the mark, and every packet of it is accounted for."""
        wait_until(lambda: all(end.sent >= self.begin[end.identity] + least for end in (self.one, self.other)),
                   "the phones do not send")
        self.stop()
        self.verify()

    def mark(self) -> None:
        """From the next packets on, each must come exactly once."""
        self.begin = {end.identity: end.sent for end in (self.one, self.other)}

    def verify(self, lossless: bool = True) -> None:
        """Every packet sent since the mark came exactly once; call it after `stop` or it races with packets."""
        for hearer, speaker in ((self.one, self.other), (self.other, self.one)):
            verify_direction(hearer, speaker, self.begin[speaker.identity], lossless)

    def checkpoint(self) -> None:
        """Verifies what was sent up to now while media goes on, and marks anew."""
        marks = {end.identity: end.sent for end in (self.one, self.other)}
        time.sleep(0.25)
        for hearer, speaker in ((self.one, self.other), (self.other, self.one)):
            verify_direction(hearer, speaker, self.begin[speaker.identity], True, marks[speaker.identity])
        self.begin = marks

    def lost(self) -> int:
        """How many packets since the mark did not come, both directions together."""
        total = 0
        for hearer, speaker in ((self.one, self.other), (self.other, self.one)):
            heard = hearer.heard(speaker)
            total += sum(1 for n in range(self.begin[speaker.identity], speaker.sent) if n not in heard)
        return total

    def exchange_rtcp(self, seconds: float = 3.0) -> None:
        """Both send reports until each has had one of the other's."""
        def both_heard() -> bool:
            self.one.send_rtcp()
            self.other.send_rtcp()
            return bool(self.one.rtcp_got[self.other.identity] and self.other.rtcp_got[self.one.identity])
        wait_until(both_heard, "RTCP does not pass both ways", seconds, every=0.1)


def verify_direction(hearer: Endpoint, speaker: Endpoint, begin: int, lossless: bool, end: int | None = None) -> None:
    """Each packet numbered `begin`..<`end` came exactly once (or at most once, if loss is allowed)."""
    end = speaker.sent if end is None else end
    heard = hearer.heard(speaker)
    who = f"{speaker.host} -> {hearer.host}"
    check(end > begin, f"{who}: nothing was sent, so nothing was verified")
    twice = [number for number in range(begin, end) if heard.get(number, 0) > 1]
    missing = [number for number in range(begin, end) if number not in heard]
    check(not twice, f"{who}: {len(twice)} of {end - begin} packets came twice, first #{twice[0] if twice else 0}")
    if lossless:
        check(not missing, f"{who}: {len(missing)} of {end - begin} packets lost: {spans(missing)}")
    else:
        check(len(missing) < end - begin, f"{who}: nothing came at all")


def spans(numbers: list[int]) -> str:
    """`#3-7, #12`: sorted numbers as ranges, at most six of them."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    texts = [f"#{a}" if a == b else f"#{a}-{b}" for a, b in parts[:6]]
    return ", ".join(texts) + (", ..." if len(parts) > 6 else "")
