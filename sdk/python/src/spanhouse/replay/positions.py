"""Where in the tree of its trace a span is, by the order in which spans began."""

from __future__ import annotations

import threading
from typing import Any

from ..spans import Span


class Positions:
    """Is told each span as it begins, its parent before it."""

    def __init__(self) -> None:
        self._places: dict[bytes, tuple[bytes, str]] = {}
        self._counts: dict[tuple[bytes, str], int] = {}
        self._lock = threading.Lock()

    def began(self, span: Span) -> None:
        # A second trace of the process is a tree of its own beside the first.
        above = span.trace_id + span.parent_span_id if span.parent_span_id else b""
        key = (above, span.label)
        with self._lock:
            ordinal = self._counts.get(key, 0)
            self._counts[key] = ordinal + 1
        self._places[span.span_id] = (span.parent_span_id, f"{span.label}#{ordinal}")

    def of(self, span: Span | None) -> dict[str, Any]:
        """From the root to the span: `ids`, and `labels` as `name#n`, the n-th of that name below its parent."""
        ids: list[str] = []
        labels: list[str] = []
        at = b"" if span is None else span.span_id
        while at in self._places and len(ids) < 1000:
            parent, label = self._places[at]
            ids.insert(0, at.hex())
            labels.insert(0, label)
            at = parent
        return {"ids": ids or [at.hex() or "0" * 16], "labels": labels or ["#0"]}
