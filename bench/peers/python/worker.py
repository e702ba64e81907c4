"""
One subject of `npm run bench -- sdk-python`: the openai client, bare or wrapped by a tracing SDK, over a transport that
answers from memory. Reads commands as JSON lines, `{"kind": "call" | "stream", "count": N}`, makes so many calls, waits
until all is exported, and answers, on descriptor 3, with the CPU that this process, all of its threads, has used:
`{"cpu_us": …}` a call.

Only the exporter of a tracing SDK touches the network: it sends to the address of the first argument, which takes all.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time_ns, sleep
from typing import Any

import httpx2

subject, sink = sys.argv[1], sys.argv[2]

_words = "the order ships on time and its status is clear we checked your account with care a refund takes days".split()
_answer = json.dumps(
    {
        "id": "chatcmpl-0123456789",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": "gpt-4o-2024-08-06",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": " ".join(_words * 8), "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 420,
            "completion_tokens": 160,
            "total_tokens": 580,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
    }
).encode()


def _chunk(**over: Any) -> bytes:
    chunk = {
        "id": "chatcmpl-0123456789",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": "gpt-4o-2024-08-06",
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
        "choices": [],
        "usage": None,
        **over,
    }
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def _delta(delta: dict[str, Any], reason: str | None = None) -> bytes:
    return _chunk(choices=[{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}])


_usage = json.loads(_answer)["usage"]
_chunks = [
    _delta({"role": "assistant", "content": ""}),
    *(_delta({"content": f"{_words[i % len(_words)]} "}) for i in range(98)),
    _delta({}, "stop"),
    _chunk(usage=_usage),
]
assert len(_chunks) == 101


class _Stream(httpx2.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield from _chunks
        yield b"data: [DONE]\n\n"


def _respond(request: httpx2.Request) -> httpx2.Response:
    if b'"stream":true' in request.content:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=_Stream())
    headers = {"content-type": "application/json", "x-request-id": "req_0123456789"}
    return httpx2.Response(200, headers=headers, content=_answer)


_messages: Any = [
    {"role": "system", "content": "You are a helpful assistant of a shop. " + " ".join(_words * 10)},
    {"role": "user", "content": "Where is my parcel? " + " ".join(_words * 8)},
]


def _client() -> Any:
    from openai import OpenAI

    http = httpx2.Client(transport=httpx2.MockTransport(_respond))
    return OpenAI(api_key="sk-0123456789", base_url="http://openai.test/v1", http_client=http, max_retries=0)


def _opentelemetry() -> tuple[Any, Callable[[], object]]:
    """A provider as its documentation sets it up, with the batch processor's and the exporter's own defaults."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{sink}/v1/traces")))
    return provider, provider.force_flush


def _plain() -> tuple[Any, Callable[[], object]]:
    return _client(), lambda: None


def _spanhouse() -> tuple[Any, Callable[[], object]]:
    sys.path.insert(0, str(Path(__file__).parents[3] / "sdk" / "python" / "src"))
    import spanhouse

    spanhouse.init(url=sink, api_key="key")
    return spanhouse.wrap_openai(_client()), lambda: spanhouse.flush(60)


def _langsmith() -> tuple[Any, Callable[[], object]]:
    os.environ.update(LANGSMITH_TRACING="true", LANGSMITH_ENDPOINT=sink, LANGSMITH_API_KEY="key")
    from langsmith import Client
    from langsmith.wrappers import wrap_openai

    client = Client(api_url=sink, api_key="key")
    return wrap_openai(_client(), tracing_extra={"client": client}), lambda: client.flush(60)


def _langfuse() -> tuple[Any, Callable[[], object]]:
    os.environ.update(LANGFUSE_PUBLIC_KEY="pk", LANGFUSE_SECRET_KEY="sk", LANGFUSE_HOST=sink, LANGFUSE_BASE_URL=sink)
    from langfuse import get_client
    from langfuse.openai import OpenAI

    http = httpx2.Client(transport=httpx2.MockTransport(_respond))
    client = OpenAI(api_key="sk-0123456789", base_url="http://openai.test/v1", http_client=http, max_retries=0)
    return client, get_client().flush


def _braintrust() -> tuple[Any, Callable[[], object]]:
    os.environ.update(BRAINTRUST_API_URL=sink, BRAINTRUST_APP_URL=sink, BRAINTRUST_API_KEY="key")
    import braintrust

    logger = braintrust.init_logger(project_id="00000000-0000-4000-8000-000000000000", api_key="key", org_name="bench")
    return braintrust.wrap_openai(_client()), logger.flush


def _openinference() -> tuple[Any, Callable[[], object]]:
    from openinference.instrumentation.openai import OpenAIInstrumentor

    provider, flush = _opentelemetry()
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    return _client(), flush


def _opentelemetry_openai_v2() -> tuple[Any, Callable[[], object]]:
    os.environ.update(
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="span_only",
        OTEL_SEMCONV_STABILITY_OPT_IN="gen_ai_latest_experimental",
    )
    from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

    provider, flush = _opentelemetry()
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    return _client(), flush


_subjects: dict[str, Callable[[], tuple[Any, Callable[[], object]]]] = {
    "plain": _plain,
    "spanhouse": _spanhouse,
    "langsmith": _langsmith,
    "langfuse": _langfuse,
    "braintrust": _braintrust,
    "openinference": _openinference,
    "opentelemetry-openai-v2": _opentelemetry_openai_v2,
}


def main() -> None:
    client, flush = _subjects[subject]()
    create = client.chat.completions.create
    answers = os.fdopen(3, "w")
    print(json.dumps({"ready": subject}), file=answers, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        count, pace = command["count"], command.get("per_second", 0)
        started = process_time_ns()
        for _ in range(count):
            if command["kind"] == "call":
                create(model="gpt-4o", messages=_messages, temperature=0.5)
            else:
                options = {"include_usage": True}
                for _chunk in create(model="gpt-4o", messages=_messages, stream=True, stream_options=options):
                    pass
            if pace:
                sleep(1 / pace)
        told = flush()
        used = (process_time_ns() - started) / 1000 / count
        print(json.dumps({"cpu_us": used, "delivery": told if isinstance(told, tuple) else None}), file=answers, flush=True)


main()
