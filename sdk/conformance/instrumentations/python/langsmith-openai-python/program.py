import json
import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from openai import OpenAI
from openai_calls import openai_features
from run import run
from tracing import start_tracing

os.environ |= {"LANGSMITH_TRACING": "true", "LANGSMITH_TRACING_MODE": "otel", "LANGSMITH_API_KEY": "lsv2_recorded"}
os.environ["LANGSMITH_ENDPOINT"] = os.environ["OTLP_URL"]
start_tracing()

from langsmith import Client, traceable, tracing_context
from langsmith.wrappers import wrap_openai

langsmith = Client()
client = wrap_openai(OpenAI(max_retries=0))


def ask(messages, **options):
    return client.chat.completions.create(model=prompts.OPENAI_MODEL, messages=messages, **options).choices[0].message


@traceable(run_type="chain")
def summariser():
    return ask([{"role": "user", "content": prompts.INNER_QUESTION}]).content


@traceable(run_type="tool")
def lookup_order(order):
    return {**prompts.ORDER, "order": order, "summary": summariser()}


@traceable(run_type="chain")
def support(question):
    tools = [{"type": "function", "function": prompts.LOOKUP_ORDER}]
    messages = [{"role": "system", "content": prompts.SYSTEM}, {"role": "user", "content": question}]
    first = ask(messages, tools=tools)
    call = first.tool_calls[0]
    found = lookup_order(**json.loads(call.function.arguments))
    result = {"role": "tool", "tool_call_id": call.id, "content": json.dumps(found)}
    return ask([*messages, first.model_dump(exclude_none=True), result], tools=tools).content


features = {**openai_features(client), "agent": lambda: support(prompts.AGENT_QUESTION)}
with tracing_context(client=langsmith, metadata={"user_id": prompts.USER, "session_id": prompts.CONVERSATION}):
    run(features, langsmith.flush)
