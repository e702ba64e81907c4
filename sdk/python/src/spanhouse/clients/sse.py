"""Server-sent events as raw bytes: finds the few events that say something, and parses no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


def event_at(raw: bytes, position: int) -> Any:
    """The parsed `data` of the line that holds this position; None where it is no JSON, or cut off."""
    start = raw.rfind(b"\n", 0, position) + 1
    end = raw.find(b"\n", position)
    return data_of(raw[start : end if end >= 0 else len(raw)])


def data_of(line: bytes) -> Any:
    """Parsed, of a `data:` line; None of any other."""
    if not line.startswith(b"data:"):
        return None
    try:
        return json.loads(line[5:])
    except ValueError:
        return None


def first_event(raw: bytes) -> Any:
    """The parsed `data` of the first event that has any."""
    position = 0 if raw.startswith(b"data:") else raw.find(b"\ndata:") + 1
    return event_at(raw, position) if raw[position : position + 5] == b"data:" else None


def events_with(raw: bytes, *markers: bytes) -> Iterator[Any]:
    """
    The parsed events whose line holds one of the markers, each once, in order. A marker is JSON's own spelling of a
    field, such as `"usage":{`; within a JSON text its quotes would stand behind backslashes, so that no content is
    taken for one.
    """
    lines: set[int] = set()
    for marker in markers:
        position = raw.find(marker)
        while position >= 0:
            lines.add(raw.rfind(b"\n", 0, position) + 1)
            end = raw.find(b"\n", position)
            position = raw.find(marker, end) if end >= 0 else -1
    for start in sorted(lines):
        event = event_at(raw, start)
        if event is not None:
            yield event
