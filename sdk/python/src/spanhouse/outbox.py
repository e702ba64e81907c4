"""Ended spans on their way out, bounded in number and bytes."""

from __future__ import annotations

from collections import deque
from threading import RLock
from typing import Protocol


class Outgoing(Protocol):
    """What lies in an outbox."""

    trace_id: bytes
    sequence: int
    """0 until it is put in, and for what is not numbered."""
    size: int
    """About how many bytes of memory it holds. Fixed once it is put in."""


_remembered_drops = 10_000


class Outbox:
    """
    Spans by trace, the trace whose first span came first at the front. When it is full, that trace is dropped whole,
    and what comes of it later too: a torn trace is worth less than a missing one. Each span is numbered when it is put
    in, so that a dropped one leaves a gap which the server sees.

    `put` may be called from any thread, and from a finaliser that runs while the same thread is within `put`.
    """

    def __init__(self, max_bytes: int, max_spans: int) -> None:
        self._max_bytes = max_bytes
        self._max_spans = max_spans
        self._lock = RLock()
        self._inside = False
        self._late: deque[tuple[Outgoing, bool]] = deque()
        self._traces: dict[bytes, list[Outgoing]] = {}
        self._dropped_traces: dict[bytes, None] = {}
        self._taken_bytes = 0
        self.waiting = 0
        """Spans that lie here."""
        self.bytes = 0
        """Of the spans that lie here."""
        self.last_sequence = 0
        self.dropped = 0

    @property
    def is_crowded(self) -> bool:
        """Whether so much lies here that many more spans at once could drive it out."""
        return self.bytes > self._max_bytes / 4 or self.waiting > self._max_spans / 2

    def put(self, span: Outgoing, *, numbered: bool = True) -> None:
        with self._lock:
            if self._inside:
                self._late.append((span, numbered))
                return
            self._inside = True
            try:
                self._put(span, numbered)
                while self._late:
                    self._put(*self._late.popleft())
            finally:
                self._inside = False

    def take(self, max_bytes: int, max_spans: int) -> list[Outgoing]:
        """
        The spans in front, at least one where there is one. Their bytes still count against the bound until the next
        `take`.
        """
        with self._lock:
            self._inside = True
            try:
                taken: list[Outgoing] = []
                size = 0
                while self._traces:
                    trace_id, spans = next(iter(self._traces.items()))
                    fitting = 0
                    for span in spans:
                        if taken and (size + span.size > max_bytes or len(taken) >= max_spans):
                            break
                        size += span.size
                        taken.append(span)
                        fitting += 1
                    if fitting < len(spans):
                        del spans[:fitting]
                        break
                    del self._traces[trace_id]
                self.waiting -= len(taken)
                self.bytes -= size
                self._taken_bytes = size
                while self._late:
                    self._put(*self._late.popleft())
                return taken
            finally:
                self._inside = False

    def drop_all(self) -> None:
        """Gives up what lies here, counted."""
        with self._lock:
            self.dropped += self.waiting
            self.waiting = self.bytes = self._taken_bytes = 0
            self._traces.clear()

    def _put(self, span: Outgoing, numbered: bool) -> None:
        if numbered:
            self.last_sequence += 1
            span.sequence = self.last_sequence
        if span.trace_id in self._dropped_traces:
            self.dropped += 1
            return
        size = span.size
        while self._traces and not self._has_room(size):
            self._drop_first_trace()
        if span.trace_id in self._dropped_traces or not self._has_room(size):
            self._drop(span.trace_id, 1)
            return
        self._traces.setdefault(span.trace_id, []).append(span)
        self.waiting += 1
        self.bytes += size

    def _has_room(self, size: int) -> bool:
        return self.waiting < self._max_spans and self.bytes + self._taken_bytes + size <= self._max_bytes

    def _drop_first_trace(self) -> None:
        trace_id = next(iter(self._traces))
        spans = self._traces.pop(trace_id)
        self.waiting -= len(spans)
        self.bytes -= sum(span.size for span in spans)
        self._drop(trace_id, len(spans))

    def _drop(self, trace_id: bytes, spans: int) -> None:
        self.dropped += spans
        self._dropped_traces[trace_id] = None
        if len(self._dropped_traces) > _remembered_drops:
            del self._dropped_traces[next(iter(self._dropped_traces))]
