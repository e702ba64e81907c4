import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import litellm
import prompts
from run import run
from tracing import start_tracing

start_tracing()
litellm.callbacks = ["otel"]
who = {"user": prompts.USER, "metadata": {"session_id": prompts.CONVERSATION}}


def complete(messages, **options):
    return litellm.completion(model=prompts.OPENAI_MODEL, messages=messages, num_retries=0, **who, **options)


def ask(content, **options):
    messages = [{"role": "system", "content": prompts.SYSTEM}, {"role": "user", "content": content}]
    return complete(messages, temperature=0.2, **options)


def stream():
    for _ in ask(prompts.QUESTION, stream=True, stream_options={"include_usage": True}):
        pass


def tools():
    tools = [{"type": "function", "function": prompts.LOOKUP_ORDER}]
    first = ask(prompts.TOOL_QUESTION, tools=tools).choices[0].message
    result = {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": json.dumps(prompts.ORDER)}
    question = {"role": "user", "content": prompts.TOOL_QUESTION}
    complete([{"role": "system", "content": prompts.SYSTEM}, question, first.model_dump(), result], tools=tools)


def error():
    try:
        ask(prompts.FAILING_QUESTION)
    except litellm.RateLimitError:
        pass


def finish():
    """Its callbacks run in threads of its own, which start further ones: nothing tells when all are done."""
    time.sleep(3)


run(
    {
        "chat": lambda: ask(prompts.QUESTION),
        "stream": stream,
        "tools": tools,
        "embeddings": lambda: litellm.embedding(model=prompts.EMBEDDING_MODEL, input=prompts.TEXTS, **who),
        "cache": lambda: ask(prompts.CACHED_READ_QUESTION),
        "refusal": lambda: ask(prompts.REFUSED_QUESTION),
        "error": error,
    },
    finish,
)
