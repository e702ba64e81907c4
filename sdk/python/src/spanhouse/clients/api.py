"""What one operation of a provider's API says of a call: read from its request and its response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..otlp import AttributeValue

Attributes = dict[str, AttributeValue]


class Api(NamedTuple):
    """One operation. The readers get parsed JSON from the wire, and leave out what is not there or not as expected."""

    operation: str
    """`gen_ai.operation.name`."""
    request: Callable[[Mapping[str, Any], Attributes], None]
    """Reads the parameters of a request."""
    response: Callable[[Mapping[str, Any], Attributes], None]
    """Reads a whole answer."""
    stream: Callable[[bytes, Attributes], None]
    """Reads a stream's raw text, as far as it came."""
    ending: tuple[bytes, ...]
    """A stream that holds one of these near its end was whole, though nobody read on."""


_same_name = (
    ("temperature", "gen_ai.request.temperature"),
    ("top_p", "gen_ai.request.top_p"),
    ("top_k", "gen_ai.request.top_k"),
    ("max_tokens", "gen_ai.request.max_tokens"),
    ("max_completion_tokens", "gen_ai.request.max_tokens"),
    ("max_output_tokens", "gen_ai.request.max_tokens"),
    ("seed", "gen_ai.request.seed"),
    ("frequency_penalty", "gen_ai.request.frequency_penalty"),
    ("presence_penalty", "gen_ai.request.presence_penalty"),
)


def read_parameters(body: Mapping[str, Any], attributes: Attributes) -> None:
    """Those that OpenAI's and Anthropic's APIs share."""
    for name, attribute in _same_name:
        value: Any = body.get(name)
        if value.__class__ is float or value.__class__ is int:
            attributes[attribute] = value
    stop = body.get("stop") or body.get("stop_sequences")
    if isinstance(stop, str):
        attributes["gen_ai.request.stop_sequences"] = [stop]
    elif isinstance(stop, (list, tuple)):
        attributes["gen_ai.request.stop_sequences"] = [str(one) for one in stop]
    choices = body.get("n")
    if isinstance(choices, int) and choices != 1:
        attributes["gen_ai.request.choice.count"] = choices
    if body.get("stream") is True:
        attributes["gen_ai.request.stream"] = True


def put_text(attributes: Attributes, name: str, value: Any) -> None:
    """Where it is a text that says something."""
    if isinstance(value, str) and value:
        attributes[name] = value


def put_count(attributes: Attributes, name: str, value: Any) -> None:
    """Where it is a number of something; no number is no attribute, never zero."""
    if isinstance(value, int) and not isinstance(value, bool):
        attributes[name] = value
