"""W3C ids: random, never all zero."""

from __future__ import annotations

import os

_pool: list[bytes] = []
"""Drawn for many ids at once: asking the system costs more than the rest of an id. `pop` is one step for any thread."""


def new_trace_id() -> bytes:
    """16 bytes."""
    return new_span_id() + new_span_id()


def new_span_id() -> bytes:
    """8 bytes."""
    try:
        return _pool.pop()
    except IndexError:
        drawn = os.urandom(2048)
        _pool.extend(one for at in range(0, len(drawn), 8) if any(one := drawn[at : at + 8]))
        return os.urandom(8)


def new_instance_id() -> str:
    """A UUID of version 4. (The `uuid` module is not imported for it: it is slow to.)"""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


# A fork's child must not give out what its parent does.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.clear)
