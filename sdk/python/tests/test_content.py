"""What of the texts leaves the process."""

from __future__ import annotations

import base64
import json
from typing import Any

import openai
import pytest
from collector import Collected, Collector
from conftest import Simulator

import spanhouse


def _ask(simulator: Simulator, collector: Collector, content: Any, **options: Any) -> Collected:
    spanhouse.init(transport=collector, **options)
    client = spanhouse.wrap_openai(openai.OpenAI(base_url=f"{simulator.url}/v1", api_key="sk-0001", max_retries=0))
    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": content}])
    spanhouse.flush()
    (span,) = collector.ended()
    return span


def test_media_go_by_their_hash(simulator: Simulator, collector: Collector) -> None:
    picture = bytes(range(256)) * 40
    url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    span = _ask(simulator, collector, [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "?"}])
    (medium,) = json.loads(span.attributes["spanhouse.media"])
    assert (medium["bytes"], medium["media_type"]) == (len(picture), "image/png")
    assert base64.b64decode(medium["head"]) == picture[:192]
    sent = json.loads(span.attributes["spanhouse.request"])
    assert sent["messages"][0]["content"][0]["image_url"]["url"] == (
        f"data:image/png;base64,spanhouse:media:{medium['sha256']}"
    )


def test_long_bodies_are_cut(simulator: Simulator, collector: Collector) -> None:
    span = _ask(simulator, collector, "é" * 5_000, max_payload_bytes=1_001)
    assert span.attributes["spanhouse.request.truncated"] is True
    assert len(span.attributes["spanhouse.request"].encode()) in (1_000, 1_001)
    assert "spanhouse.response.truncated" not in span.attributes


def test_usage_of_a_stream_that_is_cut(simulator: Simulator, collector: Collector) -> None:
    spanhouse.init(transport=collector, max_payload_bytes=300)
    client = spanhouse.wrap_openai(openai.OpenAI(base_url=f"{simulator.url}/v1", api_key="sk-0001"))
    chunks = list(
        client.chat.completions.create(
            model="gpt-4o",
            messages=[{"role": "user", "content": "Where?"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    spanhouse.flush()
    (span,) = collector.ended()
    assert chunks[-1].usage is not None
    assert span.attributes["gen_ai.usage.output_tokens"] == chunks[-1].usage.completion_tokens
    assert span.attributes["gen_ai.response.id"] == chunks[0].id
    assert span.attributes["spanhouse.response.truncated"] is True


def test_a_redaction_that_fails_keeps_the_text_here(
    simulator: Simulator, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    def redact(text: str) -> str:
        raise RuntimeError("no")

    span = _ask(simulator, collector, "secret", redact=redact)
    assert "spanhouse.request" not in span.attributes
    assert "secret" not in str(span.attributes)
    assert span.attributes["spanhouse.redacted"] is True
    assert span.attributes["gen_ai.usage.input_tokens"] > 0
    assert [record.message for record in caplog.records] == ["redact raised an exception: the text is left out"]


def test_a_sampled_trace_has_all_of_its_texts_or_none(collector: Collector) -> None:
    spanhouse.init(transport=collector, sample_payloads=0.5)
    for _ in range(60):
        with spanhouse.trace("root", input="a"), spanhouse.span("step", input="b"):
            pass
    spanhouse.flush()
    kept: dict[str, set[bool]] = {}
    for span in collector.ended():
        kept.setdefault(span.trace_id, set()).add("spanhouse.input" in span.attributes)
    assert len(kept) == 60
    assert all(len(one) == 1 for one in kept.values())
    assert len(set.union(*kept.values())) == 2
