"""Prometheus' own reader."""

from __future__ import annotations

import re
import subprocess

from clients import curl
from relays import REPOSITORY, Crosspoint, check

# The families that rtpengine 26.3 had when it was recorded.
SAMPLE = REPOSITORY / "Tests" / "ControlClients" / "rtpengine-26.3-metrics.txt"
# What rtpengine counts and this relay cannot know: it has no codecs and no players, and counts gaps by packet.
ABSENT = {"rtpengine_media_cache", "rtpengine_player_cache", "rtpengine_rtp_skips"}


def prometheus_reads_metrics(relay: Crosspoint) -> str:
    """promtool takes the text, and it has the families of rtpengine's."""
    relay.call("measured")
    relay.request(command="delete", call_id="measured", from_tag="ft")
    status, kind, body = curl(relay, "/metrics")
    check(status == 200 and kind.startswith("text/plain; version=0.0.4"), f"{status} {kind}")
    result = subprocess.run(["promtool", "check", "metrics"], input=body + b"\n", capture_output=True, check=False, timeout=60)
    # Status 3 means remarks on style: some of rtpengine's names do not end as Prometheus likes.
    remarks = (result.stdout + result.stderr).decode().splitlines()
    check(result.returncode in (0, 3), f"promtool: {remarks}")
    others = [line for line in remarks if 'should have "_total" suffix' not in line
              and not re.search("contain.*abbreviat|non-base|should end with|should not contain", line)]
    check(not others, f"promtool: {others}")
    text = body.decode()
    families = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    theirs = set(re.findall(r"^# TYPE (rtpengine_\S+)", SAMPLE.read_text(), re.M))
    check(len(theirs) > 50, "the recorded sample has no metrics")
    check(theirs - families <= ABSENT, f"families of rtpengine's are missing: {theirs - families - ABSENT}")
    check('rtpengine_sessions_total 1\n' in text and 'reason="terminated"} 1\n' in text, "the call is not counted")
    check(re.search(r'requests_total{proxy="[0-9.]+",request="offer"} 1\n', text) is not None, "the offer is not counted")
    return f"{len(families)} families, {len(text.splitlines())} lines"
