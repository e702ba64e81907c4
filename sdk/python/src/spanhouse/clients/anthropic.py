"""`wrap_anthropic`."""

from __future__ import annotations

from copy import copy
from typing import Any, TypeVar

from ..functions import tool
from .anthropic_apis import api_of
from .anthropic_batches import batches
from .stainless import Family, wrap

C = TypeVar("C")


def _trace_tools_of_runners(client: Any) -> None:
    """A tool runner calls the tools that it is given by itself: each call becomes a span."""
    messages = client.beta.messages
    tool_runner = messages.tool_runner

    def runner(**options: Any) -> Any:
        tools = options.get("tools")
        if tools is not None:
            options["tools"] = [_traced_tool(one) for one in tools]
        return tool_runner(**options)

    messages.tool_runner = runner


def _traced_tool(given: Any) -> Any:
    if isinstance(given, dict) or not callable(getattr(given, "call", None)) or not isinstance(given.name, str):
        return given
    own = copy(given)
    own.call = tool(given.call, name=given.name)
    return own


_family = Family(
    "anthropic",
    api_of,
    batches,
    {"Bedrock": "aws.bedrock", "Vertex": "gcp.vertex_ai"},
    # Its own tracing would tell OpenTelemetry of the same call once more.
    {"open_telemetry": False},
    _trace_tools_of_runners,
)


def wrap_anthropic(client: C) -> C:
    """
    A copy of an `Anthropic` or `AsyncAnthropic` client (`anthropic` 0.3x to 2), or one of its kin for Bedrock and
    Vertex, whose every model call is a span: messages, streams, the tool runner, beta or not. The copy shares the
    connections of the client given, which stays as it is, and so do its `with_options` copies. The client's own
    OpenTelemetry tracing is off on the copy, so that no call is told twice.
    """
    return wrap(client, _family)
