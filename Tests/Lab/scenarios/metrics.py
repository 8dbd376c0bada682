"""S16: what Prometheus reads agrees with what the phones counted, on both paths."""

from __future__ import annotations

import re

from calls import DirectCall, nothing_left
from lab import CAROL, DAVE, Lab
from network import EDGE_PUBLIC, run
from outcome import check, wait_until
from registry import KERNEL, scenario

HTTP = "127.0.0.1:2280"


def metrics(lab: Lab) -> dict[str, float]:
    """All samples, read as Prometheus would read them."""
    text = run("ip", "netns", "exec", lab.network.name("edge"), "curl", "-s", "-m", "5", f"http://{HTTP}/metrics")
    return {name: float(value) for name, value in re.findall(r"^([a-z_0-9]+(?:{.*})?) ([0-9.-]+)$", text, re.M)}


def on_path(samples: dict[str, float], name: str, path: str) -> float:
    """A sample that has the label `path`."""
    return samples[f'{name}{{type="{path}",path="{path}"}}']


def check_metrics(lab: Lab, table: int, path: str) -> None:
    """A call's packets are counted on the path that took them, its end is counted, and nothing is counted twice."""
    lab.daemon.start(table, f"--listen-http={HTTP}")
    call = DirectCall(lab, lab.endpoint("pub", CAROL.address), lab.endpoint("pub2", DAVE.address))
    call.connect()
    call.talk.start()
    call.talk.established()
    if table >= 0:
        lab.kernel.check_forwarding(call.call_id)
    wait_until(lambda: on_path(metrics(lab), "rtpengine_mediastreams", path) >= 2, f"no streams by {path}", 5)
    call.talk.conclude()
    call.delete()
    nothing_left(lab, call.call_id)
    samples = metrics(lab)
    relayed = {name: on_path(samples, "rtpengine_packets_total", name) for name in ("userspace", "kernel")}
    received = call.talk.one.count(call.talk.other) + call.talk.other.count(call.talk.one)
    check(abs(sum(relayed.values()) - received) <= 4, f"the phones received {received} packets, metrics say {relayed}")
    check(relayed[path] > received / 2, f"most should have gone by {path}: {relayed}")
    check(on_path(samples, "rtpengine_mediastreams", path) == 0, "streams of a call that has ended are still counted")
    check(samples['rtpengine_closed_sessions_total{reason="terminated"}'] == 1, "the end is not counted")
    check(samples["rtpengine_zero_packet_streams_total"] == 0 and samples["rtpengine_one_way_sessions_total"] == 0,
          "a call with media both ways counts as one without")
    ingress = f'rtpengine_interface_packets{{name="pub",address="{EDGE_PUBLIC}",direction="ingress"}}'
    check(abs(samples[ingress] - received) <= 4, f"{samples[ingress]} packets at {EDGE_PUBLIC}, {received} were sent there")


@scenario("s16-metrics-userspace")
def userspace(lab: Lab) -> None:
    """Packets that the daemon relays are counted under path="userspace", in sum and by interface."""
    check_metrics(lab, -1, "userspace")


@scenario("s16-metrics-kernel", only_ours=KERNEL)
def kernel(lab: Lab) -> None:
    """Packets that the kernel forwards are counted under path="kernel", in sum and by interface."""
    check_metrics(lab, 0, "kernel")
