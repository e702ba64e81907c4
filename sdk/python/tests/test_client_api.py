"""A wrapped client is the client: whichever way a call is made, it works as without us and is seen exactly once."""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import anthropic
import openai
import pytest
from collector import Collected, Collector
from conftest import Simulator
from pydantic import BaseModel

import spanhouse

_question: Any = [{"role": "user", "content": "Where is my parcel? [[say one two three four five six]]"}]


@pytest.fixture
def plain(simulator: Simulator) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{simulator.url}/v1", api_key="sk-0001", max_retries=0) as client:
        yield client


@pytest.fixture
def client(plain: openai.OpenAI, collector: Collector) -> openai.OpenAI:
    return spanhouse.wrap_openai(plain)


@pytest.fixture
def claude(simulator: Simulator, collector: Collector) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=simulator.url, api_key="sk-0001", max_retries=0) as client:
        yield spanhouse.wrap_anthropic(client)


def _only(collector: Collector) -> Collected:
    spanhouse.flush()
    (span,) = collector.ended()
    return span


def _chat(client: Any, **more: Any) -> Any:
    return client.chat.completions.create(model="gpt-4o", messages=_question, **more)


def test_it_is_still_that_client(plain: openai.OpenAI, client: openai.OpenAI) -> None:
    assert isinstance(client, openai.OpenAI)
    assert type(client) is openai.OpenAI
    assert client is not plain
    assert client.base_url == plain.base_url
    assert spanhouse.wrap_openai(client) is client


def test_what_cannot_be_wrapped_is_given_back(caplog: pytest.LogCaptureFixture) -> None:
    wrappers: list[Any] = [
        spanhouse.wrap_openai,
        spanhouse.wrap_anthropic,
        spanhouse.wrap_google_genai,
        spanhouse.wrap_bedrock,
    ]
    for wrap in wrappers:
        thing = object()
        assert wrap(thing) is thing
    assert caplog.text.count("the client could not be wrapped") == len(wrappers)


def test_the_original_is_untouched(plain: openai.OpenAI, client: openai.OpenAI, collector: Collector) -> None:
    assert "request" not in plain.__dict__
    _chat(plain)
    spanhouse.flush()
    assert collector.spans == []


def test_copies_stay_wrapped(client: openai.OpenAI, collector: Collector) -> None:
    _chat(client.with_options(timeout=5).copy(max_retries=1))
    assert _only(collector).name == "chat gpt-4o"


def test_the_original_may_be_forgotten(simulator: Simulator, collector: Collector) -> None:
    client = spanhouse.wrap_openai(openai.OpenAI(base_url=f"{simulator.url}/v1", api_key="sk-0001"))
    gc.collect()
    assert _chat(client).choices[0].message.content == "one two three four five six"


def test_the_copy_may_be_forgotten(plain: openai.OpenAI, collector: Collector) -> None:
    _chat(spanhouse.wrap_openai(plain))
    gc.collect()
    assert _chat(plain).choices[0].message.content == "one two three four five six"
    assert not plain.is_closed()


def test_closing_either_closes_both(plain: openai.OpenAI, client: openai.OpenAI) -> None:
    client.close()
    assert plain.is_closed()
    assert client.is_closed()


def test_raw_response(client: openai.OpenAI, collector: Collector) -> None:
    raw = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=_question)
    assert raw.headers["x-request-id"]
    assert raw.parse().choices[0].message.content == "one two three four five six"
    assert _only(collector).attributes["spanhouse.response"] == raw.text


def test_raw_response_of_a_stream(client: openai.OpenAI, collector: Collector) -> None:
    raw = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=_question, stream=True)
    assert len(list(raw.parse())) > 5
    assert "spanhouse.aborted" not in _only(collector).attributes


def test_streaming_response(client: openai.OpenAI, collector: Collector) -> None:
    with client.chat.completions.with_streaming_response.create(model="gpt-4o", messages=_question) as response:
        body = response.read()
    span = _only(collector)
    assert span.attributes["spanhouse.response"] == body.decode()
    assert span.attributes["gen_ai.response.finish_reasons"] == ["stop"]


def test_streaming_response_by_lines(client: openai.OpenAI, collector: Collector) -> None:
    with client.chat.completions.with_streaming_response.create(
        model="gpt-4o", messages=_question, stream=True
    ) as response:
        lines = list(response.iter_lines())
    assert lines[-2] == "data: [DONE]"
    assert "spanhouse.aborted" not in _only(collector).attributes


def test_streaming_response_left_unread(client: openai.OpenAI, collector: Collector) -> None:
    with client.chat.completions.with_streaming_response.create(model="gpt-4o", messages=_question):
        pass
    assert _only(collector).attributes["spanhouse.aborted"] is True


def test_stream_helper(client: openai.OpenAI, collector: Collector) -> None:
    with client.chat.completions.stream(model="gpt-4o", messages=_question) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert "content.delta" in kinds
    assert final.choices[0].message.content == "one two three four five six"
    assert _only(collector).attributes["gen_ai.request.stream"] is True


class _Answer(BaseModel):
    place: str


