import json

import openai
import prompts
from langchain.agents import create_agent
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings


def langchain_features(config=None, client=None):
    """
    Every feature through LangChain over OpenAI; `config` is the runnables' own, for callbacks and metadata; `client` an
    OpenAI that it asks by.
    """
    config = config or {}
    of_chat = {"client": client.chat.completions, "root_client": client} if client else {}
    of_embeddings = {"client": client.embeddings} if client else {}
    model = ChatOpenAI(model=prompts.OPENAI_MODEL, temperature=0.2, max_retries=0, stream_usage=True, **of_chat)

    def messages(content):
        return [SystemMessage(prompts.SYSTEM), HumanMessage(content)]

    def ask(content):
        return model.invoke(messages(content), config)

    @tool
    def lookup_order(order: str) -> str:
        """Finds an order by its number."""
        inner = create_agent(model, name="summariser")
        answer = inner.invoke({"messages": [HumanMessage(prompts.INNER_QUESTION)]})["messages"][-1].content
        return json.dumps({**prompts.ORDER, "order": order, "summary": answer})

    def stream():
        for _ in model.stream(messages(prompts.QUESTION), config):
            pass

    def tools():
        with_tools = model.bind_tools([lookup_order])
        asked = messages(prompts.TOOL_QUESTION)
        first = with_tools.invoke(asked, config)
        result = ToolMessage(json.dumps(prompts.ORDER), tool_call_id=first.tool_calls[0]["id"])
        with_tools.invoke([*asked, first, result], config)

    def embeddings():
        # Its length check would load a tokenizer from the network.
        embedding = OpenAIEmbeddings(model=prompts.EMBEDDING_MODEL, check_embedding_ctx_length=False, **of_embeddings)
        embedding.embed_documents(prompts.TEXTS)

    def error():
        try:
            ask(prompts.FAILING_QUESTION)
        except openai.RateLimitError:
            pass

    def agent():
        support = create_agent(model, tools=[lookup_order], system_prompt=prompts.SYSTEM, name="support")
        support.invoke({"messages": [HumanMessage(prompts.AGENT_QUESTION)]}, config)

    return {
        "chat": lambda: ask(prompts.QUESTION),
        "stream": stream,
        "tools": tools,
        "embeddings": embeddings,
        "cache": lambda: ask(prompts.CACHED_READ_QUESTION),
        "refusal": lambda: ask(prompts.REFUSED_QUESTION),
        "error": error,
        "agent": agent,
    }
