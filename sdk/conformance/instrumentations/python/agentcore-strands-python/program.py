import os
import sys
from pathlib import Path

# As `opentelemetry-instrument` of AWS's distribution is started in AgentCore's runtime, with an exporter of one's own.
os.environ.update(
    AGENT_OBSERVABILITY_ENABLED="true",
    OTEL_PYTHON_DISTRO="aws_distro",
    OTEL_PYTHON_CONFIGURATOR="aws_configurator",
    OTEL_TRACES_EXPORTER="otlp",
    OTEL_METRICS_EXPORTER="none",
    OTEL_LOGS_EXPORTER="none",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{os.environ['OTLP_URL']}/v1/traces",
    OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
    OTEL_PYTHON_DISABLED_INSTRUMENTATIONS="system_metrics,urllib,urllib3,requests,httpx,asyncio,threading,logging",
    AWS_REGION="eu-central-1",
    AWS_EC2_METADATA_DISABLED="true",
)
sys.path.append(str(Path(__file__).parent.parent / "programs"))

from opentelemetry.instrumentation.auto_instrumentation import initialize

initialize()

import prompts
from bedrock_agentcore import BedrockAgentCoreApp
from openai import AsyncOpenAI
from opentelemetry import trace
from run import run
from starlette.testclient import TestClient
from strands import Agent, tool
from strands.models.openai import OpenAIModel

app = BedrockAgentCoreApp()
model = OpenAIModel(client=AsyncOpenAI(max_retries=0), model_id=prompts.OPENAI_MODEL, params={"temperature": 0.2})


def agent_of(name, tools=()):
    return Agent(
        model=model,
        name=name,
        system_prompt=prompts.SYSTEM,
        tools=list(tools),
        callback_handler=None,
        retry_strategy=None,
    )


@tool(name="lookup_order")
def found(order: str) -> dict:
    """Finds an order by its number."""
    return prompts.ORDER


@tool(name="lookup_order")
def summarised(order: str) -> dict:
    """Finds an order by its number."""
    return {**prompts.ORDER, "summary": str(agent_of("summariser")(prompts.INNER_QUESTION))}


tools = {"found": [found], "summarised": [summarised]}


@app.entrypoint
def support(payload):
    return {"answer": str(agent_of("support", tools.get(payload.get("tools"), []))(payload["prompt"]))}


def ask(prompt, **more):
    """As the runtime passes an invocation on: the session in a header of its own and in the baggage."""
    session = prompts.CONVERSATION
    TestClient(app).post(
        "/invocations",
        json={"prompt": prompt, **more},
        headers={
            "X-Amzn-Bedrock-AgentCore-Runtime-Session-Id": session,
            "baggage": f"session.id={session}",
        },
    )


run(
    {
        "chat": lambda: ask(prompts.QUESTION),
        "tools": lambda: ask(prompts.TOOL_QUESTION, tools="found"),
        "cache": lambda: ask(prompts.CACHED_READ_QUESTION),
        "refusal": lambda: ask(prompts.REFUSED_QUESTION),
        "error": lambda: ask(prompts.FAILING_QUESTION),
        "agent": lambda: ask(prompts.AGENT_QUESTION, tools="summarised"),
    },
    lambda: trace.get_tracer_provider().shutdown(),
)
