"""
OpenAI's operations: chat completions, completions, responses, embeddings, moderations, images, speech, transcription.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..otlp import AttributeValue
from .api import Api, Attributes, put_count, put_text, read_parameters
from .sse import events_with, first_event


def api_of(method: str, path: str) -> Api | None:
    """By method and path (below the base URL, as the client's resources say it); None for what is no model call."""
    return _apis.get(path.partition("?")[0].rstrip("/")) if method.lower() == "post" else None


def _request(body: Mapping[str, Any], attributes: Attributes) -> None:
    read_parameters(body, attributes)
    _put_tier(attributes, "openai.request.service_tier", body.get("service_tier"))
    wanted = body.get("response_format")
    text = body.get("text")
    if wanted is None and isinstance(text, Mapping):
        wanted = text.get("format")
    kind = wanted.get("type") if isinstance(wanted, Mapping) else None
    if kind in ("json_object", "json_schema"):
        attributes["gen_ai.output.type"] = "json"


def _image_request(body: Mapping[str, Any], attributes: Attributes) -> None:
    read_parameters(body, attributes)
    attributes["gen_ai.output.type"] = "image"


def _speech_request(body: Mapping[str, Any], attributes: Attributes) -> None:
    attributes["gen_ai.output.type"] = "speech"


def _put_tier(attributes: Attributes, name: str, tier: Any) -> None:
    if tier != "auto":
        put_text(attributes, name, tier)


def _head(body: Mapping[str, Any], attributes: Attributes) -> None:
    put_text(attributes, "gen_ai.response.id", body.get("id"))
    put_text(attributes, "gen_ai.response.model", body.get("model"))
    _put_tier(attributes, "openai.response.service_tier", body.get("service_tier"))


def _usage(usage: Any, attributes: Attributes) -> None:
    """Both spellings: of chat completions, and of responses, images and transcriptions."""
    if not isinstance(usage, dict):
        return
    said: dict[str, Any] = usage
    put_count(attributes, "gen_ai.usage.input_tokens", said.get("prompt_tokens", said.get("input_tokens")))
    put_count(attributes, "gen_ai.usage.output_tokens", said.get("completion_tokens", said.get("output_tokens")))
    details = said.get("prompt_tokens_details") or said.get("input_tokens_details")
    if isinstance(details, dict):
        put_count(attributes, "gen_ai.usage.cache_read.input_tokens", details.get("cached_tokens"))
        put_count(attributes, "gen_ai.usage.cache_write.input_tokens", details.get("cache_write_tokens"))
    details = said.get("completion_tokens_details") or said.get("output_tokens_details")
    if isinstance(details, dict):
        put_count(attributes, "gen_ai.usage.reasoning.output_tokens", details.get("reasoning_tokens"))


def _choices(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    choices = body.get("choices")
    return [one for one in choices if isinstance(one, dict)] if isinstance(choices, list) else []


def _response(body: Mapping[str, Any], attributes: Attributes) -> None:
    _head(body, attributes)
    _usage(body.get("usage"), attributes)
    reasons: list[str] = []
    refusals: list[str] = []
    for choice in _choices(body):
        reason = choice.get("finish_reason")
        if isinstance(reason, str):
            reasons.append(reason)
        message = choice.get("message")
        refusal = message.get("refusal") if isinstance(message, dict) else None
        if isinstance(refusal, str):
            refusals.append(refusal)
    if reasons:
        attributes["gen_ai.response.finish_reasons"] = reasons
    if refusals:
        attributes["spanhouse.refusal"] = "\n".join(refusals)


_finish = (b'"finish_reason":"', b'"finish_reason": "')
_usages = (b'"usage":{', b'"usage": {')
_refused = (b'"refusal":"', b'"refusal": "')
_tail_bytes = 4096


def _telling_events(raw: bytes, choices: AttributeValue) -> Iterator[Any]:
    """
    Those that say how it ended, what it used, and what was refused. To look through all of a long stream for one marker
    costs as much as encoding it: of one choice, how it ended stands at its end, and its usage there or behind.
    """
    tail = raw[-_tail_bytes:]
    tail = tail[tail.find(b"\n") + 1 :] if len(raw) > _tail_bytes else tail
    if choices != 1 or not any(marker in tail for marker in _finish):
        yield from events_with(raw, *_finish, *_usages, *_refused)
        return
    head = raw[: len(raw) - len(tail)]
    refused = _refused[b'"choices": [' in raw[:_tail_bytes]]
    yield from events_with(head, refused)
    yield from events_with(tail, *_finish, *_usages, *_refused)


def _stream(raw: bytes, attributes: Attributes) -> None:
    first = first_event(raw)
    if isinstance(first, dict):
        _head(first, attributes)
    reasons: dict[int, str] = {}
    refusals: dict[int, str] = {}
    for event in _telling_events(raw, choices=attributes.get("gen_ai.request.choice.count", 1)):
        if not isinstance(event, dict):
            continue
        said: dict[str, Any] = event
        _head(said, attributes)
        _usage(said.get("usage"), attributes)
        for choice in _choices(said):
            index = choice.get("index")
            at = index if isinstance(index, int) else 0
            if isinstance(choice.get("finish_reason"), str):
                reasons[at] = choice["finish_reason"]
            delta = choice.get("delta")
            refusal = delta.get("refusal") if isinstance(delta, dict) else None
            if isinstance(refusal, str):
                refusals[at] = refusals.get(at, "") + refusal
    if reasons:
        attributes["gen_ai.response.finish_reasons"] = [reasons[at] for at in sorted(reasons)]
    if refusals:
        attributes["spanhouse.refusal"] = "\n".join(refusals[at] for at in sorted(refusals))


def _responses_response(body: Mapping[str, Any], attributes: Attributes) -> None:
    _head(body, attributes)
    _usage(body.get("usage"), attributes)
    details = body.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    status = body.get("status")
    if isinstance(reason, str):
        attributes["gen_ai.response.finish_reasons"] = [reason]
    elif isinstance(status, str) and status in ("completed", "incomplete", "failed", "cancelled"):
        attributes["gen_ai.response.finish_reasons"] = [status]
    refusals = [
        part["refusal"]
        for item in body.get("output") or ()
        if isinstance(item, dict)
        for part in item.get("content") or ()
        if isinstance(part, dict) and isinstance(part.get("refusal"), str)
    ]
    if refusals:
        attributes["spanhouse.refusal"] = "\n".join(refusals)


_responses_ending = tuple(
    f'"type":{space}"response.{how}"'.encode() for how in ("completed", "incomplete", "failed") for space in ("", " ")
)
_refusal_done = (b'"type":"response.refusal.done"', b'"type": "response.refusal.done"')


def _responses_stream(raw: bytes, attributes: Attributes) -> None:
    first = first_event(raw)
    if isinstance(first, dict) and isinstance(first.get("response"), dict):
        _head(first["response"], attributes)
    for event in events_with(raw, *_refusal_done, *_responses_ending):
        response = event.get("response") if isinstance(event, dict) else None
        if isinstance(response, dict):
            _responses_response(response, attributes)
        elif isinstance(event, dict):
            put_text(attributes, "spanhouse.refusal", event.get("refusal"))


def _plain_response(body: Mapping[str, Any], attributes: Attributes) -> None:
    _head(body, attributes)
    _usage(body.get("usage"), attributes)


def _plain_stream(raw: bytes, attributes: Attributes) -> None:
    for event in events_with(raw, b'"usage":{', b'"usage": {'):
        if isinstance(event, dict):
            _usage(event.get("usage"), attributes)


_done = (b"data: [DONE]", b"data:[DONE]")
_chat = Api("chat", _request, _response, _stream, _done)
_completion = Api("text_completion", _request, _response, _stream, _done)
_responses = Api("chat", _request, _responses_response, _responses_stream, _responses_ending)
_embeddings = Api("embeddings", read_parameters, _plain_response, _plain_stream, ())
_moderation = Api("moderation", read_parameters, _plain_response, _plain_stream, ())
_image = Api("generate_content", _image_request, _plain_response, _plain_stream, (b".completed",))
_speech = Api("generate_content", _speech_request, _plain_response, _plain_stream, (b"speech.audio.done",))
_transcription = Api("generate_content", read_parameters, _plain_response, _plain_stream, (b"transcript.text.done",))

_apis: dict[str, Api] = {
    "/chat/completions": _chat,
    "/completions": _completion,
    "/responses": _responses,
    "/embeddings": _embeddings,
    "/moderations": _moderation,
    "/images/generations": _image,
    "/images/edits": _image,
    "/images/variations": _image,
    "/audio/speech": _speech,
    "/audio/transcriptions": _transcription,
    "/audio/translations": _transcription,
}
