import json
import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from langfuse import get_client, observe, propagate_attributes
from openai_calls import openai_features
from run import run

os.environ |= {
    "LANGFUSE_PUBLIC_KEY": "pk-lf-recorded",
    "LANGFUSE_SECRET_KEY": "sk-lf-recorded",
    "LANGFUSE_BASE_URL": os.environ["OTLP_URL"],
}
from langfuse.openai import OpenAI

client = OpenAI(max_retries=0)


def ask(messages, **options):
    return client.chat.completions.create(model=prompts.OPENAI_MODEL, messages=messages, **options).choices[0].message


@observe(as_type="agent")
def summariser():
    return ask([{"role": "user", "content": prompts.INNER_QUESTION}]).content


@observe(as_type="tool")
def lookup_order(order):
    return {**prompts.ORDER, "order": order, "summary": summariser()}


@observe(as_type="agent")
def support(question):
    tools = [{"type": "function", "function": prompts.LOOKUP_ORDER}]
    messages = [{"role": "system", "content": prompts.SYSTEM}, {"role": "user", "content": question}]
    first = ask(messages, tools=tools)
    call = first.tool_calls[0]
    found = lookup_order(**json.loads(call.function.arguments))
    result = {"role": "tool", "tool_call_id": call.id, "content": json.dumps(found)}
    return ask([*messages, first.model_dump(exclude_none=True), result], tools=tools).content


features = {**openai_features(client), "agent": lambda: support(prompts.AGENT_QUESTION)}
with propagate_attributes(user_id=prompts.USER, session_id=prompts.CONVERSATION):
    run(features, lambda: get_client().flush())
