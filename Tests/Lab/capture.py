"""Recordings as tcpdump reads them: each packet's addresses, and whether its checksums are right."""

from __future__ import annotations

import re
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from outcome import Failure, check
from rtp import HEADER, MAGIC, NUMBER, Endpoint

LINK_TYPES = {"raw": 101, "eth": 1}
ADDRESSES = re.compile(
    r"^\s+(?P<source>[0-9a-f.:]+)\.(?P<sport>\d+) > (?P<target>[0-9a-f.:]+)\.(?P<tport>\d+): (?P<rest>.*)$")


@dataclass(frozen=True)
class Packet:
    """One packet of a capture."""

    source: tuple[str, int]
    target: tuple[str, int]
    text: str
    payload: bytes


def read(path: Path, link: str = "raw", checksums: bool = True) -> list[Packet]:
    """All packets, with tcpdump's opinion of each; fails on any checksum that is wrong, unless they do not count."""
    shown = subprocess.run(["tcpdump", "-nvv", "-tt", "-r", str(path)], capture_output=True, text=True)
    check(shown.returncode == 0, f"tcpdump cannot read {path.name}: {shown.stderr.strip()}")
    check(not checksums or "bad" not in shown.stdout, f"tcpdump finds bad checksums in {path.name}: {shown.stdout[:400]}")
    texts = [line for line in shown.stdout.splitlines() if ADDRESSES.match(line)]
    payloads = list(octets(path, link))
    check(len(texts) == len(payloads), f"tcpdump reads {len(texts)} packets, the file has {len(payloads)}")
    packets = []
    for text, payload in zip(texts, payloads):
        match = ADDRESSES.match(text)
        if match is None:
            raise Failure(f"not understood: {text}")
        check(not checksums or "udp sum ok" in match["rest"], f"no checksum: {text}")
        packets.append(Packet((match["source"], int(match["sport"])), (match["target"], int(match["tport"])),
                              match["rest"], payload))
    return packets


def octets(path: Path, link: str):
    """The UDP payload of each record (IPv4 and IPv6 without options)."""
    data = path.read_bytes()
    check(struct.unpack("<I", data[20:24])[0] == LINK_TYPES[link], f"{path.name} has another link type than {link}")
    place = 24
    while place < len(data):
        captured, length = struct.unpack("<II", data[place + 8:place + 16])
        check(captured == length, "a packet was cut")
        packet = data[place + 16 + (14 if link == "eth" else 0):place + 16 + captured]
        yield packet[28 if packet[0] >> 4 == 4 else 48:]
        place += 16 + captured
    check(place == len(data), f"{path.name} ends in the middle of a packet")


def numbers(packets: list[Packet], sender: Endpoint) -> list[int]:
    """The numbers of an endpoint's RTP in the order of the file."""
    found = []
    for packet in packets:
        body = packet.payload[HEADER.size:HEADER.size + NUMBER.size]
        if len(body) < NUMBER.size or body[:len(MAGIC)] != MAGIC:
            continue
        _, identity, number = NUMBER.unpack(body)
        if identity == sender.identity:
            found.append(number)
    return found
