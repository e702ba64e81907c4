import json

import openai
import prompts


def openai_features(client, **more):
    """Every feature but `agent` through OpenAI's own client, as an instrumentation has patched or wrapped it."""

    def ask(content, **options):
        return client.chat.completions.create(
            model=prompts.OPENAI_MODEL,
            temperature=0.2,
            messages=[{"role": "system", "content": prompts.SYSTEM}, {"role": "user", "content": content}],
            **options,
            **more,
        )

    def stream():
        for _ in ask(prompts.QUESTION, stream=True, stream_options={"include_usage": True}):
            pass

    def tools():
        tools = [{"type": "function", "function": prompts.LOOKUP_ORDER}]
        first = ask(prompts.TOOL_QUESTION, tools=tools).choices[0].message
        client.chat.completions.create(
            model=prompts.OPENAI_MODEL,
            tools=tools,
            messages=[
                {"role": "system", "content": prompts.SYSTEM},
                {"role": "user", "content": prompts.TOOL_QUESTION},
                first.model_dump(exclude_none=True),
                {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": json.dumps(prompts.ORDER)},
            ],
            **more,
        )

    def error():
        try:
            ask(prompts.FAILING_QUESTION)
        except openai.RateLimitError:
            pass

    return {
        "chat": lambda: ask(prompts.QUESTION),
        "stream": stream,
        "tools": tools,
        "embeddings": lambda: client.embeddings.create(model=prompts.EMBEDDING_MODEL, input=prompts.TEXTS, **more),
        "cache": lambda: ask(prompts.CACHED_READ_QUESTION),
        "refusal": lambda: ask(prompts.REFUSED_QUESTION),
        "error": error,
    }
