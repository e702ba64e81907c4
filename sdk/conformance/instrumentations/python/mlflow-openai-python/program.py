import json
import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))
# An endpoint for all signals would turn its metrics on, which fail in the package for tracing and take the span with them.
del os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
os.environ |= {
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{os.environ['OTLP_URL']}/v1/traces",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
    # Where none is set it looks for a store of its own, for which the package for tracing lacks the parts.
    "MLFLOW_TRACKING_URI": os.environ["OTLP_URL"],
}

import mlflow
import mlflow.openai
import prompts
from mlflow.tracing.provider import provider
from openai import OpenAI
from openai_calls import openai_features
from run import run

mlflow.openai.autolog()
client = OpenAI(max_retries=0)


def ask(messages, **options):
    return client.chat.completions.create(model=prompts.OPENAI_MODEL, messages=messages, **options).choices[0].message


@mlflow.trace(span_type="AGENT")
def summariser():
    return ask([{"role": "user", "content": prompts.INNER_QUESTION}]).content


@mlflow.trace(span_type="TOOL")
def lookup_order(order):
    return {**prompts.ORDER, "order": order, "summary": summariser()}


@mlflow.trace(span_type="AGENT")
def support(question):
    mlflow.update_current_trace(user=prompts.USER, session_id=prompts.CONVERSATION)
    tools = [{"type": "function", "function": prompts.LOOKUP_ORDER}]
    messages = [{"role": "system", "content": prompts.SYSTEM}, {"role": "user", "content": question}]
    first = ask(messages, tools=tools)
    call = first.tool_calls[0]
    found = lookup_order(**json.loads(call.function.arguments))
    result = {"role": "tool", "tool_call_id": call.id, "content": json.dumps(found)}
    return ask([*messages, first.model_dump(exclude_none=True), result], tools=tools).content


run({**openai_features(client), "agent": lambda: support(prompts.AGENT_QUESTION)}, lambda: provider.get().force_flush())
