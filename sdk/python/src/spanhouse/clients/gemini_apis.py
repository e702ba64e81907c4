"""Gemini's operations, of the developer API and of Vertex: generation, embeddings, images."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .api import Api, Attributes, put_count, put_text
from .sse import events_with, first_event

_path = re.compile(r"models/([^:/?]+):(\w+)")


def api_of(path: str) -> tuple[Api, str] | None:
    """By a request's path: the operation and its model; None for what is no model call."""
    match = _path.search(path)
    api = _apis.get(match[2]) if match else None
    return (api, match[1]) if api and match else None


_parameters = (
    ("temperature", "gen_ai.request.temperature"),
    ("topP", "gen_ai.request.top_p"),
    ("topK", "gen_ai.request.top_k"),
    ("maxOutputTokens", "gen_ai.request.max_tokens"),
    ("seed", "gen_ai.request.seed"),
    ("frequencyPenalty", "gen_ai.request.frequency_penalty"),
    ("presencePenalty", "gen_ai.request.presence_penalty"),
)


def _request(body: Mapping[str, Any], attributes: Attributes) -> None:
    config = body.get("generationConfig")
    if not isinstance(config, Mapping):
        return
    for name, attribute in _parameters:
        value: Any = config.get(name)
        if value.__class__ is float or value.__class__ is int:
            attributes[attribute] = value
    stop = config.get("stopSequences")
    if isinstance(stop, (list, tuple)):
        attributes["gen_ai.request.stop_sequences"] = [str(one) for one in stop]
    choices = config.get("candidateCount")
    if isinstance(choices, int) and choices != 1:
        attributes["gen_ai.request.choice.count"] = choices
    if config.get("responseMimeType") == "application/json":
        attributes["gen_ai.output.type"] = "json"


def _streamed_request(body: Mapping[str, Any], attributes: Attributes) -> None:
    _request(body, attributes)
    attributes["gen_ai.request.stream"] = True


def _image_request(body: Mapping[str, Any], attributes: Attributes) -> None:
    attributes["gen_ai.output.type"] = "image"
    parameters = body.get("parameters")
    count = parameters.get("sampleCount") if isinstance(parameters, Mapping) else None
    if isinstance(count, int) and count != 1:
        attributes["gen_ai.request.choice.count"] = count


def _response(body: Mapping[str, Any], attributes: Attributes) -> None:
    put_text(attributes, "gen_ai.response.id", body.get("responseId"))
    put_text(attributes, "gen_ai.response.model", body.get("modelVersion"))
    usage = body.get("usageMetadata")
    if isinstance(usage, dict):
        _usage(usage, attributes)
    candidates = body.get("candidates")
    reasons = [one.get("finishReason") for one in candidates or () if isinstance(one, dict)]
    feedback = body.get("promptFeedback")
    if isinstance(feedback, dict) and feedback.get("blockReason"):
        reasons.append(feedback["blockReason"])
    said = [reason for reason in reasons if isinstance(reason, str)]
    if said:
        attributes["gen_ai.response.finish_reasons"] = said


def _usage(usage: Mapping[str, Any], attributes: Attributes) -> None:
    """What a tool read is input too, and thoughts are output; Gemini counts both beside."""
    prompt, tools = usage.get("promptTokenCount"), usage.get("toolUsePromptTokenCount")
    if isinstance(prompt, int):
        attributes["gen_ai.usage.input_tokens"] = prompt + (tools if isinstance(tools, int) else 0)
    answer, thoughts = usage.get("candidatesTokenCount"), usage.get("thoughtsTokenCount")
    if isinstance(answer, int) or isinstance(thoughts, int):
        parts = (part for part in (answer, thoughts) if isinstance(part, int))
        attributes["gen_ai.usage.output_tokens"] = sum(parts)
    put_count(attributes, "gen_ai.usage.reasoning.output_tokens", thoughts)
    put_count(attributes, "gen_ai.usage.cache_read.input_tokens", usage.get("cachedContentTokenCount"))


def _stream(raw: bytes, attributes: Attributes) -> None:
    first = first_event(raw)
    if isinstance(first, dict):
        _response(first, attributes)
    # The usage of a stream grows from event to event.
    for event in events_with(raw, b'"usageMetadata"', b'"finishReason"'):
        if isinstance(event, dict):
            _response(event, attributes)


_ending = (b'"finishReason"', b'"blockReason"')
_generate = Api("generate_content", _request, _response, _stream, ())
_stream_generate = Api("generate_content", _streamed_request, _response, _stream, _ending)
_image = Api("generate_content", _image_request, _response, _stream, ())
_embed = Api("embeddings", _request, _response, _stream, ())
_apis: dict[str, Api] = {
    "generateContent": _generate,
    "streamGenerateContent": _stream_generate,
    "embedContent": _embed,
    "batchEmbedContents": _embed,
    "predict": _image,
}
