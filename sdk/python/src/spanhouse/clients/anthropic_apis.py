"""Anthropic's operations: messages, and the text completions of old."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .api import Api, Attributes, put_count, put_text, read_parameters
from .sse import events_with


def api_of(method: str, path: str) -> Api | None:
    """By method and path, as the client's resources say it; None for what is no model call."""
    return _apis.get(path.partition("?")[0].rstrip("/")) if method.lower() == "post" else None


def _request(body: Mapping[str, Any], attributes: Attributes) -> None:
    read_parameters(body, attributes)
    wanted = body.get("output_format")
    config = body.get("output_config")
    if wanted is None and isinstance(config, Mapping):
        wanted = config.get("format")
    if isinstance(wanted, Mapping) and wanted.get("type") == "json_schema":
        attributes["gen_ai.output.type"] = "json"


def _usage(usage: Any, attributes: Attributes, *, final: bool) -> None:
    """
    Anthropic counts what was neither read from nor written to the cache as input; the convention counts all. Before its
    last event a stream says an output of one token or so, which is no count of the answer.
    """
    if not isinstance(usage, dict):
        return
    said: dict[str, Any] = usage
    parts = [said.get(name) for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")]
    uncached, read, written = (part if isinstance(part, int) else None for part in parts)
    if uncached is not None:
        attributes["gen_ai.usage.input_tokens"] = uncached + (read or 0) + (written or 0)
        put_count(attributes, "gen_ai.usage.cache_read.input_tokens", read)
        put_count(attributes, "gen_ai.usage.cache_write.input_tokens", written)
    if final:
        put_count(attributes, "gen_ai.usage.output_tokens", said.get("output_tokens"))
        details = said.get("output_tokens_details")
        if isinstance(details, dict):
            put_count(attributes, "gen_ai.usage.reasoning.output_tokens", details.get("thinking_tokens"))


def _head(message: Mapping[str, Any], attributes: Attributes) -> None:
    put_text(attributes, "gen_ai.response.id", message.get("id"))
    put_text(attributes, "gen_ai.response.model", message.get("model"))


def _ending(said: Mapping[str, Any], attributes: Attributes) -> None:
    reason = said.get("stop_reason")
    if isinstance(reason, str):
        attributes["gen_ai.response.finish_reasons"] = [reason]
    if reason == "refusal":
        details = said.get("stop_details")
        words = details.get("explanation") if isinstance(details, dict) else None
        attributes["spanhouse.refusal"] = words if isinstance(words, str) else ""


def _response(body: Mapping[str, Any], attributes: Attributes) -> None:
    _head(body, attributes)
    _usage(body.get("usage"), attributes, final=True)
    _ending(body, attributes)


def _stream(raw: bytes, attributes: Attributes) -> None:
    usage: dict[str, Any] = {}
    final = False
    for event in events_with(raw, *_telling_events):
        if not isinstance(event, dict):
            continue
        said: dict[str, Any] = event
        message, delta = said.get("message"), said.get("delta")
        if isinstance(message, dict):
            _head(message, attributes)
            _merge(usage, message.get("usage"))
        if isinstance(delta, dict):
            _ending(delta, attributes)
            _merge(usage, said.get("usage"))
            final = True
    _usage(usage, attributes, final=final)


def _merge(usage: dict[str, Any], said: Any) -> None:
    """The last event repeats the counts of the input or leaves them out."""
    if isinstance(said, dict):
        usage.update((name, value) for name, value in said.items() if value is not None)


def _completion_response(body: Mapping[str, Any], attributes: Attributes) -> None:
    _head(body, attributes)
    _ending(body, attributes)


_telling_events = tuple(
    f'"type":{space}"{kind}"'.encode() for kind in ("message_start", "message_delta") for space in ("", " ")
)
messages = Api("chat", _request, _response, _stream, (b'"message_stop"',))
_completion = Api("text_completion", _request, _completion_response, _stream, (b'"stop_reason": "', b'"stop_reason":"'))
_apis: dict[str, Api] = {"/v1/messages": messages, "/v1/complete": _completion}
