"""
Spanhouse: every model call of your program with its exact bytes and its cost.

    from openai import OpenAI
    from spanhouse import trace, wrap_openai

    client = wrap_openai(OpenAI())
    with trace("handle message", user_id="u-1"):
        client.chat.completions.create(...)

Where spans go is said by `SPANHOUSE_URL` and `SPANHOUSE_API_KEY`, or by `init`. Nothing here raises into the program,
except `init` for a value out of its range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .answers import Answers, HttpAnswer, HttpQuestion, Value, answered_by
from .context import Remote, current_span, extract, inject
from .executors import carry_context
from .exporter import Delivery
from .functions import retrieval, tool, traced
from .runtime import flush, init, shutdown
from .score import score
from .spans import Span
from .tracing import Scope, span, trace
from .version import __version__

if TYPE_CHECKING:
    from .clients.anthropic import wrap_anthropic
    from .clients.bedrock import wrap_bedrock
    from .clients.google_genai import wrap_google_genai
    from .clients.openai import wrap_openai

__all__ = [
    "Answers",
    "Delivery",
    "HttpAnswer",
    "HttpQuestion",
    "Remote",
    "Scope",
    "Span",
    "Value",
    "__version__",
    "answered_by",
    "carry_context",
    "current_span",
    "extract",
    "flush",
    "init",
    "inject",
    "retrieval",
    "score",
    "shutdown",
    "span",
    "tool",
    "trace",
    "traced",
    "wrap_anthropic",
    "wrap_bedrock",
    "wrap_google_genai",
    "wrap_openai",
]

_wrappers = {
    "wrap_anthropic": "anthropic",
    "wrap_bedrock": "bedrock",
    "wrap_google_genai": "google_genai",
    "wrap_openai": "openai",
}


def __getattr__(name: str) -> Any:
    """A wrapper is imported when it is first asked for: a program pays for the clients that it has."""
    module = _wrappers.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    wrapper = globals()[name] = getattr(import_module(f".clients.{module}", __name__), name)
    return wrapper
