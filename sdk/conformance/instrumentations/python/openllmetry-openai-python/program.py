import json
import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from openai import OpenAI
from openai_calls import openai_features
from run import run
from traceloop.sdk import Traceloop
from traceloop.sdk.decorators import agent, tool, workflow

Traceloop.init(app_name="recorded", api_endpoint=os.environ["OTLP_URL"], disable_batch=True, telemetry_enabled=False)
Traceloop.set_association_properties({"user_id": prompts.USER, "session_id": prompts.CONVERSATION})
client = OpenAI(max_retries=0)


def ask(messages, **options):
    return client.chat.completions.create(model=prompts.OPENAI_MODEL, messages=messages, **options).choices[0].message


@agent(name="summariser")
def summarise():
    return ask([{"role": "user", "content": prompts.INNER_QUESTION}]).content


@tool(name="lookup_order")
def lookup_order(order):
    return {**prompts.ORDER, "order": order, "summary": summarise()}


@agent(name="support")
def support(question):
    tools = [{"type": "function", "function": prompts.LOOKUP_ORDER}]
    messages = [{"role": "system", "content": prompts.SYSTEM}, {"role": "user", "content": question}]
    first = ask(messages, tools=tools)
    call = first.tool_calls[0]
    found = lookup_order(**json.loads(call.function.arguments))
    result = {"role": "tool", "tool_call_id": call.id, "content": json.dumps(found)}
    return ask([*messages, first.model_dump(exclude_none=True), result], tools=tools).content


@workflow(name="answer_customer")
def answer_customer():
    return support(prompts.AGENT_QUESTION)


run({**openai_features(client), "agent": answer_customer})
