"""`wrap_anthropic`."""

from __future__ import annotations

from typing import TypeVar

from .anthropic_apis import api_of
from .anthropic_batches import batches
from .anthropic_runner import trace_tools_of_runners
from .stainless import Family, wrap

C = TypeVar("C")


_family = Family(
    "anthropic",
    api_of,
    batches,
    {"Bedrock": "aws.bedrock", "Vertex": "gcp.vertex_ai"},
    # Its own tracing would tell OpenTelemetry of the same call once more.
    {"open_telemetry": False},
    trace_tools_of_runners,
)


def wrap_anthropic(client: C) -> C:
    """
    A copy of an `Anthropic` or `AsyncAnthropic` client (`anthropic` 0.3x to 2), or one of its kin for Bedrock and
    Vertex, whose every model call is a span: messages, streams, the tool runner, beta or not. The copy shares the
    connections of the client given, which stays as it is, and so do its `with_options` copies. The client's own
    OpenTelemetry tracing is off on the copy, so that no call is told twice. Never raises: a client that cannot be
    copied is given back as it is, with a warning.
    """
    return wrap(client, _family)
