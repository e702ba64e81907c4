"""A span from its start to its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import otlp
from .clock import Moment
from .ids import new_span_id, new_trace_id
from .json_text import json_text
from .otlp import AttributeValue, Event

if TYPE_CHECKING:
    from .content import ContentPolicy

INTERNAL = 1
CLIENT = 3

_base_size = 600
"""Bytes of memory that a span without texts holds, about: the object, its ids, its attributes' keys and numbers."""


class Parent:
    """
    What a span can be put under: a span of this process, one of OpenTelemetry's, or one of another process. `inherited`
    are the attributes that hold for all spans below.
    """

    __slots__ = ("inherited", "span_id", "trace_id")

    def __init__(self, trace_id: bytes, span_id: bytes, inherited: Mapping[str, AttributeValue]) -> None:
        self.trace_id = trace_id
        self.span_id = span_id
        self.inherited = inherited


class Span(Parent):
    """
    One thing that a program does, with its time. Given by `trace`, `span` and `current_span()`; ended by who opened it.
    Every method may be called at any time, from any thread, and none raises; after the end they change nothing.
    """

    __slots__ = (
        "__weakref__",
        "_attributes",
        "_events",
        "_generation",
        "_started",
        "end_time",
        "error",
        "kind",
        "name",
        "parent_span_id",
        "sequence",
        "size",
    )

    def __init__(
        self,
        name: str,
        kind: int,
        parent: Parent | None,
        inherited: Mapping[str, AttributeValue] | None = None,
        attributes: dict[str, AttributeValue] | None = None,
        *,
        span_id: bytes | None = None,
        generation: int = 0,
    ) -> None:
        if parent is None:
            above: Mapping[str, AttributeValue] = {}
            self.trace_id = new_trace_id()
            self.parent_span_id = b""
        else:
            above = parent.inherited
            self.trace_id = parent.trace_id
            self.parent_span_id = parent.span_id
        self.span_id = span_id or new_span_id()
        self.inherited = {**above, **inherited} if inherited else above
        self.name = name
        self.kind = kind
        self.end_time = 0
        self.error: str | None = None
        self.sequence = 0
        self.size = 0
        self._attributes: dict[str, AttributeValue] = attributes if attributes is not None else {}
        self._events: Sequence[Event] = ()
        self._started = Moment()
        self._generation = generation

    @property
    def trace_id_hex(self) -> str:
        """32 lowercase hex digits, as in a `traceparent` and in the viewer's addresses."""
        return self.trace_id.hex()

    @property
    def span_id_hex(self) -> str:
        """16 lowercase hex digits."""
        return self.span_id.hex()

    @property
    def label(self) -> str:
        """What it is called as it begins: of a model call the operation, of which the model may not be known yet."""
        return self.name

    @property
    def ended(self) -> bool:
        """Whether its end is fixed."""
        return self.end_time != 0

    @property
    def start_time(self) -> int:
        """Unix nanoseconds."""
        return self._started.unix

    @property
    def generation(self) -> int:
        """Which process it was opened in, counting forks: a copy of it in a fork's child is not the child's to end."""
        return self._generation

    def begin_at(self, unix: int) -> None:
        """Sets the start to a Unix nanosecond, for what is told after it happened."""
        self._started.unix = unix

    def elapsed(self) -> int:
        """Nanoseconds since its start."""
        return self._started.elapsed()

    def set_input(self, value: object) -> None:
        """What went in; any value, kept as JSON."""
        self.set_attribute("spanhouse.input", json_text(value))

    def set_output(self, value: object) -> None:
        """What came out; any value, kept as JSON."""
        self.set_attribute("spanhouse.output", json_text(value))

    def set_metadata(self, **values: object) -> None:
        """Facts of your own, each an attribute `spanhouse.metadata.NAME`."""
        for name, value in values.items():
            self.set_attribute(f"spanhouse.metadata.{name}", attribute_of(value))

    def set_tags(self, *tags: str) -> None:
        """Replaces the span's tags."""
        self.set_attribute("spanhouse.tags", [str(tag) for tag in tags])

    def set_attribute(self, name: str, value: AttributeValue) -> None:
        """An OpenTelemetry attribute."""
        if not self.end_time:
            self._attributes[name] = value

    def fail(self, error: BaseException) -> None:
        """Marks it as failed: status, `error.type` and an event with the exception's stack."""
        if self.end_time:
            return
        kind = type(error).__name__
        message = message_of(error)
        self.error = message
        self._attributes["error.type"] = kind
        facts: dict[str, AttributeValue] = {
            "exception.type": kind,
            "exception.message": message,
            "exception.stacktrace": stack_of(error),
        }
        self._events = (*self._events, Event("exception", self._started.now(), facts))

    def close(self, at: int | None = None) -> bool:
        """Fixes the end, now or at a Unix nanosecond; False where it was ended already."""
        if self.end_time:
            return False
        self.end_time = at or self._started.now()
        return True

    def weigh(self) -> int:
        """About how many bytes of memory it holds."""
        texts = (len(value) for value in self._attributes.values() if isinstance(value, (str, bytes)))
        return _base_size + sum(texts) + sum(2_000 for _ in self._events)

    def settle(self, policy: ContentPolicy) -> None:
        """Does what was left for the exporting thread; what the policy withholds is gone afterwards."""
        policy.apply(self.trace_id, self._attributes)

    def encode(self, *, announce: bool = False) -> bytes:
        """An OTLP `Span` message; an announcement has no end and says that it is open."""
        attributes: dict[str, AttributeValue] = {**self.inherited, **self._attributes}
        if announce:
            attributes["spanhouse.open"] = True
        elif self.sequence:
            attributes["spanhouse.sequence"] = self.sequence
        return otlp.span(
            trace_id=self.trace_id,
            span_id=self.span_id,
            parent_span_id=self.parent_span_id,
            name=self.name,
            kind=self.kind,
            start=self._started.unix,
            end=0 if announce else self.end_time,
            pairs=attributes.items(),
            events=self._events,
            error=self.error,
        )


def attribute_of(value: object) -> AttributeValue:
    """A value as an attribute can hold it: strings, numbers, booleans and lists of strings as such, others as JSON."""
    if isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        items: Sequence[Any] = value
        if all(isinstance(item, str) for item in items):
            return list(items)
    return json_text(value)


def message_of(error: BaseException) -> str:
    """Of an exception; one that cannot say itself is its class's name."""
    try:
        return str(error)
    except Exception:
        return type(error).__name__


def stack_of(error: BaseException) -> str:
    """As Python prints it, at most the last 16,384 characters."""
    import traceback

    try:
        lines = traceback.format_exception(type(error), error, error.__traceback__, limit=-50)
        return "".join(lines)[-16_384:]
    except Exception:
        return ""
