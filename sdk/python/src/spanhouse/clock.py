"""
Time on spans: a Unix start, and an end by the monotonic clock on top of it, so that no clock change bends a duration.
"""

from __future__ import annotations

from time import perf_counter_ns, time_ns


class Moment:
    """When something began: `unix` in Unix nanoseconds."""

    __slots__ = ("_tick", "unix")

    def __init__(self) -> None:
        self.unix = time_ns()
        self._tick = perf_counter_ns()

    def elapsed(self) -> int:
        """Nanoseconds since."""
        return perf_counter_ns() - self._tick

    def now(self) -> int:
        """Unix nanoseconds: the start and what has elapsed."""
        return self.unix + perf_counter_ns() - self._tick
