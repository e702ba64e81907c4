import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from run import run
from strands import Agent, tool
from strands.models.anthropic import AnthropicModel
from tracing import start_tracing

start_tracing()
model = AnthropicModel(client_args={"max_retries": 0}, model_id=prompts.ANTHROPIC_MODEL, max_tokens=200)
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
        "cache": lambda: agent_of("support")(prompts.CACHED_QUESTION),
        "refusal": lambda: attempt(prompts.REFUSED_QUESTION),
        "error": lambda: attempt(prompts.FAILING_QUESTION),
    }
)
