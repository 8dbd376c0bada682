"""Bencode as the NG protocol uses it, for the drivers of all stages."""

from __future__ import annotations

from typing import Any


def bencode(value: Any) -> bytes:
    """Encodes str, bytes, int, list and dict; keys stay in insertion order, as Kamailio sends them."""
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    if isinstance(value, dict):
        return b"d" + b"".join(bencode(key) + bencode(item) for key, item in value.items()) + b"e"
    raise TypeError(f"bencode cannot carry {type(value).__name__}")


def bdecode(data: bytes) -> Any:
    """Decodes one value that must fill `data`; strings come as str."""
    value, end = _decode(data, 0)
    if end != len(data):
        raise ValueError(f"{len(data) - end} octets follow the bencoded reply")
    return value


def _decode(data: bytes, start: int) -> tuple[Any, int]:
    kind = data[start:start + 1]
    if kind == b"i":
        end = data.index(b"e", start)
        return int(data[start + 1:end]), end + 1
    if kind == b"l":
        return _decode_list(data, start + 1)
    if kind == b"d":
        items, end = _decode_list(data, start + 1)
        return dict(zip(items[0::2], items[1::2])), end
    colon = data.index(b":", start)
    end = colon + 1 + int(data[start:colon])
    return data[colon + 1:end].decode(errors="replace"), end


def _decode_list(data: bytes, start: int) -> tuple[list[Any], int]:
    items = []
    while data[start:start + 1] != b"e":
        item, start = _decode(data, start)
        items.append(item)
    return items, start + 1
