"""Hostile input from a seed: mutated control requests and media datagrams."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path
from typing import Callable, Iterator

from daemon import ADDRESS, REPOSITORY
from ng import bencode, sdp

RECORDED = REPOSITORY / "Tests" / "ControlProtocolsTests" / "Fixtures" / "kamailio-5.6.3-requests.txt"
INTERESTING = [b"", b"0", b"-1", b"65535", b"65536", b"4294967296", b"9" * 30, b"\r\n", b"\n\n", b"\0", b" ", b"e", b"d",
               b"IP6 ::1", b"IP4 0.0.0.0", b"IP4 255.255.255.255", b"127.0.0.1", b"a=" * 50, b"\xff\xfe", b"{", b"[" * 40]


def recorded_requests() -> list[bytes]:
    """The payloads that a real Kamailio sent, without their cookies."""
    payloads = []
    for line in RECORDED.read_text().splitlines():
        if line and not line.startswith("#"):
            payloads.append(line.split(" ", 1)[1].replace("\\r", "\r").replace("\\n", "\n").encode())
    return payloads


def hostile_descriptions() -> list[str]:
    """Descriptions that are correct enough to be worked on, and odd."""
    plain = sdp(ADDRESS, 4000)
    return [
        plain, sdp(ADDRESS, *range(4000, 4020, 2)), sdp("0.0.0.0", 4000), sdp(ADDRESS, 0), sdp("255.255.255.255", 9),
        plain.replace("c=IN IP4", "c=IN IP6"), plain.replace("RTP/AVP", "RTP/SAVPF"), plain.replace("RTP/AVP", "udptl"),
        plain.replace("a=sendrecv", "a=inactive"), plain.replace("m=audio 4000", "m=audio 4000/65535"),
        plain + "a=rtcp:65535 IN IP4 224.0.0.1\r\na=rtcp-mux\r\n", plain + "a=mid:0\r\na=group:BUNDLE 0 1\r\n",
        plain + "a=candidate:1 1 UDP 2130706431 10.0.0.1 5000 typ host\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n",
        plain + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40 + "\r\n", plain.replace("\r\n", "\n"),
        plain + "a=rtpmap:300 x/99999999999999999999\r\na=ptime:-5\r\n", plain.replace("t=0 0", "t=a b"), "v=0\r\n", "",
    ]


def typical_requests() -> list[dict[str, object]]:
    """Offers, answers, deletes and questions about a handful of calls."""
    requests: list[dict[str, object]] = []
    for number, description in enumerate(hostile_descriptions()):
        selector = {"call-id": f"fuzz-{number % 12}", "from-tag": "f"}
        flags = [["trust-address", "symmetric"], ["asymmetric", "port-latching", "strict-source"], ["rtcp-mux-require"]]
        requests.append(selector | {"command": "offer", "sdp": description, "flags": flags[number % 3],
                                    "replace": ["origin", "session-connection"], "rtcp-mux": ["offer", "demux"]})
        requests.append(selector | {"command": "offer", "sdp": description, "via-branch": f"z9hG4bK{number % 5}",
                                    "address-family": ["IP4", "IP6"][number % 2], "received-from": ["IP4", "10.0.0.9"]})
        requests.append(selector | {"command": "answer", "to-tag": f"t{number % 3}", "sdp": description})
        requests.append(selector | {"command": "delete", "delete-delay": number % 2, "to-tag": f"t{number % 3}"})
        requests.append({"command": "query", "call-id": f"fuzz-{number % 12}"})
        requests += other_commands(number, description)
    return requests + [{"command": "list", "limit": 100}, {"command": "statistics"}, {"command": "ping"}]


# What edits of descriptions, codecs and headers are asked for.
EDITS: list[dict[str, object]] = [
    {"codec": {"strip": ["all"], "offer": ["PCMU", "telephone-event"]}}, {"codec": {"except": ["G729"], "mask": ["opus"]}},
    {"codec": {"transcode": ["PCMA"], "set": ["opus//2"], "consume": ["x/8000/1/64000"], "ignore": [""]}},
    {"sdp-attr": {"audio": {"add": ["ptime:20"], "remove": ["sendrecv"], "substitute": [["rtpmap", "x"]]}}},
    {"sdp-attr": {"global": {"add": ["a" * 300]}, "none": {"substitute": ["one"]}, "video": []}},
    {"flags": ["codec-strip-PCMU", "codec-offer-telephone-event", "sdp-attr-add-audio-x:y", "template=one", "template=none"]},
    {"template": "one", "label": "l", "interface": "none", "TOS": 999, "media-address": "127.0.0.1"},
    {"flags": ["record call", "siprec", "all", "rtcp-mirror", "pierce NAT", "original-sendrecv"], "address": "127.0.0.1"},
    {"ICE": "force", "DTLS": "off", "SDES": ["off"], "transport protocol": "RTP/SAVPF", "ptime": 20, "drop-traffic": "start"},
]
# Nothing that a changed octet turns into an order about other calls or about all to come.
CLI_LINES = ["list sessions all", "list totals", "list jsonstats", "list numsessions", "list sessions fuzz-2", "list interfaces",
             "list counters", "list loglevel core", "call fuzz-3 info", "call fuzz-1 terminate", "debug fuzz-2 on", "version", "",
             "help", "list " * 200]


def other_commands(number: int, description: str) -> list[dict[str, object]]:
    """Recordings, blocks, copies, joins, statistics and lines of the command line, about the same calls."""
    selector: dict[str, object] = {"call-id": f"fuzz-{number % 12}"}
    party = selector | {"from-tag": ["f", f"t{number % 3}"][number % 2]}
    copy = selector | {"to-tag": f"s{number % 4}"}
    requests = [
        party | {"command": "offer", "sdp": description} | EDITS[number % len(EDITS)],
        party | {"command": "answer", "to-tag": f"t{number % 3}", "sdp": description} | EDITS[(number + 4) % len(EDITS)],
        {"command": "publish", "call-id": f"fuzz-{number % 4}-p", "from-tag": "p", "sdp": description},
        {"command": "subscribe request", "call-id": f"fuzz-{number % 4}-p", "from-tag": "p", "to-tag": f"s{number % 4}"},
        copy | {"command": "subscribe request", "from-tag": "f"} | EDITS[number % len(EDITS)],
        copy | {"command": "subscribe request", "flags": ["SIPREC", "all"]},
        copy | {"command": "subscribe request", "from-tags": ["f", "t0", "nobody"], "label": "x"},
        copy | {"command": "subscribe answer", "sdp": description},
        copy | {"command": "unsubscribe"},
        party | {"command": "connect", "to-tag": "f", "to-call-id": f"fuzz-{(number + 1) % 12}"},
        party | {"command": "start recording", "recording-file": ["", "a/../../b", "x" * 400][number % 3],
                 "metadata": "m" * 50},
        party | {"command": "pause recording"}, selector | {"command": "stop recording", "flags": ["discard-recording"]},
        {"command": "cli", "body": CLI_LINES[number % len(CLI_LINES)]},
        party | {"command": "play media", "blob": "x"}, party | {"command": "play DTMF", "digit": "1"},
    ]
    for kind in ("block", "unblock"):
        requests += [party | {"command": f"{kind} DTMF"}, selector | {"command": f"{kind} media"},
                     party | {"command": f"{kind} media", "to-tag": "t0", "flags": ["all"]},
                     selector | {"command": f"{kind} DTMF", "address": ADDRESS}]
    return requests


class Mutator:
    """Requests, most of them damaged a little, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.requests = typical_requests()
        self.payloads = recorded_requests()
        self.payloads += [bencode(request) for request in self.requests]
        self.payloads += [json.dumps(request).encode() for request in self.requests]

    def payload(self) -> bytes:
        """The next one."""
        kind = self.random.random()
        if kind < 0.1:
            return self.random.choice(self.payloads)
        if kind < 0.55:
            return self._damage(self.random.choice(self.payloads))
        # Damage inside the values keeps the envelope whole, so that it gets as far as the calls.
        request = dict(self.random.choice(self.requests))
        key = self.random.choice(list(request))
        if key != "command" and self.random.random() < 0.7:
            value = request[key]
            request[key] = (self._damage(value.encode()).decode("latin-1") if isinstance(value, str)
                            else self.random.choice([-1, 1 << 62, [], {}, ["a", ["b"]], "x" * 2000]))
        elif "sdp" in request:
            request["sdp"] = self._damage(str(request["sdp"]).encode()).decode("latin-1")
        return bencode(request) if self.random.random() < 0.5 else json.dumps(request).encode()

    def no_cookie(self) -> bytes:
        """What stands where a cookie should."""
        return self.random.choice([b" ", b"\0", b"c" * 300, b"\n\n\n", b"{", b"d7:command4:pinge", b"\xff" * 256])

    def _damage(self, data: bytes) -> bytes:
        changes: list[Callable[[bytes, int], bytes]] = [
            lambda data, at: data[:at] + bytes([self.random.randrange(256)]) + data[at + 1:],
            lambda data, at: data[:at] + data[at + self.random.randrange(1, 20):],
            lambda data, at: data[:at] + self.random.choice(INTERESTING) + data[at:],
            lambda data, at: data[:at] + data[at:at + 60] * self.random.randrange(1, 8) + data[at:],
            lambda data, at: data[:at],
            lambda data, at: data[:at] + self.random.choice(self.payloads)[:200] + data[at:],
        ]
        for _ in range(self.random.choice([1, 1, 1, 2, 3, 6])):
            data = self.random.choice(changes)(data, self.random.randrange(len(data) + 1))
        return data[:60000]


