"""
LangChain and Pydantic AI, traced by their own OpenTelemetry instrumentation, within a trace of ours and over a client
of ours: one trace, each span below the one that caused it. `frameworks.sh` runs it in an environment of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from collector import Collector
from opentelemetry import trace as otel
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import spanhouse

_theirs = InMemorySpanExporter()
_provider = TracerProvider()
_provider.add_span_processor(SimpleSpanProcessor(_theirs))
otel.set_tracer_provider(_provider)

_answer = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o-2024-08-06",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "In Graz."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
}


class _Answers:
    def http(self, question: spanhouse.HttpQuestion) -> spanhouse.HttpAnswer:
        return spanhouse.HttpAnswer(200, {"content-type": "application/json"}, [json.dumps(_answer).encode()])

    def tool(self, name: str, arguments: str) -> None: ...
    def retrieval(self, name: str, query: str) -> None: ...


@pytest.fixture
def collector() -> Iterator[Collector]:
    _theirs.clear()
    collector = Collector()
    spanhouse.init(transport=collector)
    yield collector
    spanhouse.shutdown()


def _check(collector: Collector, root: spanhouse.Span, *, by_context: bool) -> None:
    """`by_context`: the framework's instrumentation makes its spans current, so that our call lies below them."""
    spanhouse.flush()
    theirs = {_id(span): span for span in _theirs.get_finished_spans()}
    assert theirs, "the framework has emitted no span"
    (call,) = [span for span in collector.ended() if span.name == "chat gpt-4o"]
    assert call.attributes["user.id"] == "u-1"
    assert call.trace_id == root.trace_id_hex
    assert (call.parent_span_id in theirs) is by_context
    assert by_context or call.parent_span_id == root.span_id_hex
    for span in theirs.values():
        assert span.parent is not None
        above = format(span.parent.span_id, "016x")
        assert above in theirs or above == root.span_id_hex
    assert {format(_context(span).trace_id, "032x") for span in theirs.values()} == {root.trace_id_hex}


def _context(span: ReadableSpan) -> Any:
    return span.context


def _id(span: ReadableSpan) -> str:
    return format(_context(span).span_id, "016x")


def test_pydantic_ai(collector: Collector) -> None:
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    Agent.instrument_all()
    client = spanhouse.wrap_openai(openai.AsyncOpenAI(api_key="sk-0001", base_url="http://openai.test/v1"))
    agent = Agent(OpenAIChatModel("gpt-4o", provider=OpenAIProvider(openai_client=client)))
    with spanhouse.answered_by(_Answers()), spanhouse.trace("root", user_id="u-1") as root:
        assert agent.run_sync("Where?").output == "In Graz."
    _check(collector, root, by_context=True)


def test_langchain(collector: Collector) -> None:
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_openai import ChatOpenAI
    from openinference.instrumentation.langchain import LangChainInstrumentor

    LangChainInstrumentor().instrument(tracer_provider=_provider)
    client = spanhouse.wrap_openai(openai.OpenAI(api_key="sk-0001", base_url="http://openai.test/v1"))
    model = ChatOpenAI(model="gpt-4o", client=client.chat.completions, root_client=client, api_key="sk-0001")
    chain = ChatPromptTemplate.from_messages([("user", "{question}")]) | model
    with spanhouse.answered_by(_Answers()), spanhouse.trace("root", user_id="u-1") as root:
        assert chain.invoke({"question": "Where?"}).content == "In Graz."
    _check(collector, root, by_context=False)
