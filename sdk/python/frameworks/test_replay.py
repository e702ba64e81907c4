"""
Programs of LangChain and Pydantic AI over a client of ours, replayed from what they did, without keys and network: by
the `spanhouse` command of the build. In a process without their instrumentation, whose spans no replay has.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from collector import Collected, Collector

import spanhouse
from spanhouse.replay import replaying

_texts = {"request": "spanhouse.request", "response": "spanhouse.response"}
_tool_call = {"id": "call_1", "type": "function", "function": {"name": "place_of", "arguments": '{"order":"A-17"}'}}


class _Provider:
    """Asks for the tool where one is offered and has not answered; else says where."""

    def __init__(self) -> None:
        self.asked = 0

    def http(self, question: spanhouse.HttpQuestion) -> spanhouse.HttpAnswer:
        self.asked += 1
        request = json.loads(question.body)
        calls = bool(request.get("tools")) and request["messages"][-1]["role"] != "tool"
        message = {"role": "assistant", "content": None if calls else "In Graz."}
        if calls:
            message["tool_calls"] = [_tool_call]
        answer = {
            "id": f"chatcmpl-{self.asked}",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-4o-2024-08-06",
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
        }
        return spanhouse.HttpAnswer(200, {"content-type": "application/json"}, [json.dumps(answer).encode()])

    def tool(self, name: str, arguments: str) -> None: ...
    def retrieval(self, name: str, query: str) -> None: ...


def _langchain(question: str) -> str:
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_openai import ChatOpenAI

    client = spanhouse.wrap_openai(openai.OpenAI(api_key="sk-0001", base_url="http://openai.test/v1"))
    model = ChatOpenAI(model="gpt-4o", client=client.chat.completions, root_client=client, api_key="sk-0001")
    chain = ChatPromptTemplate.from_messages([("system", "Be brief."), ("user", "{question}")]) | model
    return f"{chain.invoke({'question': question}).content} {chain.invoke({'question': 'Sure?'}).content}"


def _pydantic_ai(question: str) -> str:
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    client = spanhouse.wrap_openai(openai.AsyncOpenAI(api_key="sk-0001", base_url="http://openai.test/v1"))
    agent = Agent(OpenAIChatModel("gpt-4o", provider=OpenAIProvider(openai_client=client)))

    @agent.tool_plain
    def place_of(order: str) -> str:
        return f"{order} is in Graz"

    return agent.run_sync(question).output


def _run(program: Callable[[str], str], question: str) -> None:
    with spanhouse.trace("root", input={"question": question}) as root:
        root.set_output(program(question))


@pytest.mark.parametrize("program", [_langchain, _pydantic_ai])
def test_a_program_of_a_framework_is_replayed(program: Callable[[str], str], tmp_path: Path) -> None:
    collector, provider = Collector(), _Provider()
    spanhouse.init(transport=collector)
    with spanhouse.answered_by(provider):
        _run(program, "Where?")
    spanhouse.shutdown()
    assert provider.asked == 2
    case = tmp_path / "framework.case.jsonl"
    case.write_text(_case_of(collector.ended()))

    with replaying(case) as replay:
        _run(program, replay.input["question"])
    assert replay.report["result"] == "same", replay.report["text"]
    assert [span["answered_by"] for span in replay.report["spans"]] == [None, "recording", "recording"]

    # The changed program: the exact difference of the prompt, and the answer that it goes on with.
    with replaying(case, on_miss="nearest") as replay:
        _run(program, "Where is it?")
    changed = [span for span in replay.report["spans"] if span["verdict"] == "changed_prompt"]
    assert ("Where?", "Where is it?") in [
        (one["recorded"], one["replayed"]) for span in changed for one in span["asked"]
    ], replay.report["text"]
    assert provider.asked == 2


def _case_of(spans: list[Collected]) -> str:
    """As `spanhouse case save` writes it."""
    root, *calls = sorted(spans, key=lambda span: (span.name != "root", span.start))
    header = {"spanhouse_case": 1, "name": "framework", "trace_id": root.trace_id, "service": "test", "redact": []}
    lines: list[dict[str, Any]] = [{**header, "start_time": "2026-11-01T00:00:00.000000Z"}]
    for number, span in enumerate([root, *calls], start=1):
        held = {**_texts, "input": "spanhouse.input", "output": "spanhouse.output"}
        own = {key: value for key, value in span.attributes.items() if key not in held.values()}
        kind = {"internal": 1, "client": 3}[span.kind]
        parent = None if number == 1 else 1
        lines.append({"span": number, "parent": parent, "name": span.name, "kind": kind, "attributes": own})
        for text, attribute in held.items():
            if attribute in span.attributes:
                lines.append({"span": number, "text": text, "raw": span.attributes[attribute]})
    lines.append({"times": [[number, 1] for number in range(1 + len(calls))]})
    return "".join(f"{json.dumps(line)}\n" for line in lines)
