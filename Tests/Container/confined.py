#!/usr/bin/env python3
"""Runs a program as a container runtime does by default: no io_uring, no capability, no root, nothing writable.

  confined.py [--writable FOLDER] [--keep-user] [--errno NAME] [--deny setup,enter,register] PROGRAM [ARGUMENT …]

Denies io_uring by seccomp as the default profiles of Docker and Podman do. Started by root, it also makes every file
system read-only but FOLDER, and becomes nobody, or with --keep-user a root without any capability; started by anybody
else, it leaves that out, because it cannot.
"""

from __future__ import annotations

import argparse
import ctypes
import errno
import os
import struct
import sys

NOBODY = 65534
LAST_CAPABILITY = 63

# <linux/prctl.h>, <linux/seccomp.h>, <linux/mount.h>, <sched.h>
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 24, 38, 22, 2
CLONE_NEWNS = 0x20000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW = 0x00050000, 0x7FFF0000
# The same numbers on every architecture.
IO_URING = {"setup": 425, "enter": 426, "register": 427}
# <linux/filter.h>: load a word of struct seccomp_data, jump if equal, return.
BPF_LOAD, BPF_JUMP_IF_EQUAL, BPF_RETURN = 0x20, 0x15, 0x06

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    """Ends the program if a call into libc failed."""
    if result < 0:
        sys.exit(f"confined: {what}: {os.strerror(ctypes.get_errno())}")


def deny(calls: list[int], error: int) -> None:
    """Lets these system calls fail from now on, in this process and whatever it becomes."""
    program = [(BPF_LOAD, 0, 0, 0)]
    for index, call in enumerate(calls):
        program.append((BPF_JUMP_IF_EQUAL, len(calls) - index, 0, call))
    program += [(BPF_RETURN, 0, 0, SECCOMP_RET_ALLOW), (BPF_RETURN, 0, 0, SECCOMP_RET_ERRNO | error)]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    memory = ctypes.create_string_buffer(code, len(code))
    filters = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(memory)), 16)
    checked(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filters, 0, 0), "loading the seccomp filter")


def make_read_only(writable: str | None) -> None:
    """A mount namespace of its own in which only one folder can be written to."""
    checked(libc.unshare(CLONE_NEWNS), "a mount namespace")
    checked(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "making mounts private")
    if writable:
        folder = os.fsencode(os.path.realpath(writable))
        checked(libc.mount(folder, folder, None, MS_BIND, None), f"mounting {writable}")
    with open("/proc/self/mountinfo") as table:
        mounts = [line.split()[4].encode().decode("unicode_escape") for line in table]
    for mount in mounts:
        if writable and mount == os.path.realpath(writable):
            continue
        # Some below /proc and /sys refuse, being read-only already or covered by others.
        result = libc.mount(None, os.fsencode(mount), None, MS_REMOUNT | MS_BIND | MS_RDONLY, None)
        if mount == "/":
            checked(result, "making / read-only")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writable", metavar="FOLDER")
    parser.add_argument("--keep-user", action="store_true")
    parser.add_argument("--errno", default="EPERM", choices=["EPERM", "ENOSYS"])
    parser.add_argument("--deny", default="setup,enter,register")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not options.command:
        parser.error("no program is given")
    if os.geteuid() == 0:
        make_read_only(options.writable)
        for capability in range(LAST_CAPABILITY + 1):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        if not options.keep_user:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
    checked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "giving up new privileges")
    deny([IO_URING[name] for name in options.deny.split(",")], getattr(errno, options.errno))
    for name in ("JOURNAL_STREAM", "XDG_RUNTIME_DIR", "NOTIFY_SOCKET"):
        os.environ.pop(name, None)
    try:
        os.execvp(options.command[0], options.command)
    except OSError as error:
        sys.exit(f"confined: {options.command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
