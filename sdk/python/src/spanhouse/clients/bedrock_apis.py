"""Bedrock's operations: converse, and invoke with the body of whichever vendor made the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import anthropic_apis
from .api import Api, Attributes, put_count, read_parameters
from .sse import events_with


def api_of(operation_name: str, model: str) -> Api | None:
    """By boto3's name of the operation; None for what is no model call."""
    if operation_name == "InvokeModel" and "embed" in model:
        return _embed
    return _apis.get(operation_name)


def _converse_request(params: Mapping[str, Any], attributes: Attributes) -> None:
    config = params.get("inferenceConfig")
    if isinstance(config, Mapping):
        said = {
            "max_tokens": config.get("maxTokens"),
            "temperature": config.get("temperature"),
            "top_p": config.get("topP"),
            "stop_sequences": config.get("stopSequences"),
        }
        read_parameters(said, attributes)


def _invoke_request(params: Mapping[str, Any], attributes: Attributes) -> None:
    body = params.get("body")
    if isinstance(body, (str, bytes, bytearray)):
        said = json.loads(body)
        if isinstance(said, dict):
            read_parameters(said, attributes)


def _streamed_converse_request(params: Mapping[str, Any], attributes: Attributes) -> None:
    attributes["gen_ai.request.stream"] = True
    _converse_request(params, attributes)


def _streamed_invoke_request(params: Mapping[str, Any], attributes: Attributes) -> None:
    attributes["gen_ai.request.stream"] = True
    _invoke_request(params, attributes)


def _converse_response(body: Mapping[str, Any], attributes: Attributes) -> None:
    _usage(body.get("usage"), attributes)
    reason = body.get("stopReason")
    if isinstance(reason, str):
        attributes["gen_ai.response.finish_reasons"] = [reason]


def _usage(usage: Any, attributes: Attributes) -> None:
    """Converse counts the cache beside the input; the convention counts all as input."""
    if not isinstance(usage, dict) or not isinstance(usage.get("inputTokens"), int):
        return
    read, written = usage.get("cacheReadInputTokens"), usage.get("cacheWriteInputTokens")
    cached = sum(part for part in (read, written) if isinstance(part, int))
    attributes["gen_ai.usage.input_tokens"] = usage["inputTokens"] + cached
    put_count(attributes, "gen_ai.usage.output_tokens", usage.get("outputTokens"))
    put_count(attributes, "gen_ai.usage.cache_read.input_tokens", read)
    put_count(attributes, "gen_ai.usage.cache_write.input_tokens", written)


def _converse_stream(raw: bytes, attributes: Attributes) -> None:
    for event in events_with(raw, b'"stopReason"', b'"usage"'):
        if isinstance(event, dict):
            _converse_response(event, attributes)


def _invoke_response(body: Mapping[str, Any], attributes: Attributes) -> None:
    anthropic_apis.messages.response(body, attributes)


def _invoke_stream(raw: bytes, attributes: Attributes) -> None:
    anthropic_apis.messages.stream(raw, attributes)


_apis: dict[str, Api] = {
    "Converse": Api("chat", _converse_request, _converse_response, _converse_stream, ()),
    "ConverseStream": Api(
        "chat", _streamed_converse_request, _converse_response, _converse_stream, (b"event: metadata",)
    ),
    "InvokeModel": Api("chat", _invoke_request, _invoke_response, _invoke_stream, ()),
    "InvokeModelWithResponseStream": Api(
        "chat", _streamed_invoke_request, _invoke_response, _invoke_stream, (b'"message_stop"', b"-bedrock-invocationM")
    ),
}
_embed = Api("embeddings", _invoke_request, _invoke_response, _invoke_stream, ())
