"""curl, rtpengine-ctl, and a controller that keeps one connection."""

from __future__ import annotations

import json
import socket
import subprocess

from bencode import bdecode as decode, bencode as encode
from relays import CLI, TCP, Crosspoint, audio, check

NG_TYPE = "application/x-rtpengine-ng"


def curl(relay: Crosspoint, path: str, *options: str, data: bytes | None = None) -> tuple[int, str, bytes]:
    """Status, media type and body of what curl got."""
    command = ["curl", "-s", "-m", "10", "-w", "\n%{http_code} %{content_type}", *options, relay.url + path]
    if data is not None:
        command += ["--data-binary", "@-"]
    output = subprocess.run(command, input=data, capture_output=True, check=False, timeout=20).stdout
    body, _, last = output.rpartition(b"\n")
    status, _, kind = last.decode().partition(" ")
    return int(status), kind, body


def content(kind: str) -> tuple[str, str]:
    """curl's options for a media type."""
    return "-H", f"Content-Type: {kind}"


def curl_speaks_http(relay: Crosspoint) -> str:
    """Every path there is, and what is wrong with others."""
    check(curl(relay, "/ping")[::2] == (200, b"pong\n"), "/ping")
    offer = {"command": "offer", "call-id": "over-http", "from-tag": "ft", "sdp": audio("127.0.0.1", 4000)}
    status, kind, body = curl(relay, "/ng-plain", *content("application/json"), data=json.dumps(offer).encode())
    check((status, kind) == (200, "application/json") and json.loads(body)["result"] == "ok", f"an offer in JSON: {body!r}")
    answer = {"command": "answer", "to-tag": "tt", **{key: offer[key] for key in ("call-id", "from-tag", "sdp")}}
    status, kind, body = curl(relay, "/ng", *content(NG_TYPE), data=b"curl_1 " + encode(answer))
    check((status, kind) == (200, NG_TYPE) and body.startswith(b"curl_1 "), f"an answer in bencode: {body!r}")
    check(decode(body[7:])["sdp"].count("m=audio") == 1, "the answer's SDP")
    # One cache for all transports: the same cookie over TCP is the same request.
    with socket.create_connection((relay.address, TCP), 5) as client:
        client.sendall(b"curl_1 " + encode({"command": "ping"}))
        check(client.recv(65536) == body, "a cookie that HTTP brought before is performed anew over TCP")
    check(b"over-http" in curl(relay, "/cli/list+sessions+all")[2], "GET /cli/…")
    check(b"callid: over-http" in curl(relay, "/cli", *content("text/plain"), data=b"list sessions over-http\n")[2], "POST /cli")
    wrong = {
        404: curl(relay, "/nothing"), 405: curl(relay, "/ng"), 413: curl(relay, "/cli", *content("text/plain"), data=b"x" * 10000),
        415: curl(relay, "/ng", *content("text/html"), data=b"x"), 400: curl(relay, "/ng", *content(NG_TYPE), data=b"cookie junk"),
        501: curl(relay, "/", "-H", "Upgrade: websocket", "-H", "Connection: Upgrade"),
    }
    for expected, (status, _, text) in wrong.items():
        check(status == expected and len(text) > 3, f"{status} instead of {expected}: {text!r}")
    check(wrong[400][2] == b"Invalid NG data format\n", f"status 400 without NG's words: {wrong[400][2]!r}")
    return "offer in JSON, answer in bencode, six kinds of refusal"


def kamailio_style_tcp(relay: Crosspoint) -> str:
    """Many requests on one connection, some cut, and replies that no datagram could hold."""
    count = 300
    with socket.create_connection((relay.address, TCP), 10) as client:
        stream = b""
        for number in range(count):
            stream += b"t_%d " % number + encode({
                "command": "offer", "call-id": f"tcp-{number % 3}", "from-tag": "ft", "sdp": audio("127.0.0.1", 4000)})
        for start in range(0, len(stream), 1000):
            client.sendall(stream[start:start + 1000])
        received = b""
        while received.count(b"6:result2:ok") < count:
            part = client.recv(65536)
            check(bool(part), "the connection ended")
            received += part
    check(all(b"t_%d d" % number in received for number in range(count)), "a reply is missing")
    check(relay.cli("list numsessions").startswith("Current sessions own: 3\n"), "300 offers of three calls")
    return f"{count} offers on one connection"


def rtpengine_ctl(relay: Crosspoint, *words: str) -> str:
    """What Debian's client prints."""
    result = subprocess.run(["rtpengine-ctl", "-ip", f"{relay.address}:{CLI}", *words], capture_output=True, text=True,
                            check=False, timeout=10)
    check(result.returncode == 0, f"rtpengine-ctl {words}: {result.stderr}")
    return result.stdout


def rtpengine_ctl_works(relay: Crosspoint) -> str:
    """An operator's day: looking, draining, ending."""
    relay.call("one")
    relay.call("two")
    check("Current sessions own: 2\n" in rtpengine_ctl(relay, "list", "numsessions"), "numsessions")
    check(rtpengine_ctl(relay, "list", "sessions", "all").count("callid:") == 2, "sessions")
    check("--- Tag 'ft', type: FROM_TAG" in rtpengine_ctl(relay, "list", "sessions", "one"), "a session")
    check(json.loads(rtpengine_ctl(relay, "list", "jsonstats"))["currentstatistics"]["sessionsown"] == 2, "jsonstats")
    check(rtpengine_ctl(relay, "set", "maxsessions", "0") == "Success setting maxsessions to 0\n", "draining")
    reply = relay.request(command="offer", call_id="three", from_tag="ft", sdp=audio("127.0.0.1", 4000))
    check(reply.get("error-reason") == "Parallel session limit reached", f"a new call while draining: {reply}")
    check(relay.request(command="query", call_id="one")["result"] == "ok", "a call that was there while draining")
    check(rtpengine_ctl(relay, "set", "maxsessions", "-1").endswith("disable feature\n"), "the end of draining")
    check(rtpengine_ctl(relay, "set", "timeout", "33") == "Success setting timeout to 33\n", "set timeout")
    check(rtpengine_ctl(relay, "list", "timeout") == "TIMEOUT=33\n", "list timeout")
    check("(one) successfully" in rtpengine_ctl(relay, "terminate", "one"), "terminate")
    rtpengine_ctl(relay, "terminate", "all")
    check("Current sessions own: 0\n" in rtpengine_ctl(relay, "list", "numsessions"), "after terminate all")
    check("via TIMEOUT" in (totals := rtpengine_ctl(relay, "list", "totals")), "totals")
    check(any(line.split(":") == [" Total forced terminated sessions                ", "2"] for line in totals.splitlines()),
          f"two calls were ended: {totals}")
    return "looking, draining, ending"
