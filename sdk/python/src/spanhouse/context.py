"""Which span is current: in this task, thread or generator, and across processes by W3C `traceparent`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from .spans import Parent, Span

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType

_current: ContextVar[Parent | None] = ContextVar("spanhouse_current", default=None)

_in_baggage = (
    "user.id",
    "gen_ai.conversation.id",
    "spanhouse.feature",
    "spanhouse.team",
    "spanhouse.cost_centre",
    "gen_ai.prompt.name",
    "gen_ai.prompt.version",
)


def current_span() -> Span | None:
    """The innermost open `trace`, `span`, `tool`, … of this context; None outside of all."""
    current = _current.get()
    return current if isinstance(current, Span) else None


def current_parent() -> Parent | None:
    """
    What a span that starts now belongs under: our current span, or OpenTelemetry's where that one lies deeper. What the
    enclosing `trace` was given holds below OpenTelemetry's spans too.
    """
    ours = _current.get()
    api = sys.modules.get("opentelemetry.trace")
    if api is None:
        return ours
    try:
        theirs = api.get_current_span().get_span_context()
        if not theirs.is_valid:
            return ours
        span_id = theirs.span_id.to_bytes(8, "big")
        if ours is not None and ours.span_id == span_id:
            return ours
        return Parent(theirs.trace_id.to_bytes(16, "big"), span_id, ours.inherited if ours else {})
    except Exception:
        return ours


class Entered:
    """A parent made current, until `leave`. OpenTelemetry's context follows where its API is loaded."""

    __slots__ = ("_before", "_otel", "_token")

    def __init__(self, parent: Parent) -> None:
        self._before = _current.get()
        self._token: Token[Parent | None] = _current.set(parent)
        self._otel = _attach(parent)

    def leave(self) -> None:
        try:
            _current.reset(self._token)
        except ValueError:
            # Left in another context than it was entered in, as a generator may be that another task closes.
            _current.set(self._before)
        if self._otel is not None:
            context, token = self._otel
            try:
                context._RUNTIME_CONTEXT.detach(token)
            except Exception:
                pass


def _attach(parent: Parent) -> tuple[Any, Any] | None:
    trace = sys.modules.get("opentelemetry.trace")
    context = sys.modules.get("opentelemetry.context")
    if trace is None or context is None:
        return None
    try:
        span_context = trace.SpanContext(
            trace_id=int.from_bytes(parent.trace_id, "big"),
            span_id=int.from_bytes(parent.span_id, "big"),
            is_remote=False,
            trace_flags=trace.TraceFlags(1),
        )
        return context, context.attach(trace.set_span_in_context(trace.NonRecordingSpan(span_context)))
    except Exception:
        return None


def inject(carrier: MutableMapping[str, str]) -> None:
    """
    Writes the current span into headers of a request, a message or a job: `traceparent` (W3C Trace Context), and as
    `baggage` what the enclosing `trace` was given for all spans below. Outside of any span it writes nothing.
    """
    parent = current_parent()
    if parent is None:
        return
    from urllib.parse import quote

    carrier["traceparent"] = f"00-{parent.trace_id.hex()}-{parent.span_id.hex()}-01"
    said = [f"{name}={quote(str(parent.inherited[name]), safe='')}" for name in _in_baggage if name in parent.inherited]
    if said:
        others = carrier.get("baggage")
        carrier["baggage"] = ",".join([others, *said] if others else said)


class Remote:
    """A span of another process. `with extract(headers): …` puts what happens inside under it."""

    __slots__ = ("_entered", "_parent")

    def __init__(self, parent: Parent | None) -> None:
        self._parent = parent
        self._entered: Entered | None = None

    @property
    def found(self) -> bool:
        """Whether the carrier held a valid `traceparent`."""
        return self._parent is not None

    def __enter__(self) -> Remote:
        if self._parent is not None:
            self._entered = Entered(self._parent)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._entered is not None:
            self._entered.leave()
            self._entered = None


def extract(carrier: Mapping[str, str]) -> Remote:
    """
    The span that `inject` (or any W3C propagator) wrote into headers, whose names may be in any case. A missing or
    broken `traceparent` gives a `Remote` that changes nothing.
    """
    try:
        headers = {str(name).lower(): str(value) for name, value in carrier.items()}
    except Exception:
        return Remote(None)
    parts = headers.get("traceparent", "").strip().split("-")
    try:
        version, trace_id, span_id = (bytes.fromhex(part) for part in parts[:3])
    except ValueError:
        return Remote(None)
    if len(version) != 1 or version == b"\xff" or len(trace_id) != 16 or len(span_id) != 8:
        return Remote(None)
    if not any(trace_id) or not any(span_id):
        return Remote(None)
    from urllib.parse import unquote

    inherited: dict[str, Any] = {}
    for member in headers.get("baggage", "").split(","):
        name, _, value = member.partition("=")
        if name.strip() in _in_baggage:
            inherited[name.strip()] = unquote(value.split(";")[0].strip())
    return Remote(Parent(trace_id, span_id, inherited))
