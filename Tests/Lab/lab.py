"""The laboratory a scenario gets: the network, the daemon, Kamailio, phones, endpoints; and its cleaning up."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import sipp
from daemon import Daemon, daemon_command
from kernel import Kernel
from network import EDGE_PRIVATE, EDGE_PUBLIC, EDGE_PUBLIC6, NAT_RULES, PHONE, Network, run
from ng import NGClient
from outcome import Failure, Skip, check, wait_until
from phones import Call, Phone
from processes import Process
from rtp import Endpoint, Receiver

HERE = Path(__file__).resolve().parent
FOLDER = "crosspoint-lab-"
TOOLS = ["ip", "nft", "conntrack", "sysctl", "setpriv", "sipp", "kamailio", "dpkg"]

ALICE = Phone("phoneA", PHONE, "alice", f"{EDGE_PUBLIC}:5060")
BOB = Phone("phoneB", PHONE, "bob", f"{EDGE_PUBLIC}:5060")
CAROL = Phone("pub", "198.51.100.20", "carol", f"{EDGE_PUBLIC}:5060")
DAVE = Phone("pub2", "198.51.100.21", "dave", f"{EDGE_PUBLIC}:5060")
CAROL6 = Phone("pub", "2001:db8:1::20", "carol6", f"[{EDGE_PUBLIC6}]:5060", port=5066)
DAVE6 = Phone("pub2", "2001:db8:1::21", "dave6", f"[{EDGE_PUBLIC6}]:5060", port=5066)
CORE = Phone("core", "10.0.0.20", "trunk", f"{EDGE_PRIVATE}:5060")


class Lab:
    """Everything a scenario may use. One network for the run; daemon, phones and endpoints are each scenario's own."""

    def __init__(self, folder: Path | None = None) -> None:
        missing_tools()
        self.command = daemon_command()
        self._temporary = folder is None
        remove_old_folders()
        self.folder = folder or Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self.network = Network()
        self.kernel = Kernel(self.network)
        self.receiver = Receiver()
        self.scenario = "start"
        self._numbers = itertools.count(1)
        self._ports = itertools.count(16000, 2)
        self._calls: list[Call] = []
        self._endpoints: list[Endpoint] = []
        self._daemon: Daemon | None = None
        self._kamailio: tuple[Process, tuple[str, ...]] | None = None

    # Life

    def up(self) -> None:
        """Builds the network."""
        self.network.up()

    def begin(self, scenario: str) -> None:
        """A scenario begins: its logs have its name."""
        self.scenario = scenario
        self.network.reset_edge()

    def end(self, failed: bool) -> None:
        """Ends what the scenario left running."""
        for call in self._calls:
            call.close()
        for endpoint in self._endpoints:
            endpoint.close()
        self._calls, self._endpoints = [], []
        if self._daemon is not None:
            self._daemon.stop()
            self._daemon.ng.close()
            self._daemon = None
        if failed:
            self._stop_kamailio()

    def down(self) -> None:
        """Removes everything."""
        self.end(failed=True)
        self.receiver.stop()
        self.network.down()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    # Parts

    @property
    def daemon(self) -> Daemon:
        """The daemon under test, started or not."""
        if self._daemon is None:
            log = self.folder / f"{self.scenario}.daemon.log"
            log.write_text("")
            self._daemon = Daemon(self.network, self.command, log)
        return self._daemon

    @property
    def ng(self) -> NGClient:
        """The control client."""
        return self.daemon.ng

    def kamailio(self, *defines: str) -> Process:
        """Kamailio with these defines; started once and kept for the scenarios that follow."""
        if self._kamailio is not None and self._kamailio[1] == defines and self._kamailio[0].is_running:
            return self._kamailio[0]
        self._stop_kamailio()
        number = next(self._numbers)
        command = ["kamailio", "-DD", "-E", "-f", str(HERE / "kamailio" / "kamailio.cfg"), "-L", module_path(),
                   "-P", str(self.folder / "kamailio.pid"), "-Y", str(self.folder), "-m", "32", "-M", "4"]
        for define in defines:
            command += ["-A", define]
        process = Process(self.network, "edge", command, self.folder / f"kamailio-{number}.log")
        self._kamailio = (process, defines)
        wait_until(lambda: 5060 in self.network.bound_udp_ports("edge") or not process.is_running,
                   "Kamailio does not open its port", 10)
        check(process.is_running, f"Kamailio ended at start: {process.last_line()}")
        return process

    def _stop_kamailio(self) -> None:
        if self._kamailio is not None:
            self._kamailio[0].stop()
            self._kamailio = None

    # Names and media

    def call_id(self) -> str:
        """A call-id no other call of this run has."""
        return f"{self.scenario}-{next(self._numbers)}@lab"

    def endpoint(self, host: str, address: str) -> Endpoint:
        """A media port on a host, closed when the scenario ends."""
        endpoint = Endpoint(self.network, self.receiver, host, address, next(self._ports))
        self._endpoints.append(endpoint)
        return endpoint

    # Phones

    def register(self, *phones: Phone) -> None:
        """Registers phones at Kamailio."""
        for phone in phones:
            call = self.script(phone, sipp.register(phone.user))
            call.finish()

    def script(self, phone: Phone, steps: list[str], call_id: str | None = None, media: Endpoint | None = None,
               rate: int = 50) -> Call:
        """Starts SIPp on a phone; returns when its port is open, so whoever calls it will be heard."""
        call = Call(self.network, phone, steps, call_id, self.folder, media, rate)
        self._calls.append(call)
        wait_until(lambda: phone.port in self.network.bound_udp_ports(phone.host) or not call.process.is_running,
                   f"SIPp of {phone.host} does not open its port")
        return call


def remove_old_folders() -> None:
    """Removes the temporary folders of runs that were killed outright."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        owner = folder.name.removeprefix(FOLDER).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def module_path() -> str:
    """Where this Debian has Kamailio's modules, whatever its architecture."""
    listing = subprocess.run(["dpkg", "-L", "kamailio"], capture_output=True, text=True).stdout
    for line in listing.splitlines():
        if line.endswith("/rtpengine.so"):
            return os.path.dirname(line) + "/"
    raise Skip("the kamailio package has no rtpengine.so")


def missing_tools() -> None:
    """Skips everything when this machine cannot run the laboratory."""
    if os.geteuid() != 0:
        raise Skip("network namespaces need root")
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise Skip(f"not installed: {', '.join(missing)}")
    probe = f"{Network.PREFIX}{os.getpid()}-probe"
    inside = ["ip", "netns", "exec", probe]
    try:
        run("ip", "netns", "add", probe)
        run(*inside, "nft", "-f", "-", stdin=NAT_RULES)
        run(*inside, "conntrack", "-L")
        run(*inside, "ip", "link", "add", "type", "veth")
        run(*inside, "ip", "link", "add", "type", "bridge")
    except Failure as failure:
        raise Skip(f"no network of our own here: {failure}") from None
    finally:
        subprocess.run(["ip", "netns", "del", probe], capture_output=True)