def media_datagrams(seed: int) -> Iterator[bytes]:
    """RTP, RTCP, STUN, DTLS and noise of every size, damaged or not, without end."""
    chance = random.Random(seed)
    noise = chance.randbytes(65507)
    while True:
        size = chance.choice([0, 1, 2, 4, 7, 8, 11, 12, 13, 20, 28, 172, 1460, 2000, 2001, 9000, 65507,
                              chance.randrange(1500), chance.randrange(65508)])
        start = chance.randrange(65508 - size)
        rest = noise[start:start + size]
        kind = chance.randrange(7)
        if kind == 0:
            yield rest
        elif kind <= 2:
            first = chance.choice([0x80, 0x80, 0x90, 0xA0, 0xBF, 0x8F])
            yield (struct.pack("!BBHII", first, chance.randrange(256), chance.randrange(65536), chance.getrandbits(32),
                               chance.randrange(40)) + rest)[:65507]
        elif kind <= 4:
            words = chance.choice([0, 1, 6, 65535, size // 4])
            yield (struct.pack("!BBHI", 0x80 | chance.randrange(64), chance.randrange(192, 224), words,
                               chance.randrange(40)) + rest)[:65507]
        elif kind == 5:
            yield (struct.pack("!HHI", 1, size & 0xFFFF, 0x2112A442) + rest)[:65507]
        else:
            yield bytes([chance.randrange(20, 64)]) + rest[:-1]
