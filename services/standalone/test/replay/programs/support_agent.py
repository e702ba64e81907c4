"""The same agent as support-agent.mjs."""

import json
import sys

from openai import OpenAI
from spanhouse import tool, trace, wrap_openai

orders = {"A-17": {"state": "on its way", "carrier": "Post"}}


@tool("lookup_order")
def look_up_order(arguments):
    order_id = arguments["order_id"]
    return orders.get(order_id) or {"error": f"no order {order_id}"}


tools = [
    {
        "type": "function",
        "function": {
            "name": "lookup_order",
            "parameters": {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]},
        },
    }
]


def answer(prompt_of):
    given = json.loads(sys.argv[1])
    client = wrap_openai(OpenAI())
    with trace("answer customer", user_id=given["user"], input=given) as span:
        messages = [{"role": "user", "content": prompt_of(given)}]
        for _ in range(5):
            message = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools).choices[0].message
            messages.append(message.model_dump(exclude_none=True))
            if not message.tool_calls:
                span.set_output(message.content)
                return
            for call in message.tool_calls:
                result = look_up_order(json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": json.dumps(result)})
        span.set_output("gave up")
