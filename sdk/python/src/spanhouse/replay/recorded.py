"""What stood in a recording, as the values and exceptions that it was."""

from __future__ import annotations

import builtins
import json
from typing import Any


class ReplayMiss(RuntimeError):
    """A tool or a retriever was asked what the recording does not have."""


class RecordedObject(dict[str, Any]):
    """An object of which only its fields were recorded: they are read by key and as attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def revived(value: str | None, was: str) -> Any:
    """A span tells a text as it is and anything else as JSON; `was` says where a text reads as JSON."""
    if value is None or "text" in was:
        return value
    try:
        return json.loads(value, object_hook=RecordedObject)
    except ValueError:
        return value


def exception_of(failure: dict[str, str]) -> Exception:
    """Of the class that it had where that is Python's own, else of one with its name."""
    name, message = failure["type"], failure["message"]
    kind: Any = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            error: Exception = kind(message)
            return error
        except Exception:
            pass
    like: Exception = type(name, (RuntimeError,), {})(message)
    return like
