import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from openai import AsyncOpenAI
from run import run
from strands import Agent, tool
from strands.models.openai import OpenAIModel
from tracing import start_tracing

start_tracing()
model = OpenAIModel(client=AsyncOpenAI(max_retries=0), model_id=prompts.OPENAI_MODEL, params={"temperature": 0.2})
who = {"user.id": prompts.USER, "session.id": prompts.CONVERSATION}


def agent_of(name, tools=()):
    return Agent(
        model=model,
        name=name,
        system_prompt=prompts.SYSTEM,
        tools=list(tools),
        trace_attributes=who,
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


async def stream():
    async for _ in agent_of("support").stream_async(prompts.QUESTION):
        pass


def attempt(question):
    try:
        agent_of("support")(question)
    except Exception:  # noqa: BLE001 what it makes of the answer is its own affair
        pass


run(
    {
        "chat": lambda: agent_of("support")(prompts.QUESTION),
        "stream": lambda: asyncio.run(stream()),
        "tools": lambda: agent_of("support", [found])(prompts.TOOL_QUESTION),
        "cache": lambda: agent_of("support")(prompts.CACHED_READ_QUESTION),
        "refusal": lambda: attempt(prompts.REFUSED_QUESTION),
        "error": lambda: attempt(prompts.FAILING_QUESTION),
        "agent": lambda: agent_of("support", [summarised])(prompts.AGENT_QUESTION),
    }
)
