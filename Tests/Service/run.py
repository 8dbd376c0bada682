"""The daemon as the systemd unit runs it, as far as that goes without systemd: see Scripts/test-service."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

from unit import allowed_calls, settings

REPOSITORY = Path(__file__).resolve().parents[2]
UNIT = REPOSITORY / "Packaging/systemd/crosspoint.service"
FIXTURE = REPOSITORY / "Tests/RelayDaemonTests/Fixtures/Configuration/rtpengine.conf"
# The exposure that systemd-analyze finds at the time of writing is 1.6 to 1.8, depending on its version.
MOST_EXPOSURE = 2.0
NAMESPACE = f"cps{os.getpid()}"


class Failure(Exception):
    """What is wrong, in a sentence."""


def check(is_so: bool, otherwise: str) -> None:
    """Fails with these words unless it is so."""
    if not is_so:
        raise Failure(otherwise)


def wait_until(condition: Callable[[], object], otherwise: str | Callable[[], str], seconds: float = 15) -> None:
    """Waits for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            raise Failure(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(0.05)


class Service:
    """One run of the daemon in a namespace, under the unit's user, capability and environment."""

    def __init__(self, program: Path, folder: Path, *options: str, watchdog: float = 0.4) -> None:
        self.log = folder / "log"
        self.trace = folder / "trace"
        self.control = folder / "control.sock"
        self.program = program
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # A path: abstract names belong to a network namespace.
        self.manager.bind(str(folder / "notify"))
        (folder / "notify").chmod(0o777)
        self.manager.setblocking(False)
        self.messages: list[str] = []
        environment = os.environ | {
            "NOTIFY_SOCKET": str(folder / "notify"),
            "WATCHDOG_USEC": str(int(watchdog * 1e6))}
        unit = settings(UNIT)
        capability = unit["AmbientCapabilities"][0].removeprefix("CAP_").lower()
        only = f"-all,+{capability}"
        user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--no-new-privs",
                f"--inh-caps={only}", f"--ambient-caps={only}", f"--bounding-set={only}"]
        command = ["ip", "netns", "exec", NAMESPACE, "strace", "-f", "-qq", "-o", str(self.trace), *user,
                   str(program), "--foreground", "--log-stderr", f"--control-socket={self.control}", *options]
        with open(self.log, "wb") as output:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                          stderr=subprocess.STDOUT, env=environment)

    def heard(self, pattern: str) -> bool:
        """Whether the manager was told something that matches."""
        while True:
            try:
                self.messages.append(self.manager.recv(4096).decode())
            except BlockingIOError:
                return any(re.search(pattern, message) for message in self.messages)

    def says(self, pattern: str) -> None:
        """Some line of the log matches."""
        wait_until(lambda: re.search(pattern, self.log.read_text()),
                   f"no line of the log matches {pattern!r}:\n{self.log.read_text()}")

    def ready(self) -> None:
        """Waits for READY=1."""
        wait_until(lambda: self.heard("^READY=1\n") or self.child.poll() is not None,
                   lambda: f"READY=1 never came; log:\n{self.log.read_text()}")
        check(self.child.poll() is None, f"the daemon ended at start:\n{self.log.read_text()}")

    @property
    def pid(self) -> int:
        """The daemon's own id: strace is its parent."""
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()
        check(len(children) == 1, "strace has no child, or several")
        return int(children[0])

    def ask(self, *words: str) -> str:
        """What crosspointctl prints."""
        done = subprocess.run([self.program.parent / "crosspointctl", *words, f"--socket={self.control}"],
                              capture_output=True, text=True, timeout=10)
        check(done.returncode == 0, f"crosspointctl {words[0]}: {done.stderr}")
        return done.stdout

    def stop(self) -> None:
        """SIGTERM; it must end well."""
        os.kill(self.pid, signal.SIGTERM)
        try:
            status = self.child.wait(20)
        except subprocess.TimeoutExpired:
            raise Failure("the daemon does not end") from None
        check(status == 0, f"the daemon ended with {status}:\n{self.log.read_text()}")
        check(self.heard("^STOPPING=1\n"), "STOPPING=1 never came")

    def kill(self) -> None:
        """Ends what is left of a test that failed."""
        if self.child.poll() is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except Failure:
                pass
            self.child.kill()
            self.child.wait()


