"""Every case of `sdk/conformance/cases`, by the official sync and async clients."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from collector import Collected, Collector
from conftest import Simulator
from matchers import check_spans

import spanhouse

_cases = {
    path.stem: json.loads(path.read_text())
    for path in sorted((Path(__file__).parents[2] / "conformance" / "cases").glob("*.json"))
}
_runnable = [name for name, case in _cases.items() if "python" in case.get("only", ["python"])]


def test_there_are_cases() -> None:
    assert len(_runnable) > 5


@pytest.mark.parametrize("name", _runnable)
def test_sync(name: str, simulator: Simulator) -> None:
    _check(_cases[name], simulator, run_sync(simulator.url))


@pytest.mark.parametrize("name", [name for name in _runnable if _cases[name]["client"] != "bedrock"])
def test_async(name: str, simulator: Simulator) -> None:
    async def program(case: dict[str, Any]) -> None:
        client = _client(case, simulator.url, is_async=True)
        # Google's has its coroutines beside, and closes itself when it is forgotten.
        await _AsyncProgram(getattr(client, "aio", client)).run(case["steps"])
        await (client.aio.aclose() if hasattr(client, "aio") else client.close())

    _check(_cases[name], simulator, lambda case: asyncio.run(program(case)))


def run_sync(url: str) -> Callable[[dict[str, Any]], None]:
    """Does what a case says with the sync client, against the simulator at the address."""
    return lambda case: _Program(_client(case, url, is_async=False)).run(case["steps"])


def _check(case: dict[str, Any], simulator: Simulator, run: Callable[[dict[str, Any]], None]) -> None:
    simulator.restart()
    spans = spans_of_case(case, run)
    named = [
        int(number)
        for number in re.findall(r'"\$(?:recorded|header|begins|sha256|without_media)": \[(\d+)', json.dumps(case))
    ]
    check_spans(spans, case["spans"], simulator.recorded(max(named, default=0)), simulator.url)


def spans_of_case(case: dict[str, Any], run: Callable[[dict[str, Any]], None]) -> list[Collected]:
    """What the SDK exports while `run` does what the case says."""
    collector = Collector()
    options = dict(case.get("init", {}))
    pattern = options.pop("redact_pattern", None)
    redact = None if pattern is None else lambda text: re.sub(pattern, "[redacted]", text)
    spanhouse.init(transport=collector, service_name="conformance", redact=redact, **options)
    try:
        run(case)
    finally:
        delivery = spanhouse.flush(10)
    assert delivery.dropped == delivery.pending == 0
    spanhouse.shutdown()
    return [span for span in collector.spans if span.name != "spanhouse.close"]


def _client(case: dict[str, Any], url: str, *, is_async: bool) -> Any:
    options: dict[str, Any] = {"api_key": "sk-conformance-0001", "max_retries": case.get("max_retries", 0)}
    if case["client"] == "openai":
        import openai

        return spanhouse.wrap_openai(
            (openai.AsyncOpenAI if is_async else openai.OpenAI)(base_url=f"{url}/v1", **options)
        )
    if case["client"] == "google-genai":
        from google import genai

        http = {"base_url": url, "api_version": "v1beta", "retry_options": {"attempts": 1}}
        return spanhouse.wrap_google_genai(genai.Client(api_key=options["api_key"], http_options=http))
    if case["client"] == "azure-openai":
        import openai

        return spanhouse.wrap_openai(
            (openai.AsyncAzureOpenAI if is_async else openai.AzureOpenAI)(
                azure_endpoint=url, api_version="2024-10-21", **options
            )
        )
    if case["client"] == "bedrock":
        import boto3
        from botocore.config import Config

        return spanhouse.wrap_bedrock(
            boto3.client(
                "bedrock-runtime",
                endpoint_url=url,
                region_name="eu-central-1",
                aws_access_key_id="AKIACONFORMANCE0001",
                aws_secret_access_key="secret",
                config=Config(retries={"total_max_attempts": 1}),
            )
        )
    import anthropic

    return spanhouse.wrap_anthropic(
        (anthropic.AsyncAnthropic if is_async else anthropic.Anthropic)(base_url=url, **options)
    )


def _method(client: Any, call: str) -> Any:
    for part in call.split("."):
        client = getattr(client, part)
    return client


def _options(method: Any, step: dict[str, Any]) -> dict[str, Any]:
    """Fields that this version of the client has no parameter for go by its `extra_body`."""
    if "id" in step:
        return {next(iter(inspect.signature(method).parameters)): step["id"]}
    if "script" not in step and step["call"] in _of_boto3:
        return dict(step["request"])
    headers = {"x-simulator-script": quote(step.get("script", ""))}
    if step["call"].startswith("models."):
        config = {**step["request"].get("config", {}), "http_options": {"headers": headers}}
        return {**step["request"], "config": config}
    known = inspect.signature(method).parameters
    request = {name: _file_or(value) for name, value in step["request"].items()}
    fields = {name: value for name, value in request.items() if name in known}
    extra = {name: value for name, value in request.items() if name not in known}
    return {
        **fields,
        **({"extra_body": extra} if extra else {}),
        "extra_headers": headers,
    }


def _file_or(value: Any) -> Any:
    file = value.get("$file") if isinstance(value, dict) else None
    return (file["name"], file["text"].encode(), file["type"]) if file else value


def _runner_tools(step: dict[str, Any], make: Any, *, is_async: bool) -> list[Any]:
    return [_runner_tool(tool, make, is_async=is_async) for tool in step["tools"]]


def _runner_tool(tool: dict[str, Any], make: Any, *, is_async: bool) -> Any:
    def run(**arguments: Any) -> Any:
        return _tool_result(tool)

    async def run_async(**arguments: Any) -> Any:
        return _tool_result(tool)

    return make(
        run_async if is_async else run,
        name=tool["name"],
        description=tool["name"],
        input_schema=tool["parameters"],
    )


_of_boto3 = ("converse", "converse_stream", "invoke_model", "invoke_model_with_response_stream")


def _is_stream(step: dict[str, Any]) -> bool:
    return step["request"].get("stream", False) or step["call"].endswith(("_stream", ".results"))


def _scope(step: dict[str, Any]) -> spanhouse.Scope:
    return spanhouse.trace(**step["trace"]) if "trace" in step else spanhouse.span(**step["span"])


def _tool_result(tool: dict[str, Any]) -> Any:
    if "error" in tool:
        raise Exception(tool["error"])
    return tool.get("result")


class _Program:
    def __init__(self, client: Any) -> None:
        self._client = client

    def run(self, steps: Sequence[dict[str, Any]]) -> None:
        for step in steps:
            self._step(step)

    def _step(self, step: dict[str, Any]) -> None:
        if "call" in step:
            self._call(step)
        elif "trace" in step or "span" in step:
            with _scope(step):
                self.run(step["steps"])
        elif "tool" in step:
            self._tool(step["tool"], step.get("steps", ()))
        elif "retrieval" in step:
            retrieve = spanhouse.retrieval(lambda query: step["retrieval"]["documents"], name=step["retrieval"]["name"])
            retrieve(step["retrieval"]["query"])
        elif "score" in step:
            spanhouse.score(**step["score"])
        else:
            with ThreadPoolExecutor() as pool:
                list(spanhouse.carry_context(pool).map(self._step, step["together"]))

    def _call(self, step: dict[str, Any]) -> None:
        method = _method(self._client, step["call"])
        if "tools" in step:
            from anthropic import beta_tool

            tools = _runner_tools(step, beta_tool, is_async=False)
            method(**_options(method, step), tools=tools).until_done()
        elif "raises" in step:
            with pytest.raises(Exception) as caught:
                self._read(method(**_options(method, step)), step)
            assert type(caught.value).__name__ == step["raises"]
        else:
            self._read(method(**_options(method, step)), step)

    def _read(self, result: Any, step: dict[str, Any]) -> None:
        if _is_stream(step):
            # boto3 gives a stream as a member of its answer.
            stream = result.get("stream") or result.get("body") if isinstance(result, dict) else result
            for number, _ in enumerate(stream, 1):
                if number == step.get("read"):
                    break

    def _tool(self, tool: dict[str, Any], steps: Sequence[dict[str, Any]]) -> None:
        def work(arguments: Any) -> Any:
            self.run(steps)
            return _tool_result(tool)

        try:
            spanhouse.tool(work, name=tool["name"], call_id=tool.get("call_id"))(tool["arguments"])
        except Exception as error:
            assert str(error) == tool.get("error")


class _AsyncProgram:
    def __init__(self, client: Any) -> None:
        self._client = client

    async def run(self, steps: Sequence[dict[str, Any]]) -> None:
        for step in steps:
            await self._step(step)

    async def _step(self, step: dict[str, Any]) -> None:
        if "call" in step:
            await self._call(step)
        elif "trace" in step or "span" in step:
            async with _scope(step):
                await self.run(step["steps"])
        elif "tool" in step:
            await self._tool(step["tool"], step.get("steps", ()))
        elif "retrieval" in step:

            async def find(query: str) -> Any:
                return step["retrieval"]["documents"]

            await spanhouse.retrieval(find, name=step["retrieval"]["name"])(step["retrieval"]["query"])
        elif "score" in step:
            spanhouse.score(**step["score"])
        else:
            await asyncio.gather(*(self._step(one) for one in step["together"]))

    async def _call(self, step: dict[str, Any]) -> None:
        method = _method(self._client, step["call"])
        if "tools" in step:
            from anthropic import beta_async_tool

            tools = _runner_tools(step, beta_async_tool, is_async=True)
            await method(**_options(method, step), tools=tools).until_done()
        elif "raises" in step:
            with pytest.raises(Exception) as caught:
                await self._read(await method(**_options(method, step)), step)
            assert type(caught.value).__name__ == step["raises"]
        else:
            await self._read(await method(**_options(method, step)), step)

    async def _read(self, result: Any, step: dict[str, Any]) -> None:
        if _is_stream(step):
            number = 0
            async for _ in result:
                number += 1
                if number == step.get("read"):
                    break

    async def _tool(self, tool: dict[str, Any], steps: Sequence[dict[str, Any]]) -> None:
        async def work(arguments: Any) -> Any:
            await self.run(steps)
            return _tool_result(tool)

        try:
            await spanhouse.tool(work, name=tool["name"], call_id=tool.get("call_id"))(tool["arguments"])
        except Exception as error:
            assert str(error) == tool.get("error")