def test_parse(client: openai.OpenAI, collector: Collector) -> None:
    messages: Any = [{"role": "user", "content": 'Where? [[say {"place": "Graz"}]]'}]
    parsed = client.chat.completions.parse(model="gpt-4o", messages=messages, response_format=_Answer)
    assert parsed.choices[0].message.parsed == _Answer(place="Graz")
    assert _only(collector).attributes["gen_ai.output.type"] == "json"


def test_responses(client: openai.OpenAI, collector: Collector) -> None:
    response = client.responses.create(model="gpt-4o", input="Where? [[say In Graz.]]")
    assert response.output_text == "In Graz."
    span = _only(collector)
    assert span.attributes["gen_ai.usage.output_tokens"] == response.usage.output_tokens  # type: ignore[union-attr]
    assert span.attributes["gen_ai.response.id"] == response.id


def test_responses_stream(client: openai.OpenAI, collector: Collector) -> None:
    with client.responses.stream(model="gpt-4o", input="Where? [[say In Graz.]]") as stream:
        final = stream.get_final_response()
    assert final.output_text == "In Graz."
    span = _only(collector)
    assert span.attributes["gen_ai.usage.output_tokens"] == final.usage.output_tokens  # type: ignore[union-attr]
    assert "spanhouse.aborted" not in span.attributes


def test_stream_by_next_and_close(client: openai.OpenAI, collector: Collector) -> None:
    stream = _chat(client, stream=True)
    assert next(stream).choices[0].delta.role == "assistant"
    stream.close()
    span = _only(collector)
    assert span.attributes["spanhouse.aborted"] is True
    assert span.attributes["spanhouse.response"].startswith("data: ")


def test_stream_read_on_after_a_break(client: openai.OpenAI, collector: Collector) -> None:
    stream = _chat(client, stream=True)
    for _ in stream:
        break
    assert len(list(stream)) > 4
    span = _only(collector)
    assert "spanhouse.aborted" not in span.attributes
    assert span.attributes["gen_ai.response.finish_reasons"] == ["stop"]


def test_stream_kept_after_a_break_ends_at_the_flush(client: openai.OpenAI, collector: Collector) -> None:
    stream = _chat(client, stream=True)
    for _ in stream:
        break
    span = _only(collector)
    assert span.attributes["spanhouse.aborted"] is True
    stream.close()
    spanhouse.flush()
    assert len(collector.ended()) == 1


def test_stream_never_read(client: openai.OpenAI, collector: Collector) -> None:
    stream = _chat(client, stream=True)
    del stream
    gc.collect()
    assert _only(collector).attributes["spanhouse.aborted"] is True


def test_stream_as_a_context(client: openai.OpenAI, collector: Collector) -> None:
    with _chat(client, stream=True) as stream:
        next(stream)
    assert _only(collector).attributes["spanhouse.aborted"] is True


def test_keyboard_interrupt_in_a_stream(client: openai.OpenAI, collector: Collector) -> None:
    def interrupted() -> None:
        for _ in _chat(client, stream=True):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert _only(collector).attributes["spanhouse.aborted"] is True


def test_error_without_a_body(client: openai.OpenAI, collector: Collector) -> None:
    class Answers:
        def http(self, question: spanhouse.HttpQuestion) -> spanhouse.HttpAnswer:
            return spanhouse.HttpAnswer(400, {"content-type": "text/plain"}, [b"no JSON"])

        def tool(self, name: str, arguments: str) -> None: ...
        def retrieval(self, name: str, query: str) -> None: ...

    with spanhouse.answered_by(Answers()), pytest.raises(openai.BadRequestError):
        _chat(client)
    span = _only(collector)
    assert span.attributes["error.type"] == "BadRequestError"
    assert span.attributes["spanhouse.response"] == "no JSON"


def test_other_calls_are_let_through(client: openai.OpenAI, collector: Collector) -> None:
    with pytest.raises(openai.NotFoundError):
        client.models.list()
    spanhouse.flush()
    assert collector.spans == []


def test_azure(simulator: Simulator, collector: Collector) -> None:
    client = spanhouse.wrap_openai(
        openai.AzureOpenAI(azure_endpoint=simulator.url, api_key="azure-7777", api_version="2026-01-01", max_retries=0)
    )
    assert isinstance(client, openai.AzureOpenAI)
    _chat(client)
    span = _only(collector)
    assert span.attributes["gen_ai.provider.name"] == "azure.ai.openai"
    assert span.attributes["spanhouse.credential"] == "…7777"


def test_async_client(simulator: Simulator, collector: Collector) -> None:
    async def program() -> None:
        client = spanhouse.wrap_openai(
            openai.AsyncOpenAI(base_url=f"{simulator.url}/v1", api_key="sk-0001", max_retries=0)
        )
        assert isinstance(client, openai.AsyncOpenAI)
        raw = await client.chat.completions.with_raw_response.create(model="gpt-4o", messages=_question)
        assert raw.parse().choices[0].message.content == "one two three four five six"
        async with client.chat.completions.with_streaming_response.create(
            model="gpt-4o", messages=_question
        ) as response:
            assert (await response.parse()).choices[0].message.content == "one two three four five six"
        async with client.chat.completions.stream(model="gpt-4o", messages=_question) as stream:
            await stream.until_done()
        async for _ in await _chat(client, stream=True):
            break
        async with await _chat(client.with_options(timeout=9), stream=True) as stream:
            await stream.__anext__()
        await client.close()

    asyncio.run(program())
    spanhouse.flush()
    assert [span.attributes.get("spanhouse.aborted", False) for span in collector.ended()] == [
        False,
        False,
        False,
        True,
        True,
    ]


