"""Sockets in namespaces."""

from __future__ import annotations

import ctypes
import os
import socket

from machine import libc

CLONE_NEWNET = 0x40000000


def udp_socket(namespace: str, address: tuple[str, int]) -> socket.socket:
    """A UDP socket that lives in a namespace; the calling thread is there only while it is made."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    away = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        enter(away)
        try:
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        finally:
            enter(home)
    finally:
        os.close(home)
        os.close(away)
    made.bind(address)
    return made


def enter(descriptor: int) -> None:
    """setns(2) for the calling thread."""
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
