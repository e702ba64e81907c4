import prompts
from openai import AsyncOpenAI
from pydantic_ai import Agent, Embedder, ModelHTTPError
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


def pydantic_ai_features(client=None):
    """Every feature through Pydantic AI over OpenAI; `client` is an AsyncOpenAI."""
    provider = OpenAIProvider(openai_client=client or AsyncOpenAI(max_retries=0))
    model = OpenAIChatModel(prompts.OPENAI_MODEL, provider=provider)
    support = Agent(model, name="support", instructions=prompts.SYSTEM, model_settings={"temperature": 0.2}, retries=0)
    with_tool = Agent(model, name="support", instructions=prompts.SYSTEM)
    summariser = Agent(model, name="summariser")
    nested = Agent(model, name="support", instructions=prompts.SYSTEM)
    embedder = Embedder(OpenAIEmbeddingModel(prompts.EMBEDDING_MODEL, provider=provider))

    @with_tool.tool_plain(name="lookup_order")
    def found(order: str) -> dict:
        """Finds an order by its number."""
        return prompts.ORDER

    @nested.tool_plain(name="lookup_order")
    async def summarised(order: str) -> dict:
        """Finds an order by its number."""
        return {**prompts.ORDER, "summary": (await summariser.run(prompts.INNER_QUESTION)).output}

    def stream():
        result = support.run_stream_sync(prompts.QUESTION)
        for _ in result.stream_text():
            pass

    def error():
        try:
            support.run_sync(prompts.FAILING_QUESTION)
        except ModelHTTPError:
            pass

    def refusal():
        try:
            support.run_sync(prompts.REFUSED_QUESTION)
        except Exception:  # noqa: BLE001 what it makes of a refusal is its own affair
            pass

    return {
        "chat": lambda: support.run_sync(prompts.QUESTION),
        "stream": stream,
        "tools": lambda: with_tool.run_sync(prompts.TOOL_QUESTION),
        "embeddings": lambda: embedder.embed_documents_sync(prompts.TEXTS),
        "cache": lambda: support.run_sync(prompts.CACHED_READ_QUESTION),
        "refusal": refusal,
        "error": error,
        "agent": lambda: nested.run_sync(prompts.AGENT_QUESTION),
    }
