"""Real clients against the ways in over TCP: see Scripts/test-clients."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).resolve().parent.parent / "Common"))

from clients import curl_speaks_http, kamailio_style_tcp, rtpengine_ctl_works  # noqa: E402
from comparison import replies_have_rtpengines_form  # noqa: E402
from metrics import prometheus_reads_metrics  # noqa: E402
from relays import Failure, Crosspoint  # noqa: E402

# What each needs beside the daemon.
TESTS = {
    curl_speaks_http: ["curl"], kamailio_style_tcp: [], prometheus_reads_metrics: ["curl", "promtool"],
    rtpengine_ctl_works: ["rtpengine-ctl"], replies_have_rtpengines_form: ["rtpengine"],
}


def main() -> int:
    failures = 0
    with tempfile.TemporaryDirectory(prefix="crosspoint-clients-") as folder:
        for test, programs in TESTS.items():
            name = test.__name__.replace("_", "-")
            missing = [program for program in programs if not shutil.which(program)]
            if missing:
                failures += bool(os.environ.get("CROSSPOINT_REQUIRE"))
                print(f"skipped {name:32} {', '.join(missing)} not installed", flush=True)
                continue
            try:
                with Crosspoint(Path(folder)) as relay:
                    text = test(relay)
                print(f"ok      {name:32} {text}", flush=True)
            except (Failure, OSError) as error:
                failures += 1
                print(f"FAILED  {name:32} {error}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
