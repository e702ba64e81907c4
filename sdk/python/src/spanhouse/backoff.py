"""How long to wait before sending again."""

from __future__ import annotations

import os

_first = 0.5
_longest = 30.0


def wait_before(retry: int, after: float | None) -> float:
    """
    Seconds before the `retry`-th repetition (from 1): any time up to a limit that doubles each time ("full jitter"), so
    that many processes do not come back at once; never earlier than the destination asked for.
    """
    limit: float = min(_longest, _first * 2 ** min(retry - 1, 16))
    jitter: float = int.from_bytes(os.urandom(4), "big") / 2**32 * limit
    return jitter if after is None else after + min(jitter, _first)
