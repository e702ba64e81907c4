"""Google's and Amazon's clients. Their APIs are not simulated: what they answer stands here, and comes by the port."""

from __future__ import annotations

import asyncio
import binascii
import json
import struct
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from collector import Collected, Collector
from google import genai
from google.genai import errors

import spanhouse
from spanhouse import HttpAnswer, HttpQuestion

_gemini_answer = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "In Graz."}]}, "finishReason": "STOP"}],
    "usageMetadata": {
        "promptTokenCount": 10,
        "toolUsePromptTokenCount": 2,
        "candidatesTokenCount": 4,
        "thoughtsTokenCount": 5,
        "cachedContentTokenCount": 3,
    },
    "modelVersion": "gemini-2.5-flash-001",
    "responseId": "r-1",
}


class Recorded:
    """Answers every question alike, and keeps the questions."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.answer = answer
        self.questions: list[HttpQuestion] = []

    def http(self, question: HttpQuestion) -> HttpAnswer:
        self.questions.append(question)
        return self.answer

    def tool(self, name: str, arguments: str) -> None: ...
    def retrieval(self, name: str, query: str) -> None: ...


def _json(value: object, status: int = 200) -> Recorded:
    return Recorded(HttpAnswer(status, {"content-type": "application/json"}, [json.dumps(value).encode()]))


def _only(collector: Collector) -> Collected:
    spanhouse.flush()
    (span,) = collector.ended()
    return span


@pytest.fixture
def gemini(collector: Collector) -> Iterator[genai.Client]:
    with genai.Client(api_key="AIza-1234", http_options={"retry_options": {"attempts": 1}}) as client:
        yield spanhouse.wrap_google_genai(client)


def _check_gemini(span: Collected) -> None:
    expected = {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.provider.name": "gcp.gemini",
        "server.address": "generativelanguage.googleapis.com",
        "gen_ai.request.model": "gemini-2.5-flash",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.model": "gemini-2.5-flash-001",
        "gen_ai.response.id": "r-1",
        "gen_ai.response.finish_reasons": ["STOP"],
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.output_tokens": 9,
        "gen_ai.usage.reasoning.output_tokens": 5,
        "gen_ai.usage.cache_read.input_tokens": 3,
        "http.response.status_code": 200,
        "spanhouse.credential": "…1234",
    }
    assert expected.items() <= span.attributes.items()


def test_gemini(gemini: genai.Client, collector: Collector) -> None:
    assert isinstance(gemini, genai.Client)
    assert spanhouse.wrap_google_genai(gemini) is gemini
    with spanhouse.answered_by(recorded := _json(_gemini_answer)):
        answer = gemini.models.generate_content(
            model="gemini-2.5-flash", contents="Where?", config={"temperature": 0.5}
        )
    assert answer.text == "In Graz."
    span = _only(collector)
    _check_gemini(span)
    assert span.attributes["spanhouse.request"] == recorded.questions[0].body.decode()
    assert json.loads(span.attributes["spanhouse.response"]) == _gemini_answer


def test_gemini_stream(gemini: genai.Client, collector: Collector) -> None:
    first = {**_gemini_answer, "candidates": [{"content": {"parts": [{"text": "In "}]}}], "usageMetadata": {}}
    chunks = [b"data: " + json.dumps(one).encode() + b"\r\n\r\n" for one in (first, _gemini_answer)]
    answer = HttpAnswer(200, {"content-type": "text/event-stream"}, chunks)
    with spanhouse.answered_by(Recorded(answer)):
        stream = gemini.models.generate_content_stream(
            model="gemini-2.5-flash", contents="Where?", config={"temperature": 0.5}
        )
        texts = [chunk.text for chunk in stream]
    assert texts == ["In ", "In Graz."]
    span = _only(collector)
    _check_gemini(span)
    assert span.attributes["gen_ai.request.stream"] is True
    assert "spanhouse.aborted" not in span.attributes
    assert span.attributes["spanhouse.response"] == b"".join(chunks).decode()


def test_gemini_async(collector: Collector) -> None:
    async def program() -> None:
        client = spanhouse.wrap_google_genai(genai.Client(api_key="AIza-1234"))
        with spanhouse.answered_by(_json(_gemini_answer)):
            answer = await client.aio.models.generate_content(
                model="gemini-2.5-flash", contents="Where?", config={"temperature": 0.5}
            )
        assert answer.text == "In Graz."

    asyncio.run(program())
    _check_gemini(_only(collector))


def test_gemini_error(gemini: genai.Client, collector: Collector) -> None:
    body = {"error": {"code": 400, "message": "no such thing", "status": "INVALID_ARGUMENT"}}
    with spanhouse.answered_by(_json(body, 400)), pytest.raises(errors.ClientError):
        gemini.models.generate_content(model="gemini-2.5-flash", contents="Where?")
    span = _only(collector)
    assert span.attributes["error.type"] == "ClientError"
    assert span.attributes["http.response.status_code"] == 400
    assert json.loads(span.attributes["spanhouse.response"]) == body


@pytest.fixture
def bedrock(collector: Collector) -> Any:
    client = boto3.client(
        "bedrock-runtime", region_name="eu-central-1", aws_access_key_id="AKIA5555", aws_secret_access_key="secret"
    )
    wrapped = spanhouse.wrap_bedrock(client)
    assert isinstance(wrapped, type(client))
    assert spanhouse.wrap_bedrock(wrapped) is wrapped
    assert "_make_api_call" not in vars(client)
    return wrapped


_converse: dict[str, Any] = {
    "modelId": "anthropic.claude-sonnet-4",
    "messages": [{"role": "user", "content": [{"text": "Where?"}]}],
    "inferenceConfig": {"maxTokens": 50, "temperature": 0.5},
}


def test_bedrock_converse(bedrock: Any, collector: Collector) -> None:
    body = {
        "output": {"message": {"role": "assistant", "content": [{"text": "In Graz."}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 10, "outputTokens": 4, "totalTokens": 14, "cacheReadInputTokens": 3},
        "metrics": {"latencyMs": 5},
    }
    with spanhouse.answered_by(recorded := _json(body)):
        answer = bedrock.converse(**_converse)
    assert answer["output"]["message"]["content"][0]["text"] == "In Graz."
    span = _only(collector)
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "aws.bedrock",
        "server.address": "bedrock-runtime.eu-central-1.amazonaws.com",
        "gen_ai.request.model": "anthropic.claude-sonnet-4",
        "gen_ai.request.max_tokens": 50,
        "gen_ai.response.finish_reasons": ["end_turn"],
        "gen_ai.usage.input_tokens": 13,
        "gen_ai.usage.output_tokens": 4,
        "spanhouse.credential": "…5555",
        "spanhouse.request": recorded.questions[0].body.decode(),
        "spanhouse.response": json.dumps(body),
    }
    assert expected.items() <= span.attributes.items()


def test_bedrock_invoke(bedrock: Any, collector: Collector) -> None:
    body = {"id": "msg_1", "stop_reason": "end_turn", "usage": {"input_tokens": 7, "output_tokens": 2}}
    request = json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": []})
    with spanhouse.answered_by(_json(body)):
        answer = bedrock.invoke_model(modelId="anthropic.claude-sonnet-4", body=request)
    assert json.loads(answer["body"].read()) == body
    span = _only(collector)
    assert span.attributes["gen_ai.usage.input_tokens"] == 7
    assert span.attributes["gen_ai.request.max_tokens"] == 9
    assert span.attributes["spanhouse.request"] == request
    assert span.attributes["spanhouse.response"] == json.dumps(body)


def _frame(kind: str, payload: object) -> bytes:
    """A message of Amazon's event stream encoding."""
    pairs = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for name, value in pairs.items()
    )
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(body), len(headers))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + headers + body
    return message + struct.pack("!I", binascii.crc32(message))


