import asyncio
import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "programs"))

import openai
import prompts
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI
from openinference.instrumentation import using_attributes
from openinference.instrumentation.llama_index import LlamaIndexInstrumentor
from run import run
from tracing import start_tracing

LlamaIndexInstrumentor().instrument(tracer_provider=start_tracing())
base = os.environ["OPENAI_BASE_URL"]
usage = {"stream_options": {"include_usage": True}}
llm = OpenAI(model=prompts.OPENAI_MODEL, temperature=0.2, max_retries=0, api_base=base)


def messages(content):
    return [ChatMessage(role="system", content=prompts.SYSTEM), ChatMessage(role="user", content=content)]


def found(order: str) -> dict:
    """Finds an order by its number."""
    return prompts.ORDER


async def summarised(order: str) -> dict:
    """Finds an order by its number."""
    tool = FunctionTool.from_defaults(fn=found, name="lookup_order")
    inner = FunctionAgent(llm=llm, name="summariser", tools=[tool], streaming=False)
    return {**prompts.ORDER, "summary": str(await inner.run(prompts.INNER_QUESTION))}


def stream():
    for _ in llm.stream_chat(messages(prompts.QUESTION), **usage):
        pass


def tools():
    tool = FunctionTool.from_defaults(fn=found, name="lookup_order")
    llm.predict_and_call([tool], user_msg=prompts.TOOL_QUESTION)


async def agent():
    tool = FunctionTool.from_defaults(async_fn=summarised, name="lookup_order")
    support = FunctionAgent(llm=llm, name="support", tools=[tool], system_prompt=prompts.SYSTEM, streaming=False)
    await support.run(prompts.AGENT_QUESTION)


def error():
    try:
        llm.chat(messages(prompts.FAILING_QUESTION))
    except openai.RateLimitError:
        pass


with using_attributes(user_id=prompts.USER, session_id=prompts.CONVERSATION):
    run(
        {
            "chat": lambda: llm.chat(messages(prompts.QUESTION)),
            "stream": stream,
            "tools": tools,
            "embeddings": lambda: OpenAIEmbedding(
                model=prompts.EMBEDDING_MODEL, api_base=base, max_retries=0
            ).get_text_embedding_batch(prompts.TEXTS),
            "cache": lambda: llm.chat(messages(prompts.CACHED_READ_QUESTION)),
            "refusal": lambda: llm.chat(messages(prompts.REFUSED_QUESTION)),
            "error": error,
            "agent": lambda: asyncio.run(agent()),
        }
    )
