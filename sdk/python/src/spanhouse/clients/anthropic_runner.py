"""Anthropic's tool runner: it calls the tools that it is given by itself, and each call becomes a span."""

from __future__ import annotations

import inspect
from contextvars import ContextVar
from copy import copy
from functools import wraps
from typing import Any

from ..functions import tool

_running: ContextVar[str | None] = ContextVar("spanhouse_tool_call", default=None)
"""The model's id of the call that the runner is at."""


def trace_tools_of_runners(client: Any) -> None:
    """Of this client's runners, as they are made."""
    messages = client.beta.messages
    tool_runner = messages.tool_runner

    @wraps(tool_runner)
    def runner(*args: Any, **options: Any) -> Any:
        tools = options.get("tools")
        if tools is not None:
            options["tools"] = [_traced_tool(one) for one in tools]
        return _telling_calls(tool_runner(*args, **options))

    messages.tool_runner = runner


def _traced_tool(given: Any) -> Any:
    if isinstance(given, dict) or not callable(getattr(given, "call", None)) or not isinstance(given.name, str):
        return given
    own = copy(given)
    own.call = tool(given.call, name=given.name, call_id=lambda *_: _running.get())
    return own


def _telling_calls(runner: Any) -> Any:
    """A tool is not told for which call of the model it runs: the runner of `anthropic` 1 and 2 is, in one place."""
    run_tool = getattr(runner, "_run_tool", None)
    if run_tool is None:
        return runner

    if inspect.iscoroutinefunction(run_tool):

        async def run_async(given: Any, tool_use: Any, *rest: Any) -> Any:
            token = _running.set(getattr(tool_use, "id", None))
            try:
                return await run_tool(given, tool_use, *rest)
            finally:
                _running.reset(token)

        runner._run_tool = run_async
    else:

        def run(given: Any, tool_use: Any, *rest: Any) -> Any:
            token = _running.set(getattr(tool_use, "id", None))
            try:
                return run_tool(given, tool_use, *rest)
            finally:
                _running.reset(token)

        runner._run_tool = run
    return runner