def _stream(*frames: bytes) -> Recorded:
    return Recorded(HttpAnswer(200, {"content-type": "application/vnd.amazon.eventstream"}, frames))


def test_bedrock_converse_stream(bedrock: Any, collector: Collector) -> None:
    recorded = _stream(
        _frame("messageStart", {"role": "assistant"}),
        _frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "In Graz."}}),
        _frame("messageStop", {"stopReason": "end_turn"}),
        _frame("metadata", {"usage": {"inputTokens": 10, "outputTokens": 4, "totalTokens": 14}}),
    )
    with spanhouse.answered_by(recorded):
        events = list(bedrock.converse_stream(**_converse)["stream"])
    assert [next(iter(event)) for event in events] == ["messageStart", "contentBlockDelta", "messageStop", "metadata"]
    span = _only(collector)
    assert span.attributes["gen_ai.usage.output_tokens"] == 4
    assert span.attributes["gen_ai.response.finish_reasons"] == ["end_turn"]
    assert "spanhouse.aborted" not in span.attributes


def test_bedrock_stream_left(bedrock: Any, collector: Collector) -> None:
    event = {"type": "message_start", "message": {"id": "msg_1", "usage": {"input_tokens": 7}}}
    chunk = _frame("chunk", {"bytes": b64encode(json.dumps(event).encode()).decode()})
    with spanhouse.answered_by(_stream(chunk, chunk)):
        stream = bedrock.invoke_model_with_response_stream(modelId="anthropic.claude-sonnet-4", body="{}")["body"]
        next(iter(stream))
        stream.close()
    span = _only(collector)
    assert span.attributes["spanhouse.aborted"] is True
    assert span.attributes["gen_ai.usage.input_tokens"] == 7


def test_bedrock_error(bedrock: Any, collector: Collector) -> None:
    with spanhouse.answered_by(_json({"message": "no"}, 400)), pytest.raises(ClientError):
        bedrock.converse(**_converse)
    span = _only(collector)
    assert span.attributes["error.type"] == "ClientError"
    assert span.attributes["http.response.status_code"] == 400
