"""Where a span lies: in tasks, threads, generators, other processes, and among OpenTelemetry's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from collector import Collected, Collector
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import spanhouse
from spanhouse import exporter


def _tree(collector: Collector) -> set[tuple[str, str]]:
    """Names of spans with those of their parents."""
    spanhouse.flush()
    names = {span.span_id: span.name for span in collector.ended()}
    return {(span.name, names.get(span.parent_span_id, "")) for span in collector.ended()}


def _by_name(collector: Collector, name: str) -> Collected:
    spanhouse.flush()
    (span,) = [span for span in collector.ended() if span.name == name]
    return span


def test_tasks(collector: Collector) -> None:
    async def step(name: str) -> None:
        async with spanhouse.span(name):
            await asyncio.sleep(0)
            async with spanhouse.span(f"{name}.inner"):
                await asyncio.sleep(0)

    async def program() -> None:
        async with spanhouse.trace("root"):
            await asyncio.gather(step("a"), step("b"), asyncio.to_thread(lambda: spanhouse.span("c").__enter__()))
        assert spanhouse.current_span() is None

    asyncio.run(program())
    assert _tree(collector) == {("root", ""), ("a", "root"), ("a.inner", "a"), ("b", "root"), ("b.inner", "b")}


def test_threads(collector: Collector) -> None:
    @spanhouse.traced
    def work(n: int) -> int:
        return n

    with ThreadPoolExecutor(2) as pool, spanhouse.trace("root"):
        assert list(spanhouse.carry_context(pool).map(work, range(3))) == [0, 1, 2]
        pool.submit(work, 9).result()
    spanhouse.flush()
    parents = sorted(span.parent_span_id != "" for span in collector.ended() if span.name == "work")
    assert parents == [False, True, True, True]


def test_generators(collector: Collector) -> None:
    @spanhouse.traced
    def numbers() -> Iterator[int]:
        with spanhouse.span("inside"):
            yield 1
        yield 2

    with spanhouse.trace("root"):
        for _ in numbers():
            current = spanhouse.current_span()
            assert current is not None
            assert current.name == "root"
        for _ in numbers():
            break
    assert _tree(collector) == {("root", ""), ("numbers", "root"), ("inside", "numbers")}
    assert all(span.status == 0 for span in collector.ended())


def test_a_generator_is_sent_to_and_thrown_into(collector: Collector) -> None:
    @spanhouse.traced
    def echo() -> Any:
        got = yield "ready"
        try:
            yield got
        except KeyError:
            yield "caught"
        return "done"

    generator = echo()
    assert next(generator) == "ready"
    assert generator.send("hello") == "hello"
    assert generator.throw(KeyError()) == "caught"
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == "done"


def test_async_generators(collector: Collector) -> None:
    @spanhouse.traced
    async def numbers() -> AsyncIterator[int]:
        async with spanhouse.span("inside"):
            await asyncio.sleep(0)
        yield 1
        raise ValueError("no more")

    async def program() -> None:
        async with spanhouse.trace("root"):
            try:
                async for _ in numbers():
                    current = spanhouse.current_span()
                    assert current is not None
                    assert current.name == "root"
            except ValueError as error:
                assert str(error) == "no more"

    asyncio.run(program())
    assert _tree(collector) == {("root", ""), ("numbers", "root"), ("inside", "numbers")}
    assert _by_name(collector, "numbers").attributes["error.type"] == "ValueError"


def test_other_processes(collector: Collector) -> None:
    headers: dict[str, str] = {"baggage": "theirs=1"}
    with spanhouse.trace("here", user_id="Zoë, u-1", conversation_id="c-1") as here:
        spanhouse.inject(headers)
    with spanhouse.extract({name.title(): value for name, value in headers.items()}) as remote:
        assert remote.found
        with spanhouse.trace("there"):
            pass
    assert headers["traceparent"] == f"00-{here.trace_id_hex}-{here.span_id_hex}-01"
    there = _by_name(collector, "there")
    assert (there.trace_id, there.parent_span_id) == (here.trace_id_hex, here.span_id_hex)
    assert there.attributes["user.id"] == "Zoë, u-1"
    assert there.attributes["gen_ai.conversation.id"] == "c-1"


@pytest.mark.parametrize(
    "traceparent", ["", "00-0-0-01", f"00-{'0' * 32}-{'1' * 16}-01", "zz", f"ff-{'1' * 32}-{'1' * 16}-01"]
)
def test_broken_headers_change_nothing(collector: Collector, traceparent: str) -> None:
    with spanhouse.extract({"traceparent": traceparent}) as remote, spanhouse.trace("alone"):
        assert not remote.found
    assert _by_name(collector, "alone").parent_span_id == ""


def test_among_spans_of_opentelemetry(collector: Collector) -> None:
    theirs = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(theirs))
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("their root") as their_root:
        with spanhouse.trace("ours", user_id="u-1") as ours:
            with tracer.start_as_current_span("theirs below ours"), spanhouse.span("ours below theirs"):
                pass
            with spanhouse.span("ours below ours"):
                pass
        with spanhouse.span("ours again"):
            pass
    below = next(span for span in theirs.get_finished_spans() if span.name == "theirs below ours")
    assert below.parent is not None
    assert below.parent.span_id.to_bytes(8, "big").hex() == ours.span_id_hex
    root = format(their_root.get_span_context().span_id, "016x")
    assert _by_name(collector, "ours").parent_span_id == root
    assert _by_name(collector, "ours again").parent_span_id == root
    deepest = _by_name(collector, "ours below theirs")
    assert below.context is not None
    assert deepest.parent_span_id == format(below.context.span_id, "016x")
    assert deepest.attributes["user.id"] == "u-1"
    assert _by_name(collector, "ours below ours").parent_span_id == ours.span_id_hex
    assert len({span.trace_id for span in collector.ended()}) == 1


def test_an_open_span_is_announced_once(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "_announce_after_ns", 0)
    monkeypatch.setattr(exporter, "_interval", 0.01)
    spanhouse.init(transport=collector)
    with spanhouse.trace("long", user_id="u-1") as span:
        for _ in range(1000):
            if collector.spans:
                break
            asyncio.run(asyncio.sleep(0.01))
        span.set_output("done")
    spanhouse.flush()
    announced, ended = collector.spans
    assert announced.is_open
    assert (announced.end, announced.attributes["user.id"]) == (0, "u-1")
    assert "spanhouse.sequence" not in announced.attributes
    assert (ended.span_id, ended.start) == (announced.span_id, announced.start)
    assert ended.attributes["spanhouse.output"] == '"done"'
    assert ended.end >= ended.start


def test_errors_go_on_and_are_told(collector: Collector) -> None:
    with pytest.raises(ZeroDivisionError), spanhouse.trace("work"):
        _ = 1 // 0
    span = _by_name(collector, "work")
    assert (span.status, span.message) == (2, "integer division or modulo by zero")
    assert span.attributes["error.type"] == "ZeroDivisionError"
    name, facts = span.events[0]
    assert name == "exception"
    assert "1 // 0" in facts["exception.stacktrace"]


def test_what_json_cannot_say(collector: Collector) -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    circle: list[Any] = [1]
    circle.append(circle)

    @spanhouse.tool
    def work(a: Any, b: Any, c: Any, d: Any) -> Any:
        return float("nan")

    work(circle, print, Odd(), b"bytes")
    attributes = _by_name(collector, "execute_tool work").attributes
    assert attributes["gen_ai.tool.call.arguments"] == (
        '{"a":[1,"[Circular]"],"b":"[Function]","c":"[Odd]","d":"[5 bytes]"}'
    )
    assert attributes["gen_ai.tool.call.result"] == '"nan"'


def test_methods(collector: Collector) -> None:
    class Shop:
        @spanhouse.tool
        def search(self, query: str) -> list[str]:
            return [query]

        @spanhouse.traced
        def buy(self, what: str, *, count: int = 1) -> int:
            return count

        @spanhouse.retrieval("catalogue")
        def find(self, query: str) -> Any:
            return [("a text", 0.5), {"id": "d-2", "text": "other", "url": "https://x"}]

    shop = Shop()
    shop.search("socks")
    shop.buy("socks", count=2)
    shop.find("shoes")
    assert _by_name(collector, "execute_tool search").attributes["gen_ai.tool.call.arguments"] == "socks"
    assert _by_name(collector, "buy").attributes["spanhouse.input"] == '["socks",{"count":2}]'
    found = _by_name(collector, "retrieval catalogue").attributes
    assert found["gen_ai.retrieval.query.text"] == "shoes"
    assert found["gen_ai.retrieval.documents"] == (
        '[{"content":"a text","score":0.5},{"id":"d-2","content":"other","source":"https://x"}]'
    )


def test_tools_and_retrievals_answered_by_another(collector: Collector) -> None:
    class Answers:
        def http(self, question: spanhouse.HttpQuestion) -> None: ...

        def tool(self, name: str, arguments: str) -> spanhouse.Value:
            return spanhouse.Value(f"recorded {name} {arguments}")

        def retrieval(self, name: str, query: str) -> spanhouse.Value:
            return spanhouse.Value([f"recorded {name} {query}"])

    @spanhouse.tool
    def search(query: str) -> str:
        raise AssertionError("must not run")

    @spanhouse.retrieval
    async def find(query: str) -> list[str]:
        raise AssertionError("must not run")

    with spanhouse.answered_by(Answers()):
        assert search("x") == "recorded search x"
        assert asyncio.run(find("y")) == ["recorded find y"]
    assert _by_name(collector, "execute_tool search").attributes["gen_ai.tool.call.result"] == "recorded search x"


def test_scores_from_elsewhere(collector: Collector) -> None:
    with spanhouse.trace("work") as span:
        pass
    spanhouse.score("helpful", True, trace_id=span.trace_id_hex, comment="yes", id="s-1")
    spanhouse.score("lost", 1.0)
    spanhouse.score("lost", 1.0, trace_id="no hex")
    spanhouse.flush()
    (score,) = [span for span in collector.spans if span.name == "spanhouse.score"]
    assert (score.trace_id, score.parent_span_id) == (span.trace_id_hex, "")
    assert score.attributes["gen_ai.evaluation.score.value"] == 1
    assert score.attributes["gen_ai.evaluation.score.label"] == "true"


def test_values_out_of_range() -> None:
    with pytest.raises(ValueError, match="content"):
        spanhouse.init(content="some")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="sample_payloads"):
        spanhouse.init(sample_payloads=2)
