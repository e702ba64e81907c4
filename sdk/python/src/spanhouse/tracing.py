"""Spans of the program's own: `trace`, `span`, `tool`, `traced`, `retrieval`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from .context import Entered, current_parent
from .json_text import json_text
from .otlp import AttributeValue
from .runtime import generation, runtime
from .spans import INTERNAL, Parent, Span, attribute_of

if TYPE_CHECKING:
    from types import TracebackType


def start_span(
    name: str,
    kind: int = INTERNAL,
    *,
    parent: Parent | None = None,
    inherited: Mapping[str, AttributeValue] | None = None,
    attributes: dict[str, AttributeValue] | None = None,
) -> Span:
    """An open span under the current one, or under `parent`; watched, so that it is announced when it takes long."""
    span = Span(name, kind, parent or current_parent(), inherited, attributes, generation=generation())
    runtime().exporter.opened(span)
    return span


def end_span(span: Span, at: int | None = None) -> None:
    """Ends it, now or at a Unix nanosecond, and hands it over; nothing happens where it was ended, or before a fork."""
    if span.close(at) and span.generation == generation():
        runtime().exporter.ended(span)


class Scope:
    """
    A span around a block, by `with` or `async with`; it gives the `Span`. An exception marks it as failed and goes on.
    One scope is for one block.
    """

    __slots__ = ("_attributes", "_entered", "_inherited", "_kind", "_name", "_span")

    def __init__(
        self,
        name: str,
        kind: int = INTERNAL,
        *,
        inherited: Mapping[str, AttributeValue] | None = None,
        attributes: dict[str, AttributeValue] | None = None,
    ) -> None:
        self._name = name
        self._kind = kind
        self._inherited = inherited
        self._attributes = attributes
        self._span: Span | None = None
        self._entered: Entered | None = None

    def __enter__(self) -> Span:
        self._span = span = start_span(self._name, self._kind, inherited=self._inherited, attributes=self._attributes)
        self._entered = Entered(span)
        return span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._entered is not None:
            self._entered.leave()
        span = self._span
        if span is not None:
            if error is not None and not isinstance(error, (GeneratorExit, StopIteration, StopAsyncIteration)):
                span.fail(error)
            end_span(span)

    async def __aenter__(self) -> Span:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)


def trace(
    name: str,
    *,
    user_id: str | None = None,
    conversation_id: str | None = None,
    feature: str | None = None,
    team: str | None = None,
    cost_centre: str | None = None,
    prompt: str | tuple[str, str] | Mapping[str, object] | None = None,
    tags: Sequence[str] | None = None,
    metadata: Mapping[str, object] | None = None,
    input: object = None,
) -> Scope:
    """
    A unit of work, such as the handling of one message. Inside of another it is a span of that one's trace.

    `user_id`, `conversation_id`, `feature`, `team`, `cost_centre` and `prompt` (a name, a name and a version, or a
    mapping of both) hold for every span below, and by them the store sums spend. `tags` and `metadata` stand on this
    span alone.
    """
    inherited: dict[str, AttributeValue] = {}
    for key, value in (
        ("user.id", user_id),
        ("gen_ai.conversation.id", conversation_id),
        ("spanhouse.feature", feature),
        ("spanhouse.team", team),
        ("spanhouse.cost_centre", cost_centre),
    ):
        if value is not None:
            inherited[key] = str(value)
    for key, part in zip(("gen_ai.prompt.name", "gen_ai.prompt.version"), _prompt(prompt), strict=True):
        if part is not None:
            inherited[key] = str(part)
    return Scope(name, inherited=inherited, attributes=_own(tags, metadata, input, None))


def span(
    name: str,
    *,
    kind: Literal["agent"] | None = None,
    tags: Sequence[str] | None = None,
    metadata: Mapping[str, object] | None = None,
    input: object = None,
    output: object = None,
) -> Scope:
    """A step within a trace. `kind="agent"` makes it the invocation of an agent of that name."""
    attributes = _own(tags, metadata, input, output)
    if kind == "agent":
        attributes |= {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name}
        name = f"invoke_agent {name}"
    return Scope(name, attributes=attributes)


def _own(
    tags: Sequence[str] | None, metadata: Mapping[str, object] | None, input: object, output: object
) -> dict[str, AttributeValue]:

    attributes: dict[str, AttributeValue] = {}
    if tags:
        attributes["spanhouse.tags"] = [str(tag) for tag in tags]
    if metadata:
        for name, value in metadata.items():
            attributes[f"spanhouse.metadata.{name}"] = attribute_of(value)
    if input is not None:
        attributes["spanhouse.input"] = json_text(input)
    if output is not None:
        attributes["spanhouse.output"] = json_text(output)
    return attributes


def _prompt(prompt: Any) -> tuple[object, object]:
    if prompt is None or isinstance(prompt, str):
        return prompt, None
    if isinstance(prompt, Mapping):
        return prompt.get("name"), prompt.get("version")
    name, version = prompt
    return name, version
