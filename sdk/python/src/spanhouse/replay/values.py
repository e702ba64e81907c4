"""What differs from run to run: noted on the current span, and in a replay taken from the recording."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from ..answers import current_answers
from ..context import current_span
from ..json_text import json_text
from ..spans import Span
from .replay_answers import ReplayAnswers

T = TypeVar("T")

_values: WeakKeyDictionary[Span, dict[str, list[str]]] = WeakKeyDictionary()


def replay_value(name: str, make: Callable[[], T]) -> T:
    """
    What `make` gives, in a replay what it gave in the recording: a value that JSON can say. Outside of a span it is
    made and forgotten.
    """
    span = current_span()
    if span is None:
        return make()
    told = _values.setdefault(span, {}).setdefault(name, [])
    answers = current_answers()
    value: T = answers.value(name, len(told), make) if isinstance(answers, ReplayAnswers) else make()
    told.append(json_text(value))
    span.set_attribute(f"spanhouse.value.{name}", list(told))
    return value


def replay_time() -> float:
    """`time.time()`."""
    return replay_value("time", time.time)


def replay_random() -> float:
    """`random.random()`."""
    return replay_value("random", random.random)


def replay_id() -> str:
    """A random UUID, as text."""
    return replay_value("id", lambda: str(uuid.uuid4()))
