"""W3C ids: random, never all zero."""

from __future__ import annotations

import os


def new_trace_id() -> bytes:
    """16 bytes."""
    return os.urandom(16)


def new_span_id() -> bytes:
    """8 bytes."""
    return os.urandom(8)


def new_instance_id() -> str:
    """A UUID of version 4. (The `uuid` module is not imported for it: it is slow to.)"""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
