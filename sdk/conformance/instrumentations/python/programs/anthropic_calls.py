import json

import anthropic
import prompts


def anthropic_features(client):
    """Every feature that Anthropic has, but `agent`, through its own client, as an instrumentation has patched it."""

    def create(messages, **options):
        return client.messages.create(
            model=prompts.ANTHROPIC_MODEL, max_tokens=200, system=prompts.SYSTEM, messages=messages, **options
        )

    def ask(content, **options):
        return create([{"role": "user", "content": content}], **options)

    def stream():
        for _ in ask(prompts.QUESTION, stream=True):
            pass

    def tools():
        tools = [
            {
                "name": prompts.LOOKUP_ORDER["name"],
                "description": prompts.LOOKUP_ORDER["description"],
                "input_schema": prompts.LOOKUP_ORDER_SCHEMA,
            }
        ]
        first = ask(prompts.TOOL_QUESTION, tools=tools)
        call = next(block for block in first.content if block.type == "tool_use")
        result = {"type": "tool_result", "tool_use_id": call.id, "content": json.dumps(prompts.ORDER)}
        create(
            [
                {"role": "user", "content": prompts.TOOL_QUESTION},
                {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]},
                {"role": "user", "content": [result]},
            ],
            tools=tools,
        )

    def error():
        try:
            ask(prompts.FAILING_QUESTION)
        except anthropic.RateLimitError:
            pass

    return {
        "chat": lambda: ask(prompts.QUESTION),
        "stream": stream,
        "tools": tools,
        "cache": lambda: ask(prompts.CACHED_QUESTION),
        "refusal": lambda: ask(prompts.REFUSED_QUESTION),
        "error": error,
    }
