import asyncio
import json

import openai
import prompts
from agents import Agent, ModelSettings, RunConfig, Runner, function_tool, set_default_openai_client


def agents_features():
    """Every feature that OpenAI's agents have; they ask by the Responses API."""
    set_default_openai_client(openai.AsyncOpenAI(max_retries=0), use_for_tracing=False)
    config = RunConfig(workflow_name="answer_customer", group_id=prompts.CONVERSATION, trace_metadata={"user_id": prompts.USER})

    def agent_of(name, tools=()):
        settings = ModelSettings(temperature=0.2)
        return Agent(
            name=name, instructions=prompts.SYSTEM, model=prompts.OPENAI_MODEL, tools=list(tools), model_settings=settings
        )

    @function_tool(name_override="lookup_order")
    def found(order: str) -> str:
        """Finds an order by its number."""
        return json.dumps(prompts.ORDER)

    @function_tool(name_override="lookup_order")
    async def summarised(order: str) -> str:
        """Finds an order by its number."""
        summary = await Runner.run(agent_of("summariser"), prompts.INNER_QUESTION)
        return json.dumps({**prompts.ORDER, "summary": summary.final_output})

    def ask(content, tools=()):
        return Runner.run_sync(agent_of("support", tools), content, run_config=config)

    async def stream():
        async for _ in Runner.run_streamed(agent_of("support"), prompts.QUESTION, run_config=config).stream_events():
            pass

    def error():
        try:
            ask(prompts.FAILING_QUESTION)
        except openai.RateLimitError:
            pass

    def refusal():
        try:
            ask(prompts.REFUSED_QUESTION)
        except Exception:  # noqa: BLE001 what it makes of a refusal is its own affair
            pass

    return {
        "chat": lambda: ask(prompts.QUESTION),
        "stream": lambda: asyncio.run(stream()),
        "tools": lambda: ask(prompts.TOOL_QUESTION, [found]),
        "cache": lambda: ask(prompts.CACHED_READ_QUESTION),
        "refusal": refusal,
        "error": error,
        "agent": lambda: ask(prompts.AGENT_QUESTION, [summarised]),
    }
