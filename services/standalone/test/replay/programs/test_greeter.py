"""The greeter as a user's own pytest."""

import asyncio
import os

import pytest
from openai import AsyncOpenAI, OpenAI
from spanhouse import trace, wrap_openai
from spanhouse.replay import replaying

case = os.environ["GREETER_CASE"]


def greet(given, greeting):
    client = wrap_openai(OpenAI(api_key="none"))
    with trace("greet", input=given) as span:
        messages = [{"role": "user", "content": f"{greeting}, I am {given['name']}."}]
        answer = client.chat.completions.create(model="gpt-4o", messages=messages).choices[0].message.content
        span.set_output(answer)


async def greet_async(given):
    client = wrap_openai(AsyncOpenAI(api_key="none"))
    with trace("greet", input=given) as span:
        messages = [{"role": "user", "content": f"Hello, I am {given['name']}."}]
        answer = await client.chat.completions.create(model="gpt-4o", messages=messages)
        span.set_output(answer.choices[0].message.content)


def test_as_recorded():
    with replaying(case) as replay:
        greet(replay.input, "Hello")
    assert replay.report["result"] == "same", replay.report["text"]


def test_async():
    with replaying(case) as replay:
        asyncio.run(greet_async(replay.input))
    assert replay.report["result"] == "same", replay.report["text"]


def test_another_prompt():
    with pytest.raises(Exception, match="does not have"), replaying(case) as replay:
        greet(replay.input, "Good morning")
    assert replay.report["result"] == "failed"
    assert "+ Good morning, I am Ada." in replay.report["text"]


def test_nearest():
    with replaying(case, on_miss="nearest") as replay:
        greet(replay.input, "Good morning")
    assert [span["verdict"] for span in replay.report["spans"]] == ["same", "changed_prompt"]