COOKIES = itertools.count(1)
CLIENT = """
import socket, sys
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(3)
client.sendto(sys.argv[1].encode(), ("127.0.0.1", 2223))
sys.stdout.buffer.write(client.recv(65535))
"""


def ng(command: bytes) -> bytes:
    """One NG request from inside the namespace."""
    request = f"cookie{next(COOKIES)} {command.decode()}"
    return subprocess.run(["ip", "netns", "exec", NAMESPACE, sys.executable, "-c", CLIENT, request],
                          capture_output=True, check=True).stdout


def unit_is_sound(program: Path, folder: Path) -> str:
    """systemd-analyze finds no mistake in the unit and little that it leaves open."""
    copy = folder / "crosspoint.service"
    copy.write_text(UNIT.read_text().replace("/usr/sbin/crosspointd", str(program)))
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True)
    check(verified.returncode == 0 and not verified.stderr.strip(), verified.stderr)
    report = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(copy)],
                            capture_output=True, text=True).stdout
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", report)
    check(found is not None and float(found[1]) <= MOST_EXPOSURE, f"exposure: {report[-300:]}")
    return f"exposure {found[1]}"


def runs_with_one_capability(program: Path, folder: Path) -> str:
    """Under the unit's user and capability the kernel path works, and the filter has every system call."""
    service = Service(program, folder, "--config-file=none", "--table=5", "--no-fallback", "-i", "lab/10.9.0.1",
                      "-L", "6", "--drain-timeout=20")
    try:
        service.ready()
        service.says("kernel path: nftables table inet crosspoint5 for")
        tables = subprocess.run(["ip", "netns", "exec", NAMESPACE, "nft", "list", "tables"], capture_output=True,
                                text=True).stdout
        check("table inet crosspoint5" in tables, f"no table of ours: {tables}")
        sdp = "v=0\r\no=- 1 1 IN IP4 10.9.0.9\r\ns=-\r\nc=IN IP4 10.9.0.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
        offer = f"d7:call-id2:c18:from-tag1:a3:sdp{len(sdp)}:{sdp}7:command5:offere".encode()
        check(b"6:result2:ok" in ng(offer), "an offer failed")
        wait_until(lambda: service.heard("^WATCHDOG=1$"), "WATCHDOG=1 never came")
        wait_until(lambda: service.heard("^STATUS=1 calls, 0 flows in the kernel$"), "the status never came")
        service.ask("stats")
        for number, words in [(signal.SIGUSR2, "log-level is now 7"), (signal.SIGUSR1, "log-level is now 6"),
                              (signal.SIGHUP, "SIGHUP: nothing is read again")]:
            os.kill(service.pid, number)
            service.says(words)
        os.kill(service.pid, signal.SIGTERM)
        wait_until(lambda: service.heard("^EXTEND_TIMEOUT_USEC="), "a draining daemon asks for no time")
        check(b"Parallel session limit reached" in ng(offer.replace(b"2:c1", b"2:c2")),
              "a draining daemon took a call")
        service.ask("terminate", "c1")
        check(service.child.wait(20) == 0, f"it ended badly:\n{service.log.read_text()}")
        check(service.heard("^STOPPING=1\n"), "STOPPING=1 never came")
    finally:
        service.kill()
    made = set(re.findall(r"^\d+ +([a-z_0-9]+)\(", service.trace.read_text(), re.MULTILINE))
    # Those of strace's other children: setpriv, before it becomes the daemon.
    before = {"capset", "setresuid", "setresgid", "setgroups", "prctl", "setreuid", "setregid", "setuid", "setgid"}
    forbidden = made - before - allowed_calls(UNIT)
    check("io_uring_enter" in made, "the trace shows no io_uring")
    check(not forbidden, f"the unit's filter forbids {sorted(forbidden)}")
    return f"{len(made)} kinds of system call, all allowed"


def reads_the_file_of_rtpengine(program: Path, folder: Path) -> str:
    """Debian's file works as it is, with the options of Debian's unit."""
    file = Path("/etc/rtpengine/rtpengine.conf")
    service = Service(program, folder, "--no-log-timestamps", "--pidfile", str(folder / "pid"), "--config-file",
                      str(file if file.exists() else FIXTURE))
    try:
        service.ready()
        service.says("interface default: 10.9.0.1")
        check(b"4:pong" in ng(b"d7:command4:pinge"), "no pong")
        check((folder / "pid").read_text() == f"{service.pid}\n", "the file of the process id is wrong")
        service.stop()
    finally:
        service.kill()
    errors = [line for line in service.log.read_text().splitlines() if line.startswith(("ERR", "CRIT"))]
    # Debian's file names a directory for recordings that belongs to another user; that keeps no relay from relaying.
    others = [line for line in errors if "recording-dir: " not in line]
    check(not others, "\n".join(others))
    return str(file) if file.exists() else "the fixture; rtpengine is not installed"