def test_a_cancelled_stream(simulator: Simulator, collector: Collector) -> None:
    async def program() -> None:
        client = spanhouse.wrap_openai(openai.AsyncOpenAI(base_url=f"{simulator.url}/v1", api_key="sk-0001"))
        begun = asyncio.Event()

        async def read() -> None:
            messages: Any = [{"role": "user", "content": "Where? [[hang after=3]]"}]
            async for _ in await client.chat.completions.create(model="gpt-4o", messages=messages, stream=True):
                begun.set()

        task = asyncio.create_task(read())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.close()

    asyncio.run(program())
    span = _only(collector)
    assert span.attributes["spanhouse.aborted"] is True
    assert span.status == 0


def test_messages_stream(claude: anthropic.Anthropic, collector: Collector) -> None:
    with claude.messages.stream(model="claude-sonnet-5", max_tokens=99, messages=_question) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == "one two three four five six"
    span = _only(collector)
    assert span.attributes["gen_ai.usage.output_tokens"] == final.usage.output_tokens


def test_messages_stream_left_early(claude: anthropic.Anthropic, collector: Collector) -> None:
    with claude.messages.stream(model="claude-sonnet-5", max_tokens=99, messages=_question) as stream:
        next(iter(stream))
    assert _only(collector).attributes["spanhouse.aborted"] is True


def test_messages_raw(claude: anthropic.Anthropic, collector: Collector) -> None:
    raw = claude.messages.with_raw_response.create(model="claude-sonnet-5", max_tokens=99, messages=_question)
    assert raw.parse().content[0].text == "one two three four five six"  # type: ignore[union-attr]
    assert _only(collector).attributes["gen_ai.provider.name"] == "anthropic"


def test_retries_of_a_stream(simulator: Simulator, collector: Collector) -> None:
    client = spanhouse.wrap_openai(openai.OpenAI(base_url=f"{simulator.url}/v1", api_key="sk-0001", max_retries=2))
    script = quote("[[503 retry-after=0 times=1]][[say ok]]")
    chunks = list(_chat(client, stream=True, extra_headers={"x-simulator-script": script}))
    assert chunks
    spanhouse.flush()
    call = next(span for span in collector.ended() if span.name == "chat gpt-4o")
    attempts = [span for span in collector.ended() if span.parent_span_id == call.span_id]
    assert [span.attributes["http.response.status_code"] for span in attempts] == [503, 200]
    assert call.attributes["http.request.resend_count"] == 1


def _batch_line(number: int, filling: str = "") -> str:
    body = {"id": f"chatcmpl-{number}", "object": "chat.completion", "model": "gpt-4o", "choices": [], "note": filling}
    return json.dumps({"custom_id": f"question {number}", "response": {"status_code": 200, "body": body}}) + "\n"


def _with_results(text: str) -> openai.OpenAI:
    """A client to which each file has these results."""
    # httpx for clients before 3, httpx2 since.
    httpx: Any = importlib.import_module(openai.DefaultHttpxClient.__mro__[1].__module__.split(".")[0])
    http = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, text=text)))
    return spanhouse.wrap_openai(openai.OpenAI(base_url="http://openai.test/v1", api_key="sk-0001", http_client=http))


def test_results_of_a_batch_read_twice_are_the_same_spans(collector: Collector) -> None:
    client = _with_results(_batch_line(1) + _batch_line(2))
    assert client.files.content("file-1").text.count("\n") == 2
    with client.files.with_streaming_response.content("file-1") as response:
        assert len(list(response.iter_lines())) == 2
    spanhouse.flush()
    spans = collector.ended()
    assert len(spans) == 6
    assert len({span.span_id for span in spans}) == 3
    assert len({span.trace_id for span in spans}) == 1


def test_of_a_batch_with_more_results_than_the_queue_holds_none_is_lost() -> None:
    collector = Collector()
    spanhouse.init(transport=collector, max_queue_bytes=256 * 1024)
    lines = "".join(_batch_line(number, "x " * 500) for number in range(1_000))
    _with_results(lines).files.content("file-2")
    deadline = time.monotonic() + 30
    while len(collector.ended()) < 1_001 and time.monotonic() < deadline:
        spanhouse.flush()
    assert len(collector.ended()) == 1_001


def test_a_file_that_is_no_results_of_a_batch_is_no_span(collector: Collector) -> None:
    asked = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": {}}
    assert _with_results(f"{json.dumps(asked)}\nno JSON").files.content("file-3").text
    spanhouse.flush()
    assert collector.ended() == []
