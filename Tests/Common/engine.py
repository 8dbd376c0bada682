"""Which engine of the userspace path a run is to use: `CROSSPOINT_ENGINE`, `io_uring` or `epoll`; without it, the daemon chooses."""

from __future__ import annotations

import os


def engine_options() -> list[str]:
    """What the daemon is told about it."""
    engine = os.environ.get("CROSSPOINT_ENGINE")
    return [f"--userspace-engine={engine}"] if engine else []
