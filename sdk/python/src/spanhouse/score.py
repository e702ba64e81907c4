"""Feedback on a trace or a span: what a user, a reviewer or an evaluator thought of it."""

from __future__ import annotations

from .context import current_parent
from .ids import new_span_id
from .otlp import AttributeValue
from .runtime import generation, runtime
from .spans import INTERNAL, Parent, Span


def score(
    name: str,
    value: float | bool | str,
    *,
    comment: str | None = None,
    source: str | None = None,
    user_id: str | None = None,
    trace_id: str | None = None,
    span_id: str | None = None,
    id: str | None = None,
) -> None:
    """
    Says how good something was: `value` is a number, a yes or no, or a category. It is about the current span, or about
    the trace `trace_id` (32 hex digits) as a whole, or its span `span_id` (16 hex digits). Given an `id`, a later score
    of the same id replaces it. `source` says who thinks so: `user`, `reviewer`, `evaluator`, or your own word. Outside
    of any trace, and with an id that is no hex, nothing is recorded.
    """
    target = _target(trace_id, span_id)
    if target is None:
        return
    attributes: dict[str, AttributeValue] = {"gen_ai.evaluation.name": name}
    if source is not None:
        attributes["spanhouse.score.source"] = source
    if isinstance(value, bool):
        attributes["gen_ai.evaluation.score.value"] = int(value)
        attributes["gen_ai.evaluation.score.label"] = "true" if value else "false"
    elif isinstance(value, (int, float)):
        attributes["gen_ai.evaluation.score.value"] = value
    else:
        attributes["gen_ai.evaluation.score.label"] = str(value)
    if comment is not None:
        attributes["gen_ai.evaluation.explanation"] = comment
    if user_id is not None:
        attributes["user.id"] = user_id
    said = Span(
        "spanhouse.score",
        INTERNAL,
        target,
        attributes=attributes,
        span_id=_named(id) if id is not None else new_span_id(),
        generation=generation(),
    )
    said.close(said.start_time)
    runtime().exporter.add(said)


def _target(trace_id: str | None, span_id: str | None) -> Parent | None:
    if trace_id is None:
        parent = current_parent()
        # What holds for the spans below a trace is no fact about the score.
        return None if parent is None else Parent(parent.trace_id, parent.span_id, {})
    try:
        trace, span = bytes.fromhex(trace_id), bytes.fromhex(span_id or "")
    except ValueError:
        return None
    return Parent(trace, span, {}) if len(trace) == 16 and len(span) in (0, 8) else None


def _named(id: str) -> bytes:
    from hashlib import sha256

    return sha256(id.encode()).digest()[:8]