def package_comes_and_goes(program: Path, folder: Path) -> str:
    """The Debian package installs into an empty root, its unit is sound there, and a purge leaves nothing of ours."""
    programs, root, package = folder / "programs", folder / "root", folder / "crosspoint.deb"
    programs.mkdir()
    for name in ("crosspointd", "crosspointctl"):
        shutil.copy(program.parent / name, programs / name)
        subprocess.run(["strip", programs / name], check=True)
    built = subprocess.run([REPOSITORY / "Scripts/package", programs, package], capture_output=True, text=True)
    check(built.returncode == 0, built.stderr)
    (root / "var/lib/dpkg").mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    # The group that systemd-sysusers looks at, and what dpkg warns of otherwise.
    (root / "etc").mkdir()
    dpkg = ["dpkg", f"--root={root}", "--force-script-chrootless", "--force-depends", "--log=/dev/null"]
    done = subprocess.run([*dpkg, "--install", package], capture_output=True, text=True)
    check(done.returncode == 0, f"dpkg --install: {done.stderr}")
    check("crosspoint:" in (root / "etc/passwd").read_text(), "there is no user crosspoint")
    unit = settings(root / "lib/systemd/system/crosspoint.service")
    started = root / unit["ExecStart"][0].split()[0].removeprefix("/")
    check(os.access(started, os.X_OK), f"the unit starts {started}, which is not there")
    read = subprocess.run([started, f"--config-file={root}/etc/crosspoint/crosspoint.yaml", "--version"],
                          capture_output=True, text=True)
    check(read.returncode == 0, f"the installed program does not run: {read.stderr}")
    done = subprocess.run([*dpkg, "--purge", "crosspoint"], capture_output=True, text=True)
    check(done.returncode == 0, f"dpkg --purge: {done.stderr}")
    left = [path for path in root.rglob("*crosspoint*") if path.name not in ("passwd", "group")]
    check(not left, f"a purge leaves {left}")
    return f"{package.stat().st_size >> 20} MB"


def make_namespace() -> None:
    """A network with one address that others could reach, forwarding packets."""
    commands = [["ip", "netns", "add", NAMESPACE], ["ip", "-n", NAMESPACE, "link", "set", "lo", "up"],
                ["ip", "-n", NAMESPACE, "addr", "add", "10.9.0.1/32", "dev", "lo"],
                ["ip", "netns", "exec", NAMESPACE, "sysctl", "-qw", "net.ipv4.ip_forward=1",
                 "net.ipv6.conf.all.forwarding=1"]]
    for command in commands:
        subprocess.run(command, check=True)


def main() -> int:
    """Runs every test; the exit status is 0 if all passed."""
    missing = [tool for tool in ("systemd-analyze", "setpriv", "strace", "strip", "dpkg-deb", "ip", "nft") if not shutil.which(tool)]
    if os.geteuid() != 0 or missing:
        print(f"test-service: needs root and {', '.join(missing) or 'nothing else'}", file=sys.stderr)
        return 1 if os.environ.get("CROSSPOINT_REQUIRE") or os.geteuid() != 0 else 0
    given = Path(sys.argv[1] if len(sys.argv) > 1 else REPOSITORY / ".build/debug").resolve()
    failed = 0
    try:
        make_namespace()
        with tempfile.TemporaryDirectory(prefix="crosspoint-service-") as name:
            root = Path(name)
            root.chmod(0o755)
            # Nobody must reach the programs, wherever they were built.
            for program in ("crosspointd", "crosspointctl"):
                shutil.copy(given / program, root / program)
            for test in (unit_is_sound, runs_with_one_capability, reads_the_file_of_rtpengine,
                         package_comes_and_goes):
                folder = root / test.__name__
                folder.mkdir(mode=0o777)
                folder.chmod(0o777)
                try:
                    print(f"ok {test.__name__}: {test(root / 'crosspointd', folder)}", flush=True)
                except Failure as error:
                    failed += 1
                    print(f"FAILED {test.__name__}: {error}", flush=True)
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
