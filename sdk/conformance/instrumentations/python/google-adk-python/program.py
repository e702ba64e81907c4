import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import prompts
from tracing import start_tracing

start_tracing()

from google.adk.agents import Agent, RunConfig
from google.adk.agents.run_config import StreamingMode
from google.adk.models.lite_llm import LiteLlm
from google.adk.runners import InMemoryRunner
from google.genai import types
from run import run


def agent_of(name, tools=()):
    model = LiteLlm(model=f"openai/{prompts.OPENAI_MODEL}", num_retries=0)
    return Agent(name=name, model=model, instruction=prompts.SYSTEM, tools=list(tools))


async def ask(agent, question, streaming=StreamingMode.NONE):
    runner = InMemoryRunner(agent=agent, app_name="recorded")
    session = await runner.session_service.create_session(
        app_name="recorded", user_id=prompts.USER, session_id=prompts.CONVERSATION
    )
    message = types.Content(role="user", parts=[types.Part(text=question)])
    said = ""
    async for event in runner.run_async(
        user_id=prompts.USER,
        session_id=session.id,
        new_message=message,
        run_config=RunConfig(streaming_mode=streaming),
    ):
        if event.content and event.content.parts:
            said = event.content.parts[0].text or said
    return said


def lookup_order(order: str) -> dict:
    """Finds an order by its number."""
    return prompts.ORDER


async def summarised(order: str) -> dict:
    """Finds an order by its number."""
    return {**prompts.ORDER, "summary": await ask(agent_of("summariser"), prompts.INNER_QUESTION)}


summarised.__name__ = "lookup_order"


def attempt(question, tools=(), **options):
    try:
        asyncio.run(ask(agent_of("support", tools), question, **options))
    except Exception:  # noqa: BLE001 what it makes of the answer is its own affair
        pass


run(
    {
        "chat": lambda: attempt(prompts.QUESTION),
        "stream": lambda: attempt(prompts.QUESTION, streaming=StreamingMode.SSE),
        "tools": lambda: attempt(prompts.TOOL_QUESTION, [lookup_order]),
        "cache": lambda: attempt(prompts.CACHED_READ_QUESTION),
        "refusal": lambda: attempt(prompts.REFUSED_QUESTION),
        "error": lambda: attempt(prompts.FAILING_QUESTION),
        "agent": lambda: attempt(prompts.AGENT_QUESTION, [summarised]),
    }
)
