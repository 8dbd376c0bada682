"""The little SDP the phones of the laboratory speak: one audio section, PCMU."""

from __future__ import annotations

from dataclasses import dataclass


def describe(
    address: str, port: int, direction: str = "sendrecv", version: int = 1, connection: str | None = None
) -> str:
    """An SDP with one PCMU section; `connection` overrides the address in c= (0.0.0.0 is the old hold)."""
    family = "IP6" if ":" in address else "IP4"
    lines = [
        "v=0",
        f"o=lab 1000 {version} IN {family} {address}",
        "s=-",
        f"c=IN {family} {connection or address}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0",
        "a=rtpmap:0 PCMU/8000",
        f"a={direction}",
    ]
    return "\r\n".join(lines) + "\r\n"


@dataclass(frozen=True)
class Media:
    """What an SDP says about its first media section."""

    address: str
    port: int
    rtcp_port: int
    direction: str

    @property
    def target(self) -> tuple[str, int]:
        """Where the peer wants its RTP."""
        return (self.address, self.port)

    @property
    def rtcp_target(self) -> tuple[str, int]:
        """Where the peer wants its RTCP."""
        return (self.address, self.rtcp_port)

    @property
    def wants_media(self) -> bool:
        """False on hold: the peer does not receive, or has no address, or refused the stream."""
        return (self.direction in ("sendrecv", "recvonly") and self.port != 0
                and self.address not in ("0.0.0.0", "::"))


def first_media(text: str) -> Media | None:
    """Reads address, port, RTCP port and direction of the first media section; None without one."""
    address, port, rtcp, direction = "", None, None, "sendrecv"
    for line in text.splitlines():
        if line.startswith("m="):
            if port is not None:
                break
            port = int(line.split()[1])
        elif line.startswith("c="):
            address = line.split()[2]
        elif line.startswith("a=rtcp:"):
            rtcp = int(line[7:].split()[0])
        elif line[2:].strip() in ("sendrecv", "sendonly", "recvonly", "inactive") and line.startswith("a="):
            direction = line[2:].strip()
    if port is None:
        return None
    return Media(address, port, port + 1 if rtcp is None else rtcp, direction)
