import json
from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI
from spanhouse import carry_context, retrieval, span, tool, trace, wrap_openai
from spanhouse.replay import replay_id, replay_time

client = wrap_openai(OpenAI())


@retrieval("articles")
def find(query):
    return [{"id": "a-1", "content": f"about {query}"}]


@tool("as_json")
def as_json(value):
    """Text that reads as JSON: it must come back as text."""
    return json.dumps({"value": value})


def ask(content):
    answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": content}])
    return answer.choices[0].message.content


def work(number):
    with span("work"):
        article = find(f"topic {number}")[0]
        own = ask(f"Say something of {article['content']}, it is {replay_time()}, call it {replay_id()}.")
        stream = client.chat.completions.create(
            model="gpt-4o-mini", stream=True, messages=[{"role": "user", "content": f"Go on: {own}"}]
        )
        streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
        # All workers ask the same.
        shared = [ask("What is the weather?"), ask("What is the weather?")]
        return len(as_json({"streamed": streamed, "shared": shared}))


with trace("report", input={"workers": 6}) as root:
    with ThreadPoolExecutor(6) as pool:
        root.set_output(list(carry_context(pool).map(work, range(6))))
